#include "plugin/engine/compressor_stage.h"

#include <algorithm>

namespace raphson::plugin {

using dsp::Line;

void CompressorStage::prepare(double sample_rate, int channels, const dsp::BlockSettings& model,
                              const dsp::GruWeights* network) {
  constexpr std::size_t highest = dsp::Oversampler::maximum_factor;
  sample_rate_ = sample_rate;
  const auto look_ahead =
      static_cast<std::size_t>(Timing::longest_look_ahead_ms * 0.001 * sample_rate + 1) * highest;
  channel_ = std::vector<Channel>(static_cast<std::size_t>(channels));
  for (Channel& channel : channel_) {
    channel.gain.assign(block_size * highest, 0.0);
    channel.high.assign(block_size * highest, 0.0);
    channel.high_sidechain.assign(block_size * highest, 0.0);
    channel.look_ahead.prepare(look_ahead, block_size * highest);
    channel.oversampler.prepare(block_size);
    channel.sidechain_oversampler.prepare(block_size);
  }
  detector_.prepare(channels, block_size * highest);
  network_.reset();
  if (network != nullptr) network_.emplace(*network, sample_rate, channels);
  dynamics_.reset();
  if (model.type == dsp::BlockType::dynamics) dynamics_.emplace(model.structure, channels);
  reset({});
}

void CompressorStage::start(const Timing& timing) {
  timing_ = timing;
  attack_ms_ = release_ms_ = 0; // unknown
  hears_sidechain_ = false;
  detector_.reset(rate());
  if (dynamics_) dynamics_->reset(rate());
  for (Channel& channel : channel_) channel.oversampler.reset();
  if (network_) network_->set_sample_rate(sample_rate_ * static_cast<double>(timing.oversampling));
}

void CompressorStage::reset(const Timing& timing) {
  start(timing);
  gain_state_.fill(1);
  for (Channel& channel : channel_) channel.look_ahead.reset();
  if (network_) network_->reset();
}

void CompressorStage::follow(const CompressorStage& other, const Timing& timing) {
  start(timing);
  gain_state_ = other.gain_state_;
  detector_.adopt(other.detector_);
  if (network_) network_->adopt(*other.network_);
  if (dynamics_) dynamics_->follow(*other.dynamics_, rate());
}

void CompressorStage::update(const CompressorValues& values) {
  if (dynamics_) return;
  if (values.attack_ms != attack_ms_)
    attack_ = dsp::coefficient_from_ms(attack_ms_ = values.attack_ms, rate());
  if (values.release_ms != release_ms_)
    release_ = dsp::coefficient_from_ms(release_ms_ = values.release_ms, rate());
}

void CompressorStage::process(double* const* audio, const double* const* sidechain, int channels,
                              std::size_t count, const CompressorValues& values, CompressorReading& reading) {
  update(values);
  if (timing_.oversampling == 1) return compress(audio, sidechain, channels, count, values, reading);
  compress_oversampled(audio, sidechain, channels, count, values, reading);
}

void CompressorStage::compress_oversampled(double* const* audio, const double* const* sidechain, int channels,
                                           std::size_t count, const CompressorValues& values,
                                           CompressorReading& reading) {
  const std::size_t factor = timing_.oversampling;
  const bool hears_sidechain = sidechain != nullptr && !values.external.always(0);
  std::array<double*, maximum_channels> high{};
  std::array<const double*, maximum_channels> high_sidechain{};
  for (int c = 0; c < channels; ++c) {
    const auto i = static_cast<std::size_t>(c);
    Channel& channel = channel_[i];
    channel.oversampler.up(factor, audio[c], count, high[i] = channel.high.data());
    if (!hears_sidechain) continue;
    if (!hears_sidechain_) channel.sidechain_oversampler.reset();
    if (c > 0 && sidechain[c] == sidechain[c - 1]) {
      high_sidechain[i] = high_sidechain[i - 1];
      continue;
    }
    channel.sidechain_oversampler.up(factor, sidechain[c], count, channel.high_sidechain.data());
    high_sidechain[i] = channel.high_sidechain.data();
  }
  hears_sidechain_ = hears_sidechain;

  const auto stretched = [&](Line line) { return line.stretched(static_cast<double>(factor)); };
  compress(high.data(), hears_sidechain ? high_sidechain.data() : nullptr, channels, factor * count,
           values.lines(stretched), reading);
  for (int c = 0; c < channels; ++c)
    channel_[static_cast<std::size_t>(c)].oversampler.down(factor, high[static_cast<std::size_t>(c)], count,
                                                           audio[c]);
}

namespace {

/// The gain of the audio, make-up included, from the smoothed gain: fades between g and 1 - g.
void fade_to_delta(double* gain, std::size_t count, Line makeup, Line delta) {
  for (std::size_t t = 0; t < count; ++t) {
    const double d = delta.at(static_cast<double>(t)), m = makeup.at(static_cast<double>(t));
    gain[t] = (1 - d) * m * gain[t] + d * (1 - gain[t]);
  }
}

} // namespace

void CompressorStage::gains(const double* const* audio, const double* const* sidechain, int channels,
                            std::size_t count, const CompressorValues& values, double* const* gain,
                            CompressorReading& reading) {
  if (dynamics_)
    return dynamics_->process(detector_, audio, sidechain, channels, count, values, gain, reading);
  const DetectorPath::Levels levels = detector_.process(audio, sidechain, channels, count, values);
  dsp::LinkedGainBlock block{.channels = channels,
                             .count = count,
                             .level = levels.level.data(),
                             .gain = gain,
                             .state = gain_state_.data(),
                             .level_is_power = levels.is_power,
                             .threshold = values.threshold,
                             .slope = values.slope,
                             .link = values.link,
                             .knee = values.knee,
                             .attack = attack_,
                             .release = release_};
  linked_gain_(block);
  reading.highest_octaves = std::max(reading.highest_octaves, block.highest_octaves);
}

void CompressorStage::compress(double* const* audio, const double* const* sidechain, int channels,
                               std::size_t count, const CompressorValues& values,
                               CompressorReading& reading) {
  std::array<double*, maximum_channels> gain{};
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) gain[c] = channel_[c].gain.data();
  gains(audio, sidechain, channels, count, values, gain.data(), reading);

  if (timing_.look_ahead > 0)
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
      channel_[c].look_ahead.write(audio[c], count);
      channel_[c].look_ahead.read(timing_.look_ahead * timing_.oversampling, audio[c], count);
    }
  if (network_) network_->process({channels, count, gain.data(), audio});
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
    if (values.delta.always(0)) {
      reading.lowest_gain =
          std::min(reading.lowest_gain, ops_.apply(audio[c], gain[c], count, values.makeup));
      continue;
    }
    reading.lowest_gain = std::min(reading.lowest_gain, *std::min_element(gain[c], gain[c] + count));
    fade_to_delta(gain[c], count, values.makeup, values.delta);
    ops_.apply(audio[c], gain[c], count, {1});
  }
}

} // namespace raphson::plugin
