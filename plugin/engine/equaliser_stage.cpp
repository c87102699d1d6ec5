#include "plugin/engine/equaliser_stage.h"

#include "dsp/filters/parametric_equaliser.h"

namespace raphson::plugin {

void EqualiserStage::prepare(double sample_rate) {
  sample_rate_ = sample_rate;
  reset();
}

void EqualiserStage::set(std::span<const double> values) {
  sections_ = dsp::ParametricEqualiser<double>::sections(values, sample_rate_);
}

void EqualiserStage::process(double* const* audio, int channels, std::size_t count, dsp::Line gain) {
  block_(audio, states_.data(), channels, count, sections_);
  if (gain.always(1)) return;
  for (int c = 0; c < channels; ++c) ops_.scale(audio[c], audio[c], count, gain);
}

} // namespace raphson::plugin
