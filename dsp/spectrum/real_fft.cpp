#include "dsp/spectrum/real_fft.h"

#include "dsp/error.h"

#include <cassert>
#include <string>
#include <vector>

#include <unsupported/Eigen/FFT>

namespace raphson::dsp {

struct RealFft::Plan {
  Eigen::FFT<double> fft;
  std::vector<std::complex<double>>
      bins; // of inverse(), which needs its input with a real first and last bin
};

RealFft::RealFft(std::size_t length) : length_(length), plan_(std::make_unique<Plan>()) {
  if (length < 2 || length > std::size_t{1} << 30)
    throw InputError("a Fourier transform of " + std::to_string(length) + " samples, 2 to 2^30 expected");
  plan_->fft.SetFlag(Eigen::FFT<double>::HalfSpectrum);
  plan_->bins.resize(bins());
}
RealFft::~RealFft() = default;
RealFft::RealFft(RealFft&&) noexcept = default;
RealFft& RealFft::operator=(RealFft&&) noexcept = default;

void RealFft::forward(std::span<const double> samples, std::span<std::complex<double>> bins_out) {
  assert(samples.size() == length_ && bins_out.size() == bins());
  plan_->fft.fwd(bins_out.data(), samples.data(), static_cast<Eigen::Index>(length_));
}

void RealFft::inverse(std::span<const std::complex<double>> bins_in, std::span<double> samples) {
  assert(samples.size() == length_ && bins_in.size() == bins());
  std::copy(bins_in.begin(), bins_in.end(), plan_->bins.begin());
  plan_->bins.front().imag(0);
  if (length_ % 2 == 0) plan_->bins.back().imag(0);
  plan_->fft.inv(samples.data(), plan_->bins.data(), static_cast<Eigen::Index>(length_));
}

} // namespace raphson::dsp
