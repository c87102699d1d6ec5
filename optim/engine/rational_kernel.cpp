#include "optim/engine/rational_kernel.h"

#include "dsp/error.h"
#include "dsp/filters/rational_conversions.h"
#include "optim/engine/types.h"

#include <Eigen/QR>

#include <algorithm>
#include <cmath>
#include <string>

namespace raphson::optim {
namespace {

using Polynomials = dsp::RationalPolynomials<double>;

constexpr double largest_radius = 0.9999;

void check(std::size_t a, std::size_t b, std::size_t length) {
  if (a != b)
    throw InputError("a transfer function of " + std::to_string(a) + " coefficients a and "
                     + std::to_string(b) + " b: as many of both expected");
  if (a == 0 || a >= length)
    throw InputError("a transfer function of order " + std::to_string(a) + " for a kernel of "
                     + std::to_string(length) + " samples: an order from 1 to below the length expected");
}

/// The transform of [first, tail, 0 ...].
void transform(double first, std::span<const double> tail, std::vector<double>& padded,
               std::span<Complex> bins) {
  std::fill(padded.begin(), padded.end(), 0.0);
  padded[0] = first;
  std::copy(tail.begin(), tail.end(), padded.begin() + 1);
  forward_transform(padded, bins);
}

void add_first(std::span<const Complex> bins, std::vector<double>& samples, double sign,
               std::span<double> to) {
  inverse_transform(bins, samples);
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += sign * samples[i + 1];
}

} // namespace

void rational_kernel(double h0, std::span<const double> a, std::span<const double> b, RationalSpectra spectra,
                     std::span<double> k) {
  const std::size_t length = kernel_transform_length(k.size());
  std::vector<double> samples(length);
  transform(1, a, samples, spectra.inverse);
  transform(0, b, samples, spectra.ratio);
  for (std::size_t i = 0; i < spectra.inverse.size(); ++i) {
    spectra.inverse[i] = 1.0 / spectra.inverse[i];
    spectra.ratio[i] *= spectra.inverse[i];
  }
  inverse_transform(spectra.ratio, samples);
  samples[0] += h0;
  std::copy_n(samples.begin(), k.size(), k.begin());
}

void rational_kernel_adjoint(std::span<const double> k_bar, RationalSpectra spectra, double* h0_bar,
                             std::span<double> a_bar, std::span<double> b_bar) {
  if (h0_bar) *h0_bar += k_bar[0];
  if (a_bar.empty() && b_bar.empty()) return;
  std::vector<double> samples(k_bar.begin(), k_bar.end());
  samples.resize(kernel_transform_length(k_bar.size()));
  std::vector<Complex> bins(samples.size() / 2 + 1);
  forward_transform(samples, bins);
  for (std::size_t i = 0; i < bins.size(); ++i) bins[i] *= std::conj(spectra.inverse[i]);
  if (!b_bar.empty()) add_first(bins, samples, 1, b_bar);
  if (a_bar.empty()) return;
  for (std::size_t i = 0; i < bins.size(); ++i) bins[i] *= std::conj(spectra.ratio[i]);
  add_first(bins, samples, -1, a_bar);
}

std::vector<double> rational_kernel(const RationalCoefficients& c, std::size_t length) {
  check(c.a.size(), c.b.size(), length);
  const std::size_t padded = kernel_transform_length(length), bins = padded / 2 + 1;
  std::vector<Complex> inverse(bins), ratio(bins);
  std::vector<double> k(length);
  rational_kernel(c.h0, c.a, c.b, {inverse, ratio}, k);
  double size = 1;
  for (const double a : c.a) size += std::abs(a);
  for (std::size_t i = 0; i < bins; ++i)
    if (!(std::abs(inverse[i]) * size < 1e13))
      throw InputError("a pole of the transfer function lies on the unit circle at " + std::to_string(i) + "/"
                       + std::to_string(padded)
                       + " of the sample rate, one of the frequencies at which a kernel of "
                       + std::to_string(length) + " samples divides by it; another length does not");
  return k;
}

Polynomials to_recursion(const RationalCoefficients& c, std::size_t length) {
  const std::vector<double> k = rational_kernel(c, length);
  Polynomials result{k[0], c.a, std::vector<double>(c.a.size())};
  for (std::size_t i = 1; i <= c.a.size(); ++i) {
    double numerator = k[i];
    for (std::size_t j = 1; j < i; ++j) numerator += c.a[j - 1] * k[i - j];
    result.b[i - 1] = numerator; // c_i - k_0 a_i: the term of k_0 cancels
  }
  return result;
}

RationalCoefficients from_recursion(const Polynomials& recursion, std::size_t length) {
  check(recursion.a.size(), recursion.b.size(), length);
  const std::size_t padded = kernel_transform_length(length), n = recursion.a.size();
  dsp::RationalRecursion<double> run(recursion);
  std::vector<double> k(padded + 1);
  k[0] = 1;
  run.process(k);
  k[0] = k[padded];
  RationalCoefficients result{recursion.gain - k[padded], recursion.a, std::vector<double>(n)};
  for (std::size_t i = 1; i <= n; ++i) {
    double sum = k[i];
    for (std::size_t j = 1; j <= n; ++j) sum += recursion.a[j - 1] * k[i >= j ? i - j : i + padded - j];
    result.b[i - 1] = sum;
  }
  return result;
}

StableRational stabilised(const RationalCoefficients& c, std::size_t length) {
  const std::vector<double> before = rational_kernel(c, length);
  StableRational result{c, 0, 0};
  std::vector<Complex> poles = dsp::poles(c.a);
  for (Complex& pole : poles) {
    const double radius = std::abs(pole);
    if (radius < 1) continue; // what is stable stays, be it between 0.9999 and 1
    pole *= std::min(1 / radius, largest_radius) / radius;
    ++result.moved;
  }
  if (result.moved == 0) return result;

  const std::vector<double> a = dsp::polynomial(poles);
  Polynomials recursion{0, {}, std::vector<double>(c.a.size())};
  for (std::size_t i = 1; i < a.size(); ++i) recursion.a.push_back(a[i]);
  const auto rows = static_cast<Eigen::Index>(length), n = static_cast<Eigen::Index>(c.a.size());
  // Of the inner values v of an impulse: y = gain u + sum b_i v[-i].
  recursion.b[0] = 1;
  dsp::RationalRecursion<double> inner(recursion);
  Vector v(rows + 1);
  for (Eigen::Index t = 0; t <= rows; ++t)
    v[t] = inner(t == 0 ? 1.0 : 0.0); // v[t] is the inner value at t - 1
  Matrix columns = Matrix::Zero(rows, n + 1);
  columns(0, 0) = 1;
  for (Eigen::Index i = 1; i <= n; ++i) columns.col(i).tail(rows - i) = v.segment(1, rows - i);
  const Vector scale = columns.colwise().norm().cwiseInverse();
  const Eigen::Map<const Vector> target(before.data(), rows);
  const Matrix scaled = columns * scale.asDiagonal();
  const Vector solution = scale.cwiseProduct(scaled.colPivHouseholderQr().solve(target));
  recursion.gain = solution[0];
  for (Eigen::Index i = 1; i <= n; ++i) recursion.b[static_cast<std::size_t>(i - 1)] = solution[i];
  result.coefficients = from_recursion(recursion, length);
  result.error = (columns * solution - target).norm() / target.norm();
  return result;
}

std::vector<double> l1_stable(std::span<const double> a, double s) {
  double norm = std::abs(s) + 1e-6;
  for (const double value : a) norm += std::abs(value);
  std::vector<double> result(a.begin(), a.end());
  for (double& value : result) value /= norm;
  return result;
}

} // namespace raphson::optim
