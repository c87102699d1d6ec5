// The values of the controls and of the model on their way to their targets: 20 ms each, in steps of the
// grid. Targets given between two steps are taken up at the next.
#pragma once

#include "dsp/chain/chain.h"
#include "dsp/smoothing/ramp.h"
#include "plugin/engine/compressor_values.h"
#include "plugin/engine/controls.h"
#include "plugin/engine/timing.h"

#include <array>
#include <optional>
#include <span>
#include <vector>

namespace raphson::plugin {

class SmoothedValues {
public:
  explicit SmoothedValues(const dsp::ChainSettings& chain);

  void prepare(double sample_rate);
  /// The targets hold at the next step, at once.
  void reset();

  void aim(const Controls& controls, std::span<const double> values);

  /// Whether there is something to do at the next step of the grid.
  bool waiting() const { return waiting_ || moving_; }
  void step();

  /// Between the last step of the grid and the next.
  struct Lines {
    dsp::Line input_gain, output_gain, mix, bypass, delta;
    CompressorValues compressor;
    std::array<dsp::Line, 2> equaliser_gain; ///< in the chain's order
    Lines from(double t) const;
  };
  const Lines& lines() const { return lines_; }

  /// Of a block of the chain, after the last step, and whether it moved them.
  std::span<const double> of_block(std::size_t block) const { return now(blocks_[block]); }
  bool moved(std::size_t block) const { return blocks_[block].moved; }

  /// At the targets: given last, and taken up last.
  Timing timing_given() const { return timing(controls_, targets_); }
  Timing timing() const { return timing(taken_controls_, taken_); }

private:
  struct Block {
    dsp::BlockType type;
    std::size_t from, size; ///< among the chain's values
    bool moved = false;
  };
  std::span<const double> now(const Block& block) const {
    return std::span<const double>(now_).subspan(block.from, block.size);
  }
  const Block* compressor() const { return compressor_ ? &blocks_[*compressor_] : nullptr; }
  Timing timing(const Controls& controls, std::span<const double> values) const;
  void take_up();
  void update_lines();
  void update_compressor();
  void update_dynamics();
  double makeup_db() const;

  std::vector<const dsp::Parameter*> parameters_;
  dsp::ChainSettings chain_; ///< the blocks and their structure
  std::vector<Block> blocks_;
  std::optional<std::size_t> compressor_; ///< among the blocks: the one that compresses
  double sample_rate_ = 48000;
  int steps_ = 1;

  Controls controls_, taken_controls_;  ///< given last, taken up last
  std::vector<double> targets_, taken_; ///< the same
  bool waiting_ = true, fresh_ = true, moving_ = false;

  std::vector<dsp::Ramp> model_;
  dsp::Ramp input_gain_db_, output_gain_db_, mix_, bypass_, delta_, link_, external_, highpass_, makeup_db_;
  dsp::Ramp highpass_hz_{20, dsp::Scale::logarithmic};
  std::vector<double> now_; ///< of the model, after the last step
  Lines lines_{};
};

} // namespace raphson::plugin
