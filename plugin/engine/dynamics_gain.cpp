#include "plugin/engine/dynamics_gain.h"

#include <algorithm>
#include <cmath>

namespace raphson::plugin {
namespace {

dsp::Dynamics<double> initial(const dsp::DynamicsStructure& structure) {
  std::array<double, DynamicsGain::value_count> values{};
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = dsp::dynamics_parameters[i].initial;
  return {structure, std::span<const double>(values), 48000};
}

} // namespace

DynamicsGain::DynamicsGain(const dsp::DynamicsStructure& structure, int channels)
    : channel_(static_cast<std::size_t>(channels), initial(structure)) {
  static_assert(maximum_channels <= dsp::Dynamics<double>::maximum_channels);
}

void DynamicsGain::reset(double sample_rate) {
  sample_rate_ = sample_rate;
  known_ = false;
  for (auto& channel : channel_) channel.reset();
}

void DynamicsGain::follow(const DynamicsGain& other, double sample_rate) {
  reset(sample_rate);
  for (std::size_t c = 0; c < channel_.size(); ++c)
    channel_[c].adopt(other.channel_[c], sample_rate / other.sample_rate_);
}

void DynamicsGain::update(const CompressorValues& values) {
  if (known_ && std::equal(values_.begin(), values_.end(), values.dynamics.begin())) return;
  std::copy_n(values.dynamics.begin(), values_.size(), values_.begin());
  for (auto& channel : channel_) channel.set(values_, sample_rate_);
  known_ = true;
}

void DynamicsGain::process(DetectorPath& detector, const double* const* audio, const double* const* sidechain,
                           int channels, std::size_t count, const CompressorValues& values,
                           double* const* gain, CompressorReading& reading) {
  update(values);
  const bool is_back = channel_[0].structure().topology == dsp::Topology::feedback;
  const double highest = is_back ? back(detector, audio, sidechain, channels, count, values, gain)
                                 : forward(detector, audio, sidechain, channels, count, values, gain);
  const double octaves = std::log2(std::max(highest, 1e-30)) * (channel_[0].detects_power() ? 0.5 : 1.0);
  reading.highest_octaves = std::max(reading.highest_octaves, octaves);
}

double DynamicsGain::forward(DetectorPath& detector, const double* const* audio,
                             const double* const* sidechain, int channels, std::size_t count,
                             const CompressorValues& values, double* const* gain) {
  const DetectorPath::Levels heard = detector.process(audio, sidechain, channels, count, values);
  double highest = 0;
  std::array<dsp::Dynamics<double>*, maximum_channels> each{};
  for (int c = 0; c < channels; ++c) {
    const auto i = static_cast<std::size_t>(c);
    each[i] = &channel_[i];
    channel_[i].detect(heard.level[i], gain[i], count);
    for (std::size_t t = 0; t < count; ++t) highest = gain[i][t] > highest ? gain[i][t] : highest;
  }
  if (channels > 1 && !values.link.always(0))
    passes_.link(gain, channels, count, values.link, channel_[0].detects_power());
  dsp::Dynamics<double>::gain_of(each.data(), channels, gain, count);
  return highest;
}

double DynamicsGain::back(DetectorPath& detector, const double* const* audio, const double* const* sidechain,
                          int channels, std::size_t count, const CompressorValues& values,
                          double* const* gain) {
  detector.update(values);
  const auto many = static_cast<std::size_t>(channels);
  const bool links = channels > 1 && !values.link.always(0);
  std::array<double, maximum_channels> detected{}, heard{};
  double highest = 0;
  for (std::size_t t = 0; t < count; ++t) {
    for (std::size_t c = 0; c < many; ++c) {
      heard[c] = detector.heard(static_cast<int>(c), channel_[c].heard(audio[c][t]),
                                sidechain ? sidechain[c] : nullptr, t, values);
      detected[c] = channel_[c].detect(heard[c]);
      highest = std::max(highest, detected[c]);
    }
    if (links) link(detected, channels, values.link.at(static_cast<double>(t)));
    for (std::size_t c = 0; c < many; ++c) gain[c][t] = channel_[c].gain_of(detected[c]);
  }
  for (std::size_t c = 0; c < many; ++c) channel_[c].remember(heard[c]);
  return highest;
}

/// As the passes' link.
void DynamicsGain::link(std::array<double, maximum_channels>& detected, int channels, double amount) const {
  const double lowest =
      channel_[0].detects_power() ? dsp::lowest_level * dsp::lowest_level : dsp::lowest_level;
  const auto end = detected.begin() + channels;
  const double loudest = std::max(lowest, *std::max_element(detected.begin(), end));
  for (auto d = detected.begin(); d != end; ++d)
    *d = amount == 1 ? loudest
                     : dsp::math::exp2((1 - amount) * dsp::math::log2(std::max(*d, lowest))
                                       + amount * dsp::math::log2(loudest));
}

} // namespace raphson::plugin
