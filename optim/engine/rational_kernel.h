// The impulse response of a rational transfer function without its states.
//
//   H(z) = h0 + (b1 z^-1 + ... + bn z^-n) / (1 + a1 z^-1 + ... + an z^-n)
//   A = rfft([1, a, 0 ...], M),  B = rfft([0, b, 0 ...], M),  k = irfft(B / A + h0, M)[0 ... L - 1]
//
// with M the length L rounded up to even: O(L log L), whatever n. R. Parnichkun, S. Massaroli, A. Moro et
// al., "State-free inference of state-space models: the transfer function approach", ICML 2024, section 3.
//
// Sampling at M roots of unity folds the infinite response, so that the b that is learned this way is the
// numerator of the system cut off after M samples: with the companion matrix A_c of a,
//   k_t = b (I - A_c^M)^-1 A_c^(t-1) e1,  k_0 = h0 + k_M,
// and a recursion must run on b_rec, b = b_rec (I - A_c^M), and on the direct gain k_0. to_recursion() reads
// both off the kernel, never off a power of A_c, which overflows where poles lie outside the circle.
#pragma once

#include "dsp/filters/rational.h"
#include "optim/engine/fourier.h"

#include <span>
#include <vector>

namespace raphson::optim {

struct RationalCoefficients {
  double h0 = 0;
  std::vector<double> a = {}, b = {}; ///< a1 ... an, b1 ... bn
};

/// M.
constexpr std::size_t kernel_transform_length(std::size_t length) { return length + length % 2; }

/// What the way back needs of a kernel, of M/2 + 1 bins each.
struct RationalSpectra {
  std::span<Complex> inverse, ratio; ///< 1/A and B/A
};

/// k = the kernel; not finite where A vanishes at one of the M frequencies. n < k.size(), a and b of one
/// size.
void rational_kernel(double h0, std::span<const double> a, std::span<const double> b, RationalSpectra spectra,
                     std::span<double> k);

/// Adds to the adjoints of h0, a and b (each may be left out) what the kernel's adjoint makes of them. Three
/// transforms, and nothing of n x L.
void rational_kernel_adjoint(std::span<const double> k_bar, RationalSpectra spectra, double* h0_bar,
                             std::span<double> a_bar, std::span<double> b_bar);

/// The same in one call. Throws InputError where a and b differ in size, are empty or not shorter than the
/// kernel, or where a pole lies on the circle at one of the M frequencies.
std::vector<double> rational_kernel(const RationalCoefficients& c, std::size_t length);

/// The recursion whose response begins with the kernel.
dsp::RationalPolynomials<double> to_recursion(const RationalCoefficients& c, std::size_t length);

/// The coefficients whose kernel of this length is the recursion's response. Throws as rational_kernel does.
RationalCoefficients from_recursion(const dsp::RationalPolynomials<double>& recursion, std::size_t length);

struct StableRational {
  RationalCoefficients coefficients = {};
  double error = 0;      ///< |k - k before| / |k before|
  std::size_t moved = 0; ///< poles
};

/// Poles on or outside the circle are reflected, p -> 1 / conj(p), and held below a radius of 0.9999; b and
/// h0 are solved for anew by least squares against the kernel. Where none moves the coefficients are as they
/// were.
StableRational stabilised(const RationalCoefficients& c, std::size_t length);

/// a / (|a|_1 + |s| + 1e-6): all poles within the circle by Rouche's theorem. Most audio filters cannot be
/// written so: a resonance at 100 Hz has an a1 near -2.
std::vector<double> l1_stable(std::span<const double> a, double s);

} // namespace raphson::optim
