#include "dsp/filters/rational_conversions.h"

#include "dsp/error.h"

#include <Eigen/Dense>

#include <algorithm>
#include <array>
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

using Sections = std::span<RationalSection<double>>;

Complex response_of(double h0, std::span<const RationalSection<double>> sections, double frequency_hz,
                    double sample_rate) {
  const Complex z = delay(frequency_hz, sample_rate);
  Complex h = h0;
  for (const auto& s : sections) h += z * (s.beta1 + z * s.beta2) / (1.0 + z * (s.p + z * s.q));
  return h;
}

/// The same poles at another rate.
void move_poles(Sections sections, double power) {
  for (RationalSection<double>& s : sections) {
    const Complex root = std::sqrt(Complex(s.p * s.p / 4 - s.q));
    const Complex first = moved(-s.p / 2 + root, power);
    s = section_of(first, root.imag() != 0 ? std::conj(first) : moved(-s.p / 2 - root, power));
  }
}

/// h0 and the numerators of these sections by least squares against a response at points of frequency, each
/// weighted by 1/|H|. System and Target have two rows a point, real and imaginary, and 1 + 2 sections columns
/// or more; what more there are stay 0.
template <class System, class Target, class Response, class Frequency>
void fit_numerators(double& h0, Sections sections, double sample_rate, Eigen::Index points,
                    const Frequency& hz_at, const Response& response, System& system, Target& target) {
  system.setZero();
  for (Eigen::Index k = 0; k < points; ++k) {
    const double hz = hz_at(k);
    const Complex h = response(hz), z = delay(hz, sample_rate);
    const double weight = 1 / std::max(std::abs(h), 1e-6);
    const auto set = [&](Eigen::Index column, Complex value) {
      system(2 * k, column) = weight * value.real();
      system(2 * k + 1, column) = weight * value.imag();
    };
    set(0, 1);
    for (std::size_t j = 0; j < sections.size(); ++j) {
      const auto column = static_cast<Eigen::Index>(1 + 2 * j);
      const Complex first = z / (1.0 + z * (sections[j].p + z * sections[j].q));
      set(column, first);
      set(column + 1, first * z);
    }
    target(2 * k) = weight * h.real();
    target(2 * k + 1) = weight * h.imag();
  }
  const auto scale = system.colwise().norm().cwiseMax(1e-300).cwiseInverse().eval();
  system *= scale.asDiagonal();
  const auto c = scale.transpose().cwiseProduct(system.colPivHouseholderQr().solve(target)).eval();
  h0 = c[0];
  for (std::size_t j = 0; j < sections.size(); ++j) {
    sections[j].beta1 = c[static_cast<Eigen::Index>(1 + 2 * j)];
    sections[j].beta2 = c[static_cast<Eigen::Index>(2 + 2 * j)];
  }
}

/// The k-th of so many frequencies from 20 Hz to 0.45 of the lower rate, log-spaced.
struct LogSpaced {
  double old_rate, new_rate;
  Eigen::Index points;

  double operator()(Eigen::Index k) const {
    const double lowest = 20, highest = 0.45 * std::min(old_rate, new_rate);
    return lowest * std::pow(highest / lowest, static_cast<double>(k) / static_cast<double>(points - 1));
  }
};

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
  return response_of(filter.h0, filter.sections, frequency_hz, sample_rate);
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
  constexpr Eigen::Index points = 600;
  RationalSections<double> result = filter;
  move_poles(result.sections, old_rate / new_rate);
  Eigen::MatrixXd system(2 * points, static_cast<Eigen::Index>(2 * filter.sections.size() + 1));
  Eigen::VectorXd target(2 * points);
  fit_numerators(
      result.h0, result.sections, new_rate, points, LogSpaced{old_rate, new_rate, points},
      [&](double hz) { return response(filter, hz, old_rate); }, system, target);
  return result;
}

void move_to_rate(double& h0, std::span<RationalSection<double>, 5> sections, double old_rate,
                  double new_rate) noexcept {
  std::array<RationalSection<double>, 5> before, after;
  std::size_t count = 0;
  for (const RationalSection<double>& s : sections.first(4))
    if (s.beta1 != 0 || s.beta2 != 0) before[count++] = s;
  after = before;
  after[count] = {0, 0, 0, 0};
  const Sections of_before(before.data(), count);
  move_poles(Sections(after.data(), count), old_rate / new_rate);
  constexpr Eigen::Index spaced = 64, points = spaced + 4;
  const LogSpaced log_spaced{old_rate, new_rate, spaced};
  const auto hz_at = [&](Eigen::Index k) { // and where each resonates
    const auto j = static_cast<std::size_t>(std::max<Eigen::Index>(0, k - spaced));
    if (k < spaced || j >= count) return log_spaced(k % spaced);
    const double cosine = -before[j].p / (2 * std::sqrt(std::max(before[j].q, 1e-12)));
    const double hz = std::acos(std::clamp(cosine, -1.0, 1.0)) * old_rate / (2 * std::numbers::pi);
    return std::clamp(hz, log_spaced(0), log_spaced(spaced - 1));
  };
  const auto response_before = [&, h = h0](double hz) { return response_of(h, of_before, hz, old_rate); };
  Eigen::Matrix<double, 2 * points, 11> system;
  Eigen::Matrix<double, 2 * points, 1> target;
  fit_numerators(h0, Sections(after.data(), count + 1), new_rate, points, hz_at, response_before, system,
                 target);
  sections[4] = after[count];
  count = 0;
  for (RationalSection<double>& s : sections.first(4))
    if (s.beta1 != 0 || s.beta2 != 0) s = after[count++];
}

} // namespace raphson::dsp
