#include "optim/data/fractional_delay.h"

#include "dsp/error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace raphson::optim::data {
namespace {

constexpr int half_width = fractional_delay_reach;
constexpr int taps = 2 * half_width + 1; // k = -48 .. 48; the window leaves 96 that are not zero
constexpr double kaiser_beta = 14;
constexpr std::int64_t tile = 256; // outputs computed together, in first-level cache

using Kernel = std::array<double, taps>; // kernel[i] weighs x[n - (i - half_width)]

double sinc(double x) { return x == 0 ? 1 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x); }

double kaiser(double x) {
  if (std::abs(x) >= 1) return 0;
  return std::cyl_bessel_i(0.0, kaiser_beta * std::sqrt(1 - x * x)) / std::cyl_bessel_i(0.0, kaiser_beta);
}

Kernel make_kernel(double fraction) {
  Kernel kernel;
  for (int i = 0; i < taps; ++i) {
    const double k = i - half_width - fraction;
    kernel[i] = sinc(k) * kaiser(k / half_width);
  }
  return kernel;
}

using Input = std::array<double, tile + taps>; // of a tile: x from half_width before it to half_width after

/// x[at, at + count), zero where there is none.
void gather(std::span<const float> x, std::int64_t at, std::int64_t count, double* out) {
  const auto size = static_cast<std::int64_t>(x.size());
  for (std::int64_t i = 0; i < count; ++i) out[i] = at + i >= 0 && at + i < size ? x[at + i] : 0.0f;
}

/// y[n] = sum_k h[k] x[n - k] for one tile; taps outside and outputs inside, so that it vectorises.
void filter_tile(const Input& input, const Kernel& kernel, std::span<float> y) {
  std::array<double, tile> sum{};
  for (int i = 0; i < taps; ++i) {
    const double weight = kernel[i];
    const double* in = input.data() + (taps - 1 - i);
    for (std::int64_t n = 0; n < tile; ++n) sum[n] += weight * in[n];
  }
  for (std::size_t n = 0; n < y.size(); ++n) y[n] = static_cast<float>(sum[n]);
}

std::span<float> tile_at(std::span<float> y, std::int64_t n) {
  return y.subspan(n, std::min<std::int64_t>(tile, static_cast<std::int64_t>(y.size()) - n));
}

void copy_shifted(std::span<const float> x, std::int64_t shift, std::span<float> y) {
  const auto size = static_cast<std::int64_t>(x.size());
  for (std::int64_t n = std::max<std::int64_t>(shift, 0); n < std::min(size, size + shift); ++n)
    y[n] = x[n - shift];
}

} // namespace

std::vector<float> fractional_delay(std::span<const float> x, double delay_samples) {
  if (!std::isfinite(delay_samples)) throw InputError("the delay in samples must be a finite number");
  std::vector<float> y(x.size());
  // Beyond the signal's length and the kernel's there is only silence.
  if (std::abs(delay_samples) > static_cast<double>(x.size()) + half_width) return y;
  const auto shift = static_cast<std::int64_t>(std::llround(delay_samples));
  const double fraction = delay_samples - static_cast<double>(shift);
  if (fraction == 0) {
    copy_shifted(x, shift, y);
    return y;
  }
  const Kernel kernel = make_kernel(fraction);
  Input input{};
  for (std::int64_t n = 0; n < static_cast<std::int64_t>(y.size()); n += tile) {
    gather(x, n - shift - half_width, input.size(), input.data());
    filter_tile(input, kernel, tile_at(y, n));
  }
  return y;
}

void delay_by_fraction(std::span<float> x, double fraction) {
  if (fraction == 0) return;
  const Kernel kernel = make_kernel(fraction);
  Input input{}; // silence before the signal
  for (std::int64_t n = 0; n < static_cast<std::int64_t>(x.size()); n += tile) {
    gather(x, n, tile + half_width, input.data() + half_width);
    filter_tile(input, kernel, tile_at(x, n));
    // What the next tile needs of this one, which lies overwritten now.
    std::copy_n(input.begin() + tile, half_width, input.begin());
  }
}

} // namespace raphson::optim::data
