#include "plugin/engine/engine_switch.h"

#include "plugin/engine/limits.h"

#include <algorithm>
#include <array>
#include <type_traits>

namespace raphson::plugin {

EngineSwitch::~EngineSwitch() {
  collect();
  for (SwitchedEngine* engine : {waiting_.load(), playing_, entering_, leaving_}) delete engine;
}

/// Those that play or will, the audio stopped.
template <class Action> void EngineSwitch::each(Action action) {
  if (entering_ != nullptr) finish_fade();
  for (SwitchedEngine* engine : {waiting_.load(), playing_})
    if (engine != nullptr) action(engine->engine);
}

void EngineSwitch::prepare(double sample_rate, int channels) {
  sample_rate_ = held_rate(sample_rate);
  channels_ = std::clamp(channels, 1, maximum_channels);
  fade_ = static_cast<int>(0.010 * sample_rate_);
  float_scratch_.assign(static_cast<std::size_t>(channels_) * block_size, 0.0f);
  double_scratch_.assign(static_cast<std::size_t>(channels_) * block_size, 0.0);
  each([this](Engine& engine) { engine.prepare(sample_rate_, channels_); });
}

void EngineSwitch::reset() noexcept {
  each([](Engine& engine) { engine.reset(); });
}

void EngineSwitch::submit(std::unique_ptr<SwitchedEngine> next) {
  collect();
  if (sample_rate_ > 0) next->engine.prepare(sample_rate_, channels_);
  delete waiting_.exchange(next.release(), std::memory_order_acq_rel);
}

void EngineSwitch::collect() { delete returned_.exchange(nullptr, std::memory_order_acquire); }

void EngineSwitch::take_next() noexcept {
  hand_back();
  if (entering_ != nullptr || leaving_ != nullptr) return;
  SwitchedEngine* const next = waiting_.exchange(nullptr, std::memory_order_acq_rel);
  if (playing_ == nullptr)
    playing_ = next;
  else
    entering_ = next;
  elapsed_ = 0;
}

/// There is room for one on the way back; until it is taken there, the next has to wait.
void EngineSwitch::hand_back() noexcept {
  SwitchedEngine* none = nullptr;
  if (leaving_ != nullptr && returned_.compare_exchange_strong(none, leaving_, std::memory_order_release))
    leaving_ = nullptr;
}

void EngineSwitch::finish_fade() noexcept {
  leaving_ = playing_;
  playing_ = entering_;
  entering_ = nullptr;
  hand_back();
}

void EngineSwitch::forward_meters() noexcept {
  MeterFrame frame;
  while (playing_->engine.meters().pop(frame)) meters_.push(frame);
  if (entering_ != nullptr)
    while (entering_->engine.meters().pop(frame)) {
    }
}

template <class Sample> std::vector<Sample>& EngineSwitch::scratch() noexcept {
  if constexpr (std::is_same_v<Sample, float>)
    return float_scratch_;
  else
    return double_scratch_;
}

template <class Sample>
void EngineSwitch::process(Sample* const* audio, int channels, int samples, const Sample* const* sidechain,
                           int sidechain_channels) noexcept {
  take_next();
  if (playing_ == nullptr) return;
  playing_->update();
  if (entering_ == nullptr) {
    playing_->engine.process(audio, channels, samples, sidechain, sidechain_channels);
  } else {
    entering_->update();
    unheard_ = entering_->engine.latency_samples() + 5 * fade_;
    crossfade(audio, channels, samples, sidechain, sidechain_channels);
  }
  forward_meters();
}

template <class Sample>
void EngineSwitch::crossfade(Sample* const* audio, int channels, int samples, const Sample* const* sidechain,
                             int sidechain_channels) noexcept {
  const auto played = static_cast<std::size_t>(std::clamp(channels, 0, channels_));
  const auto heard = static_cast<std::size_t>(std::clamp(sidechain_channels, 0, maximum_channels));
  std::array<Sample*, maximum_channels> now{}, next{};
  std::array<const Sample*, maximum_channels> side{};
  for (int from = 0, count = 0; from < samples; from += count) {
    count = std::min(samples - from, static_cast<int>(block_size));
    for (std::size_t c = 0; c < played; ++c) {
      now[c] = audio[c] + from;
      std::copy_n(now[c], count, next[c] = scratch<Sample>().data() + c * block_size);
    }
    for (std::size_t c = 0; sidechain != nullptr && c < heard; ++c) side[c] = sidechain[c] + from;
    const auto* const side_of_block = sidechain != nullptr ? side.data() : nullptr;
    playing_->engine.process(now.data(), static_cast<int>(played), count, side_of_block,
                             static_cast<int>(heard));
    entering_->engine.process(next.data(), static_cast<int>(played), count, side_of_block,
                              static_cast<int>(heard));
    for (std::size_t c = 0; c < played; ++c)
      for (int t = 0; t < count; ++t) {
        const double done = static_cast<double>(elapsed_ + t - unheard_ + 1) / fade_;
        const auto weight = static_cast<Sample>(std::clamp(done, 0.0, 1.0));
        now[c][t] = (1 - weight) * now[c][t] + weight * next[c][t];
      }
    elapsed_ += count;
  }
  if (elapsed_ >= unheard_ + fade_) finish_fade();
}

template void EngineSwitch::process(float* const*, int, int, const float* const*, int) noexcept;
template void EngineSwitch::process(double* const*, int, int, const double* const*, int) noexcept;

} // namespace raphson::plugin
