#include "optim/capture/mark.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace raphson::optim::capture {
namespace {

constexpr double sync_fade = 0.005, bit_fade = 0.002; // seconds
constexpr int checksum_bits = 8;

std::uint32_t crc8(std::uint32_t payload) {
  std::uint32_t rest = 0;
  for (int bit = mark_bits - checksum_bits - 1; bit >= 0; --bit) {
    const std::uint32_t out = ((rest >> 7) ^ (payload >> bit)) & 1;
    rest = ((rest << 1) ^ (out ? 0x07u : 0u)) & 0xFFu;
  }
  return rest ^ 0x55u; // so that no code of all zeros is a good one
}

double fade(double t, double duration, double length) {
  const double edge = std::min(t, duration - t);
  if (edge <= 0) return 0;
  return edge >= length ? 1 : 0.5 - 0.5 * std::cos(std::numbers::pi * edge / length);
}

double chirp(double t, double duration, double from, double to, double length, double phase) {
  const double turns = t * (from + 0.5 * (to - from) * t / duration);
  return fade(t, duration, length) * std::sin(2 * std::numbers::pi * turns + phase);
}

} // namespace

std::uint32_t encode(MarkCode code) {
  const std::uint32_t payload = (code.number << 6) | code.plan;
  return (payload << checksum_bits) | crc8(payload);
}

std::optional<MarkCode> decode(std::uint32_t bits) {
  const std::uint32_t payload = bits >> checksum_bits;
  if (crc8(payload) != (bits & 0xFFu)) return {};
  return MarkCode{payload >> 6, payload & 0x3Fu};
}

MarkSound::MarkSound(double sample_rate) : low_(1000), high_(std::min(9000.0, 0.4 * sample_rate)) {}

double MarkSound::sync(double t) const { return chirp(t, sync_seconds, low_, high_, sync_fade, 0); }

double MarkSound::bit(bool up, double t) const {
  return chirp(t, bit_seconds, up ? low_ : high_, up ? high_ : low_, bit_fade, 0);
}

double MarkSound::bit_quadrature(bool up, double t) const {
  return chirp(t, bit_seconds, up ? low_ : high_, up ? high_ : low_, bit_fade, std::numbers::pi / 2);
}

double MarkSound::operator()(std::uint32_t bits, double t) const {
  if (t < sync_seconds) return sync(t);
  const auto index = static_cast<int>((t - sync_seconds) / bit_seconds);
  if (index >= mark_bits) return 0;
  return bit((bits >> (mark_bits - 1 - index)) & 1, t - sync_seconds - index * bit_seconds);
}

std::vector<double> mark_samples(MarkCode code, double sample_rate, double stretch, std::size_t padding) {
  const MarkSound sound(sample_rate);
  const std::uint32_t bits = encode(code);
  const auto length = static_cast<std::size_t>(std::ceil(MarkSound::seconds * sample_rate * stretch));
  std::vector<double> samples(length + 2 * padding);
  for (std::size_t i = 0; i < length; ++i)
    samples[padding + i] = sound(bits, static_cast<double>(i) / (sample_rate * stretch));
  return samples;
}

} // namespace raphson::optim::capture
