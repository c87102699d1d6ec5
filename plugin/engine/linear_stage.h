// The rational block, an arbitrary linear stage, on all channels.
#pragma once

#include "dsp/filters/rational_stage.h"
#include "plugin/engine/limits.h"

#include <cstddef>
#include <span>
#include <vector>

namespace raphson::plugin {

class LinearStage {
public:
  /// Silence behind, at this rate from now on, of values fitted at fitted_rate (0: at any); set() has to
  /// follow.
  void prepare(double sample_rate, double fitted_rate);
  void reset();

  /// Values as in dsp::rational_parameters.
  void set(std::span<const double> values);

  /// In place, on up to maximum_channels.
  void process(double* const* audio, int channels, std::size_t count);

private:
  double sample_rate_ = 0, fitted_rate_ = 0;
  std::vector<dsp::RationalStage<double>> channel_;
};

} // namespace raphson::plugin
