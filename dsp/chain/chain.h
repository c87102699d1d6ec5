// Chains: blocks in series. The settings (which blocks, which values) are data that model files hold;
// Chain<S> is the same chain ready to run on a scalar: double to render, Jet to fit.
#pragma once

#include "dsp/chain/parameter.h"
#include "dsp/dynamics/compressor.h"
#include "dsp/filters/parametric_equaliser.h"

#include <span>
#include <string>
#include <variant>
#include <vector>

namespace raphson::dsp {

enum class BlockType { compressor, equaliser };

/// "compressor", "eq".
const char* to_string(BlockType type);
std::span<const Parameter> parameters(BlockType type);

struct BlockSettings {
  BlockType type;
  std::vector<double> values; ///< one for each of parameters(type)
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

template <class S> class Chain {
public:
  Chain(const ChainSettings& settings, std::span<const S> values, double sample_rate) {
    std::size_t from = 0;
    for (const BlockSettings& block : settings.blocks) {
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
  using Block = std::variant<Compressor<S>, ParametricEqualiser<S>>;

  /// Not std::visit: its exception would be code that every instruction set's copy of a chain shares
  /// (dsp/simd/isa.h).
  template <class Action> static void visit(Block& block, Action action) {
    if (auto* compressor = std::get_if<Compressor<S>>(&block)) action(*compressor);
    if (auto* equaliser = std::get_if<ParametricEqualiser<S>>(&block)) action(*equaliser);
  }

  std::vector<Block> blocks_;
};

} // namespace raphson::dsp
