#include "plugin/engine/compressor_pair.h"

#include <algorithm>

namespace raphson::plugin {

using dsp::Line;

void CompressorPair::prepare(double sample_rate, int channels, const dsp::BlockSettings& model,
                             const dsp::GruWeights* network) {
  sample_rate_ = sample_rate;
  for (CompressorStage& stage : stage_) stage.prepare(sample_rate, channels, model, network);
  copy_.assign(static_cast<std::size_t>(channels), std::vector<double>(block_size));
  fade_ = static_cast<std::size_t>(grid_steps(10, sample_rate)) * grid;
  reset({});
}

void CompressorPair::reset(const Timing& timing) {
  heard_->reset(timing);
  changing_ = false;
}

void CompressorPair::aim(const Timing& timing) {
  if (changing_ || timing == heard_->timing()) return;
  next_->follow(*heard_, timing);
  changing_ = true;
  elapsed_ = 0;
  // Its filters and delays are full after the latency; the fade's length on top for what settles slower.
  unheard_ = (timing.latency() + grid - 1) / grid * grid + fade_;
}

CompressorPair::Latency CompressorPair::latency() const {
  const std::size_t now = heard_->timing().latency();
  if (!changing_) return {now, now, {0}};
  Line weight{0};
  if (elapsed_ >= unheard_)
    weight = {static_cast<double>(elapsed_ - unheard_ + 1) / static_cast<double>(fade_),
              1 / static_cast<double>(fade_)};
  return {now, next_->timing().latency(), weight};
}

void CompressorPair::process(double* const* audio, const double* const* sidechain, int channels,
                             std::size_t count, const CompressorValues& values, CompressorReading& reading) {
  if (!changing_) return heard_->process(audio, sidechain, channels, count, values, reading);

  std::array<double*, maximum_channels> copy{};
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c)
    std::copy_n(audio[c], count, copy[c] = copy_[c].data());
  const Line weight = latency().weight;
  CompressorReading unread;
  next_->process(copy.data(), sidechain, channels, count, values, unread);
  heard_->process(audio, sidechain, channels, count, values, reading);
  if (!weight.always(0))
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c)
      for (std::size_t t = 0; t < count; ++t)
        audio[c][t] += weight.at(static_cast<double>(t)) * (copy[c][t] - audio[c][t]);

  elapsed_ += count;
  if (elapsed_ < unheard_ + fade_) return;
  std::swap(heard_, next_);
  changing_ = false;
}

} // namespace raphson::plugin
