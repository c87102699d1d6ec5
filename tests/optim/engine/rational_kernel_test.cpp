#include "optim/engine/rational_kernel.h"

#include "catch.h"
#include "dsp/error.h"
#include "dsp/filters/rational_conversions.h"
#include "optim/engine/random.h"
#include "optim/engine/types.h"

#include <Eigen/LU>

#include <cmath>

using namespace raphson;
using namespace raphson::optim;
using Catch::Matchers::Contains;

namespace {

/// Pairs of poles of radii between `low` and `high`; b and h0 normal.
RationalCoefficients random_system(RandomStream& random, int n, double low, double high) {
  std::vector<Complex> poles;
  for (int i = 0; i < n; i += 2) {
    poles.push_back(std::polar(random.uniform(low, high), random.uniform(0.05, 3.0)));
    poles.push_back(std::conj(poles.back()));
  }
  const auto a = dsp::polynomial(poles);
  RationalCoefficients c{random.normal(), {a.begin() + 1, a.end()}, {}};
  for (int i = 0; i < n; ++i) c.b.push_back(random.normal());
  return c;
}

double largest(const std::vector<double>& x) {
  double most = 0;
  for (const double value : x)
    if (!(std::abs(value) <= most)) most = std::abs(value);
  return most;
}

double difference(const std::vector<double>& x, const std::vector<double>& y) {
  double most = 0;
  for (std::size_t t = 0; t < x.size(); ++t)
    if (const double off = std::abs(x[t] - y[t]); !(off <= most)) most = off; // NaN, too
  return most;
}

std::vector<double> run(const dsp::RationalPolynomials<double>& filter, std::size_t length) {
  std::vector<double> k(length);
  k[0] = 1;
  dsp::RationalRecursion<double>(filter).process(k);
  return k;
}

/// k_t = b (I - A^M)^-1 A^(t-1) e1 with dense matrices, k_0 = h0 + k_M.
std::vector<double> by_matrices(const RationalCoefficients& c, std::size_t length) {
  const auto n = static_cast<Eigen::Index>(c.a.size());
  Matrix companion = Matrix::Zero(n, n);
  companion.row(0) = -Eigen::Map<const Vector>(c.a.data(), n).transpose();
  companion.diagonal(-1).setOnes();
  const std::size_t padded = kernel_transform_length(length);
  Matrix power = Matrix::Identity(n, n);
  for (std::size_t i = 0; i < padded; ++i) power = power * companion;
  const Matrix rest = Matrix::Identity(n, n) - power;
  const Eigen::RowVectorXd b =
      rest.transpose().lu().solve(Eigen::Map<const Vector>(c.b.data(), n)).transpose();
  std::vector<double> k;
  Vector state = Vector::Unit(n, 0);
  for (std::size_t t = 1; t <= padded; ++t, state = companion * state) k.push_back(b * state);
  k.insert(k.begin(), c.h0 + k.back());
  k.resize(length);
  return k;
}

} // namespace

TEST_CASE("The kernel is the folded response of the state-space system") {
  RandomStream random(1, "rational kernel");
  for (const std::size_t length : {30, 31, 64}) {
    const auto c = random_system(random, 6, 0.8, 0.99);
    const auto k = rational_kernel(c, length), expected = by_matrices(c, length);
    CHECK(difference(k, expected) < 1e-9 * largest(expected));
  }
}

TEST_CASE("Recursion and kernel agree where the fold is large, and the way back is exact") {
  RandomStream random(2, "rational kernel");
  for (int i = 0; i < 20; ++i) {
    const auto c = random_system(random, 8, 0.99, 0.999);
    const std::size_t length = i % 2 == 0 ? 256 : 255;
    const auto k = rational_kernel(c, length);
    const auto recursion = to_recursion(c, length);
    CHECK(difference(run(recursion, length), k) < 1e-7 * largest(k));
    const auto back = from_recursion(recursion, length);
    CHECK(difference(back.b, c.b) < 1e-5 * largest(c.b));
    CHECK(difference(rational_kernel(back, length), k) < 1e-7 * largest(k));
    // What was learned is no recursion's: taken as it is, it is another system.
    CHECK(difference(run({c.h0, c.a, c.b}, length), k) > 0.01 * largest(k));
  }
}

TEST_CASE("The recursion comes without powers of the matrix, which would overflow") {
  // A high-pass at 80 Hz and 48 kHz beside a pole far outside the circle: 2^8192 is no double.
  const RationalCoefficients c{1, {-1.98 - 2, 0.9802 + 2 * 1.98, -2 * 0.9802}, {0.1, 0.2, -0.05}};
  const auto recursion = to_recursion(c, 8192);
  for (const double b : recursion.b) CHECK(std::isfinite(b));
}

