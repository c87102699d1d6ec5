// Chains: blocks in series. The settings (which blocks, which values) are data that model files hold;
// Chain<S> is the same chain ready to run on a scalar: double to render, Jet to fit.
#pragma once

#include "dsp/chain/parameter.h"
#include "dsp/dynamics/compressor.h"
#include "dsp/dynamics/corrected_compressor.h"
#include "dsp/dynamics/dynamics.h"
#include "dsp/dynamics/dynamics_features.h"
#include "dsp/dynamics/static_curve.h"
#include "dsp/filters/parametric_equaliser.h"
#include "dsp/filters/rational_stage.h"
#include "dsp/nonlinear/saturation.h"

#include <array>
#include <concepts>
#include <span>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

namespace raphson::dsp {

/// gru_makeup corrects the gain of the compressor right before it (dynamics/gru_gain.h). It has weights and
/// no parameters: sizes, values and names of a chain do not count it.
enum class BlockType { compressor, dynamics, saturation, equaliser, gru_makeup, rational };
inline constexpr std::array all_block_types{BlockType::compressor, BlockType::dynamics,
                                            BlockType::saturation, BlockType::equaliser,
                                            BlockType::gru_makeup, BlockType::rational};

/// "compressor", "dynamics", "saturation", "eq", "gru", "rational".
const char* to_string(BlockType type);
std::span<const Parameter> parameters(BlockType type);

/// Whether a block turns down what is loud: of these a chain has one at most, and their parameters go by
/// their bare names.
constexpr bool compresses(BlockType type) {
  return type == BlockType::compressor || type == BlockType::dynamics;
}

struct BlockSettings {
  BlockType type;
  std::vector<double> values;       ///< one for each of parameters(type)
  DynamicsStructure structure = {}; ///< of dynamics
  GruWeights gru = {};              ///< of a gru_makeup
  double fitted_rate = 0;           ///< of a rational: the sample rate its values are for; 0: any they run at
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
  /// Its name with the block's in front unless that compresses: "ratio", "eq.peak1_hz", "eq2.peak1_hz".
  std::string name(std::size_t index) const;

  /// The block that compresses, or null; and where its values begin among values().
  const BlockSettings* compressor() const;
  BlockSettings* compressor();
  std::size_t first_value(const BlockSettings& block) const;
};

/// What a block that compresses makes of a level that stays.
StaticCurve static_curve(const BlockSettings& block);
StaticCurve static_curve(const BlockSettings& block, std::span<const double> values); ///< at other values

/// The blocks of a description such as "compressor", "eq+compressor+eq" or
/// "dynamics[gain-db,feedback,knee,memory]+saturation", at their initial values: block types in series, those
/// of a dynamics block with what differs from its default structure (dynamics_structure.h) and the features
/// it has (dynamics_features.h), which begin at their "on" values. One compressor or dynamics, one
/// saturation, one rational and two equalisers at most. Throws InputError for anything else.
ChainSettings parse_chain(const std::string& text);
std::string to_string(const ChainSettings& chain);

/// Why a chain of these blocks cannot be, or "": more of a kind than parse_chain takes.
std::string chain_fault(const ChainSettings& chain);

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
      const auto part = values.subspan(from, block.values.size());
      add(block, part, sample_rate);
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
  using Block = std::variant<Compressor<S>, Dynamics<S>, Saturation<S>, ParametricEqualiser<S>,
                             RationalStage<S>, Corrected>;

  void add(const BlockSettings& block, std::span<const S> values, double sample_rate) {
    switch (block.type) {
    case BlockType::compressor:
      blocks_.emplace_back(std::in_place_type<Compressor<S>>, values, sample_rate);
      break;
    case BlockType::dynamics:
      blocks_.emplace_back(std::in_place_type<Dynamics<S>>, block.structure, values, sample_rate);
      break;
    case BlockType::saturation:
      blocks_.emplace_back(std::in_place_type<Saturation<S>>, values, sample_rate);
      break;
    case BlockType::equaliser:
      blocks_.emplace_back(std::in_place_type<ParametricEqualiser<S>>, values, sample_rate);
      break;
    case BlockType::rational:
      blocks_.emplace_back(std::in_place_type<RationalStage<S>>, values, sample_rate, block.fitted_rate);
      break;
    case BlockType::gru_makeup:
      correct(block.gru, sample_rate);
      break;
    }
  }

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
    if (auto* dynamics = std::get_if<Dynamics<S>>(&block)) action(*dynamics);
    if (auto* saturation = std::get_if<Saturation<S>>(&block)) action(*saturation);
    if (auto* equaliser = std::get_if<ParametricEqualiser<S>>(&block)) action(*equaliser);
    if (auto* rational = std::get_if<RationalStage<S>>(&block)) action(*rational);
    if (auto* corrected = std::get_if<Corrected>(&block)) action(*corrected);
  }

  std::vector<Block> blocks_;
};

} // namespace raphson::dsp
