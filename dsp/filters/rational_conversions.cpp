#include "dsp/filters/rational_conversions.h"

#include "dsp/error.h"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

namespace raphson::dsp {
namespace {

using Complex = std::complex<double>;
using Polynomial = std::vector<double>;

Polynomial times(const Polynomial& x, const Polynomial& y) {
  Polynomial product(x.size() + y.size() - 1);
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t k = 0; k < y.size(); ++k) product[i + k] += x[i] * y[k];
  return product;
}

/// The product of all denominators but one's.
Polynomial others(const std::vector<RationalSection<double>>& sections, std::size_t left_out) {
  Polynomial product{1};
  for (std::size_t i = 0; i < sections.size(); ++i)
    if (i != left_out) product = times(product, {1, sections[i].p, sections[i].q});
  return product;
}

Complex delay(double frequency_hz, double sample_rate) {
  return std::polar(1.0, -2 * std::numbers::pi * frequency_hz / sample_rate);
}

/// z^2 + p z + q with these two roots.
RationalSection<double> section_of(Complex x, Complex y) { return {-(x + y).real(), (x * y).real(), 0, 0}; }

/// Those above the axis with their conjugates, then the real ones in twos.
std::vector<RationalSection<double>> pair_up(const std::vector<Complex>& all) {
  std::vector<RationalSection<double>> sections;
  std::vector<double> real;
  for (const Complex& pole : all) {
    if (pole.imag() > 0) sections.push_back(section_of(pole, std::conj(pole)));
    if (pole.imag() == 0) real.push_back(pole.real());
  }
  std::sort(real.begin(), real.end());
  for (std::size_t i = 0; i + 1 < real.size(); i += 2) sections.push_back(section_of(real[i], real[i + 1]));
  return sections;
}

Complex moved(Complex pole, double power) {
  const double radius = std::pow(std::abs(pole), power);
  if (pole.imag() == 0) return std::copysign(radius, pole.real());
  return std::polar(radius, std::min(std::arg(pole) * power, 0.98 * std::numbers::pi));
}

void fit_numerators(RationalSections<double>& to, double new_rate, const RationalSections<double>& from,
                    double old_rate) {
  constexpr Eigen::Index points = 600;
  const auto unknowns = static_cast<Eigen::Index>(2 * to.sections.size() + 1);
  const double lowest = 20, highest = 0.45 * std::min(old_rate, new_rate);
  Eigen::MatrixXd system(2 * points, unknowns);
  Eigen::VectorXd target(2 * points);
  for (Eigen::Index k = 0; k < points; ++k) {
    const double hz = lowest * std::pow(highest / lowest, static_cast<double>(k) / (points - 1));
    const Complex h = response(from, hz, old_rate), z = delay(hz, new_rate);
    const double weight = 1 / std::max(std::abs(h), 1e-6);
    const auto set = [&](Eigen::Index column, Complex value) {
      system(2 * k, column) = weight * value.real();
      system(2 * k + 1, column) = weight * value.imag();
    };
    set(0, 1);
    for (std::size_t j = 0; j < to.sections.size(); ++j) {
      const auto column = static_cast<Eigen::Index>(1 + 2 * j);
      const Complex first = z / (1.0 + z * (to.sections[j].p + z * to.sections[j].q));
      set(column, first);
      set(column + 1, first * z);
    }
    target(2 * k) = weight * h.real();
    target(2 * k + 1) = weight * h.imag();
  }
  const Eigen::VectorXd scale = system.colwise().norm().cwiseMax(1e-300).cwiseInverse();
  system = system * scale.asDiagonal();
  const Eigen::VectorXd c = scale.cwiseProduct(system.colPivHouseholderQr().solve(target));
  to.h0 = c[0];
  for (std::size_t j = 0; j < to.sections.size(); ++j) {
    to.sections[j].beta1 = c[static_cast<Eigen::Index>(1 + 2 * j)];
    to.sections[j].beta2 = c[static_cast<Eigen::Index>(2 + 2 * j)];
  }
}

} // namespace

RationalPolynomials<double> to_polynomials(const RationalSections<double>& filter) {
  const auto& sections = filter.sections;
  const Polynomial all = others(sections, sections.size());
  RationalPolynomials<double> result{filter.h0, Polynomial(all.begin() + 1, all.end()),
                                     Polynomial(all.size() - 1)};
  for (std::size_t j = 0; j < sections.size(); ++j) {
    const Polynomial part = times({sections[j].beta1, sections[j].beta2}, others(sections, j));
    for (std::size_t i = 0; i < part.size(); ++i) result.b[i] += part[i];
  }
  return result;
}

