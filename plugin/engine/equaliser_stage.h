// One equaliser on all channels. Its gain is kept apart from its filters: it moves with every sample, they
// with the steps of the grid.
#pragma once

#include "dsp/filters/parametric_equaliser.h"
#include "plugin/engine/sample_io.h"

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace raphson::plugin {

class EqualiserStage {
public:
  /// Values as in dsp::equaliser_parameters. Allocates.
  void prepare(double sample_rate, int channels, std::span<const double> values);
  void reset();
  void set(std::span<const double> values);

  /// In place.
  void process(double* const* audio, int channels, std::size_t count, dsp::Line gain);

private:
  static constexpr std::size_t gain_index = 10;

  double sample_rate_ = 0;
  std::vector<dsp::ParametricEqualiser<double>> filters_;
  const GainOps& ops_ = gain_ops();
};

} // namespace raphson::plugin
