#include "plugin/learn/audition.h"

#include "optim/data/resample.h"

#include <algorithm>

namespace raphson::plugin {
namespace {

std::vector<std::vector<float>> at_rate(const std::vector<std::vector<float>>& channels, double from,
                                        double to) {
  if (from == to) return channels;
  return optim::data::resample({from, channels}, to).channels;
}

} // namespace

void Audition::load(const Excerpt& excerpt) {
  excerpt_ = excerpt;
  auto clip = std::make_unique<Clip>();
  if (sample_rate_ > 0 && is_loaded()) {
    const auto sources = {&excerpt_.dry, &excerpt_.wet, &excerpt_.clone, &excerpt_.difference};
    std::transform(sources.begin(), sources.end(), clip->channels.begin(), [&](const auto* channels) {
      return at_rate(*channels, excerpt_.sample_rate, sample_rate_);
    });
    clip->frames = clip->channels[0][0].size();
  }
  hand_over(std::move(clip));
}

void Audition::hand_over(std::unique_ptr<Clip> next) {
  current_.store(next.get());
  clips_.push_back(std::move(next));
  // One that the audio thread still reads goes with a later call. It says so in in_use_ before it looks at
  // current_ again, so what is neither can no longer be read.
  const Clip* const in_use = in_use_.load();
  std::erase_if(clips_, [&](const auto& clip) { return clip.get() != in_use && clip != clips_.back(); });
}

void Audition::prepare(double sample_rate) {
  step_ = 1 / (0.01 * sample_rate); // 10 ms from one source to another
  if (sample_rate == sample_rate_) return;
  sample_rate_ = sample_rate;
  if (is_loaded()) load(Excerpt(excerpt_));
}

template <class Sample> void Audition::process(Sample* const* audio, int channels, int samples) noexcept {
  auto source = static_cast<std::size_t>(source_.load(std::memory_order_relaxed));
  if (source == 0 && weight_[0] == 1) return;
  const Clip* clip = current_.load();
  in_use_.store(clip);
  if (current_.load() != clip || (clip && clip->frames == 0)) clip = nullptr; // it may be gone, for this once
  if (!clip) source = 0;
  if (clip != last_) position_ = 0;
  last_ = clip;

  for (int n = 0; n < samples; ++n) {
    for (std::size_t s = 0; s < weight_.size(); ++s)
      weight_[s] = s == source ? std::min(weight_[s] + step_, 1.0) : std::max(weight_[s] - step_, 0.0);
    for (int c = 0; c < channels; ++c) {
      double sum = weight_[0] * audio[c][n];
      for (std::size_t s = 1; clip && s < weight_.size(); ++s) {
        const auto& source_channels = clip->channels[s - 1];
        sum +=
            weight_[s]
            * source_channels[std::min(static_cast<std::size_t>(c), source_channels.size() - 1)][position_];
      }
      audio[c][n] = static_cast<Sample>(sum);
    }
    if (clip) position_ = (position_ + 1) % clip->frames;
  }
  in_use_.store(nullptr);
}

template void Audition::process(float* const*, int, int) noexcept;
template void Audition::process(double* const*, int, int) noexcept;

} // namespace raphson::plugin
