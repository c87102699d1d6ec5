// One equaliser on all channels. Its gain is kept apart from its filters: it moves with every sample, they
// with the steps of the grid.
#pragma once

#include "dsp/filters/equaliser_block.h"
#include "plugin/engine/limits.h"
#include "plugin/engine/sample_io.h"

#include <array>
#include <cstddef>
#include <span>

namespace raphson::plugin {

class EqualiserStage {
public:
  /// Silence behind, at this rate from now on; set() has to follow.
  void prepare(double sample_rate);
  void reset() { states_ = {}; }

  /// Values as in dsp::equaliser_parameters, the gain not used.
  void set(std::span<const double> values);

  /// In place, on up to maximum_channels.
  void process(double* const* audio, int channels, std::size_t count, dsp::Line gain);

private:
  double sample_rate_ = 0;
  dsp::EqualiserSections sections_{};
  std::array<dsp::EqualiserState, maximum_channels> states_{};
  dsp::EqualiserBlock block_ = dsp::equaliser_block();
  const GainOps& ops_ = gain_ops();
};

} // namespace raphson::plugin
