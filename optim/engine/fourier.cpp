#include "optim/engine/fourier.h"

#include "dsp/spectrum/real_fft.h"

#include <algorithm>
#include <map>
#include <vector>

namespace raphson::optim {
namespace {

thread_local std::uint64_t points = 0;

dsp::RealFft& plan(std::size_t length) {
  thread_local std::map<std::size_t, dsp::RealFft> plans;
  points += length;
  auto found = plans.find(length);
  if (found == plans.end()) {
    if (plans.size() >= 32) plans.clear(); // a program that goes through many lengths keeps the last ones
    found = plans.emplace(length, dsp::RealFft(length)).first;
  }
  return found->second;
}

} // namespace

void forward_transform(std::span<const double> samples, std::span<Complex> bins) {
  plan(samples.size()).forward(samples, bins);
}

void inverse_transform(std::span<const Complex> bins, std::span<double> samples) {
  plan(samples.size()).inverse(bins, samples);
}

std::uint64_t transformed_points() { return points; }

std::size_t fast_transform_length(std::size_t at_least) {
  std::size_t length = std::max<std::size_t>(2, at_least + at_least % 2);
  const auto is_fast = [](std::size_t n) {
    for (const std::size_t factor : {2, 3, 5})
      while (n % factor == 0) n /= factor;
    return n == 1;
  };
  while (!is_fast(length)) length += 2;
  return length;
}

void causal_convolution(std::span<const double> u, std::span<const double> k, std::span<double> out) {
  const std::size_t length = fast_transform_length(u.size() + k.size());
  std::vector<double> padded(length);
  std::vector<Complex> spectrum(length / 2 + 1), other(length / 2 + 1);
  std::copy(u.begin(), u.end(), padded.begin());
  forward_transform(padded, spectrum);
  std::fill(padded.begin(), padded.end(), 0.0);
  std::copy(k.begin(), k.end(), padded.begin());
  forward_transform(padded, other);
  for (std::size_t i = 0; i < spectrum.size(); ++i) spectrum[i] *= other[i];
  inverse_transform(spectrum, padded);
  const std::size_t common = std::min(out.size(), length);
  std::copy_n(padded.begin(), common, out.begin());
  std::fill(out.begin() + static_cast<std::ptrdiff_t>(common), out.end(), 0.0);
}

} // namespace raphson::optim