RationalSections<double> to_sections(const RationalPolynomials<double>& filter) {
  const std::size_t n = filter.a.size();
  if (n == 0 || n % 2 != 0 || filter.b.size() != n)
    throw InputError("sections of second order need an even order and as many numerator as denominator "
                     "coefficients, not "
                     + std::to_string(n) + " and " + std::to_string(filter.b.size()));
  RationalSections<double> result{filter.gain, pair_up(poles(filter.a))};
  const auto order = static_cast<Eigen::Index>(n);
  Eigen::MatrixXd system = Eigen::MatrixXd::Zero(order, order);
  for (std::size_t j = 0; j < result.sections.size(); ++j) {
    const Polynomial rest = others(result.sections, j);
    for (std::size_t i = 0; i < rest.size(); ++i)
      for (std::size_t k = 0; k < 2; ++k)
        system(static_cast<Eigen::Index>(i + k), static_cast<Eigen::Index>(2 * j + k)) = rest[i];
  }
  const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(system);
  const Eigen::VectorXd beta = qr.solve(Eigen::Map<const Eigen::VectorXd>(filter.b.data(), order));
  if (qr.rank() < order || !beta.allFinite())
    throw InputError("poles of the transfer function coincide: sections of second order in parallel cannot "
                     "stand for it");
  for (std::size_t j = 0; j < result.sections.size(); ++j) {
    result.sections[j].beta1 = beta[static_cast<Eigen::Index>(2 * j)];
    result.sections[j].beta2 = beta[static_cast<Eigen::Index>(2 * j + 1)];
  }
  return result;
}

std::vector<Complex> poles(std::span<const double> a) {
  const auto n = static_cast<Eigen::Index>(a.size());
  if (n == 0) return {};
  Eigen::MatrixXd companion = Eigen::MatrixXd::Zero(n, n);
  for (Eigen::Index i = 0; i < n; ++i) companion(0, i) = -a[static_cast<std::size_t>(i)];
  companion.diagonal(-1).setOnes();
  const Eigen::VectorXcd values = companion.eigenvalues();
  return {values.begin(), values.end()};
}

std::vector<Complex> poles(const RationalSections<double>& filter) {
  std::vector<Complex> all;
  for (const auto& s : filter.sections) {
    const Complex root = std::sqrt(Complex(s.p * s.p / 4 - s.q));
    all.push_back(-s.p / 2 + root);
    all.push_back(-s.p / 2 - root);
  }
  return all;
}

std::vector<double> polynomial(std::span<const Complex> roots) {
  std::vector<Complex> product{1};
  for (const Complex& root : roots) {
    product.push_back(0);
    for (std::size_t i = product.size() - 1; i > 0; --i) product[i] -= root * product[i - 1];
  }
  std::vector<double> real;
  for (const Complex& c : product) real.push_back(c.real());
  return real;
}

bool is_stable(const RationalSections<double>& filter) {
  return std::all_of(filter.sections.begin(), filter.sections.end(),
                     [](const auto& s) { return std::abs(s.q) < 1 && std::abs(s.p) < 1 + s.q; });
}

Complex response(const RationalSections<double>& filter, double frequency_hz, double sample_rate) {
  const Complex z = delay(frequency_hz, sample_rate);
  Complex h = filter.h0;
  for (const auto& s : filter.sections) h += z * (s.beta1 + z * s.beta2) / (1.0 + z * (s.p + z * s.q));
  return h;
}

Complex response(const RationalPolynomials<double>& filter, double frequency_hz, double sample_rate) {
  const Complex z = delay(frequency_hz, sample_rate);
  Complex numerator = 0, denominator = 0;
  for (std::size_t i = filter.a.size(); i-- > 0;) {
    numerator = z * (filter.b[i] + numerator);
    denominator = z * (filter.a[i] + denominator);
  }
  return filter.gain + numerator / (1.0 + denominator);
}

RationalSections<double> at_rate(const RationalSections<double>& filter, double old_rate, double new_rate) {
  if (!(old_rate > 0 && new_rate > 0))
    throw InputError("a filter from " + std::to_string(old_rate) + " Hz to " + std::to_string(new_rate)
                     + " Hz: rates above 0 expected");
  if (old_rate == new_rate) return filter;
  RationalSections<double> result;
  const std::vector<Complex> all = poles(filter);
  for (std::size_t j = 0; j < all.size(); j += 2) {
    const Complex first = moved(all[j], old_rate / new_rate);
    const Complex second = all[j].imag() != 0 ? std::conj(first) : moved(all[j + 1], old_rate / new_rate);
    result.sections.push_back(section_of(first, second));
  }
  fit_numerators(result, new_rate, filter, old_rate);
  return result;
}

} // namespace raphson::dsp
