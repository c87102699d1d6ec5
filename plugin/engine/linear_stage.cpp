#include "plugin/engine/linear_stage.h"

namespace raphson::plugin {

void LinearStage::prepare(double sample_rate, double fitted_rate) {
  sample_rate_ = sample_rate;
  fitted_rate_ = fitted_rate;
  std::vector<double> values;
  for (const dsp::Parameter& parameter : dsp::rational_parameters) values.push_back(parameter.initial);
  channel_.assign(maximum_channels, dsp::RationalStage<double>(std::span<const double>(values), sample_rate));
}

void LinearStage::reset() {
  for (auto& channel : channel_) channel.reset();
}

void LinearStage::set(std::span<const double> values) {
  if (channel_.empty()) return;
  channel_[0].set(values, sample_rate_, fitted_rate_);
  for (std::size_t c = 1; c < channel_.size(); ++c) channel_[c].take_coefficients(channel_[0]);
}

void LinearStage::process(double* const* audio, int channels, std::size_t count) {
  for (int c = 0; c < channels; ++c)
    channel_[static_cast<std::size_t>(c)].process(std::span(audio[c], count));
}

} // namespace raphson::plugin
