#include "plugin/engine/equaliser_stage.h"

#include <algorithm>

namespace raphson::plugin {
namespace {

using Values = std::array<double, dsp::equaliser_parameters.size()>;

Values without_gain(std::span<const double> values, std::size_t gain_index) {
  Values v;
  std::copy_n(values.begin(), v.size(), v.begin());
  v[gain_index] = 0;
  return v;
}

} // namespace

void EqualiserStage::prepare(double sample_rate, int channels, std::span<const double> values) {
  sample_rate_ = sample_rate;
  const Values v = without_gain(values, gain_index);
  filters_.assign(static_cast<std::size_t>(channels),
                  dsp::ParametricEqualiser<double>(std::span<const double>(v), sample_rate));
}

void EqualiserStage::reset() {
  for (auto& filter : filters_) filter.reset();
}

void EqualiserStage::set(std::span<const double> values) {
  const Values v = without_gain(values, gain_index);
  for (auto& filter : filters_) filter.set(std::span<const double>(v), sample_rate_);
}

void EqualiserStage::process(double* const* audio, int channels, std::size_t count, dsp::Line gain) {
  for (int c = 0; c < channels; ++c) {
    filters_[static_cast<std::size_t>(c)].process({audio[c], count});
    if (!gain.always(1)) ops_.scale(audio[c], audio[c], count, gain);
  }
}

} // namespace raphson::plugin
