// Chains: blocks in series. The settings (which blocks, which values) are data that model files hold;
// Chain<S> is the same chain ready to run on a scalar: double to render, Jet to fit.
#pragma once

#include "dsp/chain/parameter.h"
#include "dsp/dynamics/compressor.h"
#include "dsp/dynamics/corrected_compressor.h"
#include "dsp/filters/parametric_equaliser.h"

#include <concepts>
#include <span>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

namespace raphson::dsp {

/// gru_makeup corrects the gain of the compressor right before it (dynamics/gru_gain.h). It has weights and
/// no parameters: sizes, values and names of a chain do not count it.
enum class BlockType { compressor, equaliser, gru_makeup };

/// "compressor", "eq", "gru".
const char* to_string(BlockType type);
std::span<const Parameter> parameters(BlockType type);

struct BlockSettings {
  BlockType type;
  std::vector<double> values; ///< one for each of parameters(type)
  GruWeights gru = {};        ///< of a gru_makeup
};

struct ChainSettings {
  std::vector<BlockSettings> blocks;

  std::size_t size() const; ///< parameters of all blocks
  std::vector<double> values() const;
  void set_values(std::span<const double> values);

  /// Position of a parameter among values() by its name: "ratio", or "eq.peak1_hz" with its block's.
  /// Throws InputError for a name that no block has.
  std::size_t index(const std::string& name) const;
  const Parameter& parameter(std::size_t index) const;
  /// Its name with the block's in front unless the block is the compressor: "ratio", "eq.peak1_hz".
  std::string name(std::size_t index) const;
};

/// The blocks of "compressor", "eq", "compressor+eq", "eq+compressor", at their initial values.
/// Throws InputError for anything else.
ChainSettings parse_chain(const std::string& text);
std::string to_string(const ChainSettings& chain);

/// The network that corrects the chain's compressor, or null.
const GruWeights* correction(const ChainSettings& chain);
/// Throws InputError where a network does not follow a compressor.
void check_corrections(const ChainSettings& chain);

/// A network plays on double alone: on other scalars, which fits are made with, it is left out.
template <class S> class Chain {
public:
  Chain(const ChainSettings& settings, std::span<const S> values, double sample_rate) {
    if constexpr (plays_networks) check_corrections(settings);
    std::size_t from = 0;
    for (const BlockSettings& block : settings.blocks) {
      if (block.type == BlockType::gru_makeup) {
        correct(block.gru, sample_rate);
        continue;
      }
      const auto part = values.subspan(from, block.values.size());
      if (block.type == BlockType::compressor)
        blocks_.emplace_back(std::in_place_type<Compressor<S>>, part, sample_rate);
      else
        blocks_.emplace_back(std::in_place_type<ParametricEqualiser<S>>, part, sample_rate);
      from += block.values.size();
    }
  }

  void reset() {
    for (Block& block : blocks_) visit(block, [](auto& b) { b.reset(); });
  }

  /// In place; the type of each block is looked up once a call.
  void process(std::span<S> audio) {
    for (Block& block : blocks_) visit(block, [&](auto& b) { b.process(audio); });
  }

private:
  static constexpr bool plays_networks = std::same_as<S, double>;
  struct Nothing {
    void reset() {}
    void process(std::span<S>) {}
  };
  using Corrected = std::conditional_t<plays_networks, CorrectedCompressor, Nothing>;
  using Block = std::variant<Compressor<S>, ParametricEqualiser<S>, Corrected>;

  void correct(const GruWeights& weights, double sample_rate) {
    if constexpr (plays_networks) {
      auto* compressor = std::get_if<Compressor<S>>(&blocks_.back());
      blocks_.back() = CorrectedCompressor(std::move(*compressor), weights, sample_rate);
    }
  }

  /// Not std::visit: its exception would be code that every instruction set's copy of a chain shares
  /// (dsp/simd/isa.h).
  template <class Action> static void visit(Block& block, Action action) {
    if (auto* compressor = std::get_if<Compressor<S>>(&block)) action(*compressor);
    if (auto* equaliser = std::get_if<ParametricEqualiser<S>>(&block)) action(*equaliser);
    if (auto* corrected = std::get_if<Corrected>(&block)) action(*corrected);
  }

  std::vector<Block> blocks_;
};

} // namespace raphson::dsp
