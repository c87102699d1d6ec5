// The values of the controls and of the model on their way to their targets: 20 ms each, in steps of the
// grid. Targets given between two steps are taken up at the next.
#pragma once

#include "dsp/chain/chain.h"
#include "dsp/smoothing/ramp.h"
#include "plugin/engine/compressor_values.h"
#include "plugin/engine/controls.h"
#include "plugin/engine/timing.h"

#include <array>
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
    dsp::Line equaliser_gain;
    Lines from(double t) const;
  };
  const Lines& lines() const { return lines_; }

  /// Of the equaliser, after the last step, and whether it moved them.
  std::span<const double> equaliser() const { return equaliser_values_; }
  bool equaliser_moved() const { return equaliser_moved_; }

  /// At the targets: given last, and taken up last.
  Timing timing_given() const { return timing(controls_, targets_); }
  Timing timing() const { return timing(taken_controls_, taken_); }

private:
  struct Range {
    std::size_t from = 0, size = 0; ///< among the chain's values; 0 where there is no such block
  };
  Timing timing(const Controls& controls, std::span<const double> values) const;
  void take_up();
  void update_lines();
  void update_compressor();
  double makeup_db() const;

  std::vector<const dsp::Parameter*> parameters_;
  Range compressor_, equaliser_;
  double sample_rate_ = 48000;
  int steps_ = 1;

  Controls controls_, taken_controls_;  ///< given last, taken up last
  std::vector<double> targets_, taken_; ///< the same
  bool waiting_ = true, fresh_ = true, moving_ = false, equaliser_moved_ = false;

  std::vector<dsp::Ramp> model_;
  dsp::Ramp input_gain_db_, output_gain_db_, mix_, bypass_, delta_, link_, external_, highpass_, makeup_db_;
  dsp::Ramp highpass_hz_{20, dsp::Scale::logarithmic};
  std::vector<double> equaliser_values_;
  Lines lines_{};
};

} // namespace raphson::plugin
