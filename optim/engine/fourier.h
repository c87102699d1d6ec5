// Real Fourier transforms by plans that each thread keeps, and what they have cost: transforms of tensors,
// where many of one length follow each other. The definition is that of dsp/spectrum/real_fft.h.
#pragma once

#include <complex>
#include <cstddef>
#include <cstdint>
#include <span>

namespace raphson::optim {

using Complex = std::complex<double>;

/// samples.size() / 2 + 1 bins. Throws InputError as RealFft does.
void forward_transform(std::span<const double> samples, std::span<Complex> bins);
/// Back, with 1/n.
void inverse_transform(std::span<const Complex> bins, std::span<double> samples);

/// The lengths of all transforms of this thread so far, summed up.
std::uint64_t transformed_points();

/// The smallest even 2^a 3^b 5^c that is no smaller.
std::size_t fast_transform_length(std::size_t at_least);

/// The first `out.size()` samples of the causal convolution sum_s k[s] u[t - s], zero padded, so that nothing
/// wraps around.
void causal_convolution(std::span<const double> u, std::span<const double> k, std::span<double> out);

} // namespace raphson::optim
