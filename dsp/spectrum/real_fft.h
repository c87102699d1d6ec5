// The discrete Fourier transform of a real signal of any length n from 2 on, in double:
//   X[k] = sum_t x[t] exp(-2 pi i k t / n),  k = 0 ... n/2,
// the other half being conj(X[n - k]). By Eigen's FFT (kissfft), in O(n log n) for n of small prime factors
// and slower with large ones. Nothing is allocated after the first transform. One object serves one thread.
#pragma once

#include <complex>
#include <cstddef>
#include <memory>
#include <span>

namespace raphson::dsp {

class RealFft {
public:
  /// Throws InputError for lengths below 2 and beyond 2^30.
  explicit RealFft(std::size_t length);
  ~RealFft();
  RealFft(RealFft&&) noexcept;
  RealFft& operator=(RealFft&&) noexcept;

  std::size_t length() const { return length_; }
  std::size_t bins() const { return length_ / 2 + 1; }

  /// length() samples into bins() bins.
  void forward(std::span<const double> samples, std::span<std::complex<double>> bins);

  /// Back, with 1/n: inverse(forward(x)) = x. The imaginary parts of bin 0 and, for even n, of the last are
  /// not read.
  void inverse(std::span<const std::complex<double>> bins, std::span<double> samples);

private:
  struct Plan;
  std::size_t length_;
  std::unique_ptr<Plan> plan_;
};

} // namespace raphson::dsp
