#include "dsp/measure/loudness_dynamic_range.h"

#include "dsp/error.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace raphson::dsp {
namespace {

constexpr double fast_seconds = 0.05;
constexpr double slow_seconds = 3;
constexpr double power_floor = 1e-16;

double coefficient(double sample_rate, double seconds) { return -std::expm1(-1 / (sample_rate * seconds)); }

} // namespace

LoudnessDynamicRange::LoudnessDynamicRange(double sample_rate, std::size_t channels)
    : pole_(std::pow(0.995, 44100 / sample_rate)), fast_(coefficient(sample_rate, fast_seconds)),
      slow_(coefficient(sample_rate, slow_seconds)), dc_blocks_(channels) {
  if (!(sample_rate > 0) || channels == 0)
    throw InputError("a loudness dynamic range needs a sample rate above 0 and at least one channel");
}

void LoudnessDynamicRange::add_interleaved(std::span<const float> block) {
  const std::size_t channels = dc_blocks_.size();
  for (std::size_t at = 0; at + channels <= block.size(); at += channels) {
    double power = 0;
    for (std::size_t c = 0; c < channels; ++c) {
      const double x = static_cast<double>(block[at + c]);
      DcBlock& dc = dc_blocks_[c];
      dc.output = x - dc.input + pole_ * dc.output;
      dc.input = x;
      power += dc.output * dc.output;
    }
    power = std::max(power, power_floor);
    fast_power_ += fast_ * (power - fast_power_);
    slow_power_ += slow_ * (power - slow_power_);
    const double db = 10 * std::log10(fast_power_ / slow_power_);
    sum_ += db * db;
    ++frames_;
  }
}

double LoudnessDynamicRange::value_db() const {
  return frames_ == 0 ? 0 : std::sqrt(sum_ / static_cast<double>(frames_));
}

double loudness_dynamic_range_db(std::span<const float> signal, double sample_rate) {
  LoudnessDynamicRange range(sample_rate, 1);
  range.add_interleaved(signal);
  return range.value_db();
}

} // namespace raphson::dsp
