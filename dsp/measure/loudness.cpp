#include "dsp/measure/loudness.h"

#include "dsp/error.h"

#include <algorithm>
#include <cmath>
#include <ebur128.h>
#include <limits>
#include <new>
#include <string>
#include <vector>

namespace raphson::dsp {

struct LoudnessMeter::State {
  ebur128_state* handle;

  State(unsigned channels, unsigned long sample_rate)
      : handle(ebur128_init(channels, sample_rate, EBUR128_MODE_I | EBUR128_MODE_LRA)) {
    if (handle == nullptr) throw std::bad_alloc();
  }
  ~State() { ebur128_destroy(&handle); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

LoudnessMeter::~LoudnessMeter() = default;
LoudnessMeter::LoudnessMeter(LoudnessMeter&&) noexcept = default;
LoudnessMeter& LoudnessMeter::operator=(LoudnessMeter&&) noexcept = default;

LoudnessMeter::LoudnessMeter(double sample_rate, std::size_t channels) {
  if (!(sample_rate >= 16 && sample_rate <= 2822400) || std::round(sample_rate) != sample_rate)
    throw InputError("loudness needs a sample rate of 16 to 2822400 whole Hz, not "
                     + std::to_string(sample_rate));
  if (channels < 1 || channels > 64)
    throw InputError("loudness needs 1 to 64 channels, not " + std::to_string(channels));
  state_ = std::make_unique<State>(static_cast<unsigned>(channels), static_cast<unsigned long>(sample_rate));
}

void LoudnessMeter::add_interleaved(std::span<const float> block) {
  ebur128_state* handle = state_->handle;
  if (ebur128_add_frames_float(handle, block.data(), block.size() / handle->channels) != EBUR128_SUCCESS)
    throw std::bad_alloc();
}

void LoudnessMeter::add_planar(std::span<const float* const> channels, std::size_t frames) {
  constexpr std::size_t block_frames = 4096;
  std::vector<float> block(std::min(frames, block_frames) * channels.size());
  for (std::size_t done = 0; done < frames; done += block_frames) {
    const std::size_t count = std::min(block_frames, frames - done);
    for (std::size_t c = 0; c < channels.size(); ++c)
      for (std::size_t i = 0; i < count; ++i) block[i * channels.size() + c] = channels[c][done + i];
    add_interleaved(std::span(block).first(count * channels.size()));
  }
}

double LoudnessMeter::integrated_lufs() const {
  double lufs = 0;
  const bool ok = ebur128_loudness_global(state_->handle, &lufs) == EBUR128_SUCCESS;
  return ok ? lufs : -std::numeric_limits<double>::infinity();
}

double LoudnessMeter::range_lu() const {
  double lu = 0;
  return ebur128_loudness_range(state_->handle, &lu) == EBUR128_SUCCESS ? lu : 0;
}

double integrated_lufs(std::span<const float> signal, double sample_rate) {
  LoudnessMeter meter(sample_rate, 1);
  meter.add_interleaved(signal);
  return meter.integrated_lufs();
}

} // namespace raphson::dsp