TEST_CASE("The kernel's gradients are those of differences, for h0, a and b") {
  RandomStream random(3, "rational kernel");
  for (const std::size_t length : {24, 25}) {
    auto c = random_system(random, 4, 0.7, 0.98);
    std::vector<double> weights(length);
    for (double& w : weights) w = random.normal();
    const auto loss = [&] {
      const auto k = rational_kernel(c, length);
      double sum = 0;
      for (std::size_t t = 0; t < length; ++t) sum += weights[t] * k[t];
      return sum;
    };
    const std::size_t bins = kernel_transform_length(length) / 2 + 1;
    std::vector<Complex> inverse(bins), ratio(bins);
    std::vector<double> k(length), a_bar(4), b_bar(4);
    double h0_bar = 0;
    rational_kernel(c.h0, c.a, c.b, {inverse, ratio}, k);
    rational_kernel_adjoint(weights, {inverse, ratio}, &h0_bar, a_bar, b_bar);
    const auto check = [&](double& parameter, double gradient) {
      const double at = parameter;
      parameter = at + 1e-6;
      const double above = loss();
      parameter = at - 1e-6;
      const double below = loss();
      parameter = at;
      CHECK(gradient == Approx((above - below) / 2e-6).epsilon(1e-6).margin(1e-7));
    };
    check(c.h0, h0_bar);
    for (std::size_t i = 0; i < 4; ++i) {
      check(c.a[i], a_bar[i]);
      check(c.b[i], b_bar[i]);
    }
  }
}

TEST_CASE("The kernel's cost does not grow with the order") {
  const auto points = [](std::size_t n) {
    const RationalCoefficients c{1, std::vector<double>(n, 0.5 / static_cast<double>(n)),
                                 std::vector<double>(n, 0.1)};
    const auto before = transformed_points();
    rational_kernel(c, 4096);
    return transformed_points() - before;
  };
  CHECK(points(4) == 3 * 4096);
  CHECK(points(1024) == points(4));
}

TEST_CASE("Poles outside are reflected, and what that costs is told") {
  RandomStream random(4, "rational kernel");
  auto stable = random_system(random, 4, 0.8, 0.95);
  const auto same = stabilised(stable, 512);
  CHECK(same.moved == 0);
  CHECK(same.coefficients.b == stable.b);

  const std::vector<Complex> roots{std::polar(1.02, 0.5), std::polar(1.02, -0.5), {0.6, 0}, {-0.4, 0}};
  const auto a = dsp::polynomial(roots);
  const RationalCoefficients outside{0.3, {a.begin() + 1, a.end()}, {0.4, -0.2, 0.1, 0.3}};
  const auto result = stabilised(outside, 512);
  CHECK(result.moved == 2);
  for (const Complex& pole : dsp::poles(result.coefficients.a)) {
    CHECK(std::abs(pole) < 1);
    if (pole.imag() != 0) CHECK(std::abs(pole) == Approx(1 / 1.02)); // reflected, not pushed to the edge
  }
  const auto before = rational_kernel(outside, 512), after = rational_kernel(result.coefficients, 512);
  double error = 0, energy = 0;
  for (std::size_t t = 0; t < 512; ++t) {
    error += (after[t] - before[t]) * (after[t] - before[t]);
    energy += before[t] * before[t];
  }
  CHECK(result.error == Approx(std::sqrt(error / energy)).epsilon(1e-6));
  CHECK(result.error > 0);
}

TEST_CASE("l1 keeps all poles within the circle, and so out of reach of a low resonance") {
  RandomStream random(5, "rational kernel");
  for (int i = 0; i < 50; ++i) {
    std::vector<double> a(6);
    for (double& value : a) value = 5 * random.normal();
    for (const Complex& pole : dsp::poles(l1_stable(a, random.normal()))) CHECK(std::abs(pole) < 1);
  }
  // 100 Hz at 48 kHz has a1 = -1.998; no a1 beyond 1 passes.
  CHECK(std::abs(l1_stable(std::vector<double>{-1.998, 0.999}, 0)[0]) < 1);
}

TEST_CASE("A causal convolution does not wrap around") {
  std::vector<double> u(64), k(64), y(64);
  u[60] = 1;
  for (std::size_t i = 0; i < 64; ++i) k[i] = 1 + static_cast<double>(i);
  causal_convolution(u, k, y);
  for (std::size_t t = 0; t < 60; ++t) CHECK(std::abs(y[t]) < 1e-10);
  for (std::size_t t = 60; t < 64; ++t) CHECK(y[t] == Approx(k[t - 60]));
}

TEST_CASE("Orders and poles that have no kernel are refused") {
  CHECK_THROWS_WITH(rational_kernel({1, {}, {}}, 16), Contains("order 0"));
  CHECK_THROWS_WITH(rational_kernel({1, std::vector<double>(16), std::vector<double>(16)}, 16),
                    Contains("below the length"));
  CHECK_THROWS_WITH(rational_kernel({1, {0.5}, {0.5, 1}}, 16), Contains("as many"));
  CHECK_THROWS_WITH(rational_kernel({1, {-1}, {1}}, 16), Contains("unit circle"));
  CHECK_THROWS_WITH(rational_kernel({1, {0, 1}, {1, 0}}, 16), Contains("at 4/16"));
}
