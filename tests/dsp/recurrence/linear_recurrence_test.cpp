#include "catch.h"
#include "dsp/recurrence/parallel_scan.h"
#include "dsp/simd/lanes.h"

#include <cmath>
#include <random>
#include <vector>

using namespace raphson;

namespace {

template <class T> std::vector<T> noise(std::size_t count, double low, double high, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> value(low, high);
  std::vector<T> x(count);
  for (T& v : x) v = static_cast<T>(value(generator));
  return x;
}

template <int K> using Vector = dsp::SmallVector<double, K>;
template <int K> using Matrix = dsp::SmallMatrix<double, K>;

template <int K> std::vector<Vector<K>> vectors(std::size_t count, unsigned seed) {
  const std::vector<double> flat = noise<double>(count * K, -1, 1, seed);
  std::vector<Vector<K>> v(count);
  for (std::size_t n = 0; n < count; ++n)
    for (int i = 0; i < K; ++i) v[n][i] = flat[n * K + i];
  return v;
}

/// Row sums of at most 0.99 in magnitude, so that nothing grows.
template <int K> std::vector<Matrix<K>> matrices(std::size_t count, unsigned seed) {
  const std::vector<double> flat = noise<double>(count * K * K, -0.99 / K, 0.99 / K, seed);
  std::vector<Matrix<K>> m(count);
  for (std::size_t n = 0; n < count; ++n)
    for (int i = 0; i < K * K; ++i) m[n].e[i] = flat[n * K * K + i];
  return m;
}

template <int K> double dot(const Vector<K>& a, const Vector<K>& b) {
  double sum = 0;
  for (int i = 0; i < K; ++i) sum += a[i] * b[i];
  return sum;
}
double dot(double a, double b) { return a * b; }

template <class V> double dot(const std::vector<V>& a, const std::vector<V>& b) {
  double sum = 0;
  for (std::size_t n = 0; n < a.size(); ++n) sum += dot(a[n], b[n]);
  return sum;
}

/// y[n] in long double, K states.
template <int K>
std::vector<std::array<long double, K>> truth(const std::vector<Matrix<K>>& a,
                                              const std::vector<Vector<K>>& b, const Vector<K>& initial) {
  std::vector<std::array<long double, K>> y(b.size());
  for (std::size_t n = 0; n < b.size(); ++n)
    for (int i = 0; i < K; ++i) {
      y[n][i] = b[n][i];
      for (int j = 0; j < K; ++j)
        y[n][i] += a[n](i, j) * (n == 0 ? static_cast<long double>(initial[j]) : y[n - 1][j]);
    }
  return y;
}

constexpr std::size_t sizes[] = {0, 1, 2, 3, 1000, 4001, 65537, 131072};
constexpr std::size_t thread_counts[] = {0, 1, 2, 3, 4, 7};

} // namespace

TEST_CASE("First order, constant: the impulse response is a^n, a step tends to 1 / (1 - a)") {
  const std::size_t count = 400;
  std::vector<double> b(count, 0.0), y(count);
  b[0] = 1;
  dsp::linear_recurrence(0.9, b, 0.0, y);
  for (std::size_t n = 0; n < count; ++n) CHECK(y[n] == Approx(std::pow(0.9, n)).epsilon(1e-12));
  b.assign(count, 1.0);
  dsp::linear_recurrence(0.9, b, 2.0, b); // in place
  for (std::size_t n = 0; n < count; ++n) CHECK(b[n] == Approx(10 - 8 * std::pow(0.9, n + 1)).epsilon(1e-12));
}

TEST_CASE("First order: in order and by scan, both equal a long double loop to rounding") {
  for (const std::size_t count : sizes) {
    const auto a = noise<double>(count, -0.999, 0.999, 1), b = noise<double>(count, -1, 1, 2);
    std::vector<long double> exact(count);
    long double state = 0.3;
    for (std::size_t n = 0; n < count; ++n) exact[n] = state = a[n] * state + b[n];
    const auto error = [&](const std::vector<double>& y) {
      double worst = 0;
      for (std::size_t n = 0; n < count; ++n)
        worst = std::fmax(worst, std::fabs(static_cast<double>(y[n] - exact[n])));
      return worst;
    };
    std::vector<double> y(count);
    dsp::linear_recurrence(a, b, 0.3, y);
    CHECK(error(y) < 1e-14);
    for (const std::size_t threads : thread_counts) {
      CAPTURE(count, threads);
      y.assign(count, NAN);
      dsp::linear_recurrence_scan(a, b, 0.3, y, threads);
      CHECK(error(y) < 1e-14);
      y = b; // in place
      dsp::linear_recurrence_scan(a, y, 0.3, y, threads);
      CHECK(error(y) < 1e-14);
    }
  }
}

TEST_CASE("First order, constant and slow to forget: the scan equals the evaluation in order") {
  for (const std::size_t count : sizes) {
    const auto b = noise<double>(count, -1, 1, 3);
    std::vector<double> y(count), scanned(count);
    dsp::linear_recurrence(0.9999, b, 1.0, y);
    for (const std::size_t threads : thread_counts) {
      dsp::linear_recurrence_scan(0.9999, b, 1.0, scanned, threads);
      double worst = 0;
      for (std::size_t n = 0; n < count; ++n) worst = std::fmax(worst, std::fabs(y[n] - scanned[n]));
      CHECK(worst < 1e-11); // values near 50, errors kept for 10000 samples
    }
  }
}

TEMPLATE_TEST_CASE_SIG("State space: in order and by scan, both equal a long double loop to rounding", "",
                       ((int K), K), 1, 2, 3, 4) {
  for (const std::size_t count : sizes) {
    const auto a = matrices<K>(count, 4);
    const auto b = vectors<K>(count, 5);
    const Vector<K> initial = vectors<K>(1, 6)[0];
    const auto exact = truth<K>(a, b, initial);
    const auto error = [&](const std::vector<Vector<K>>& y) {
      double worst = 0;
      for (std::size_t n = 0; n < count; ++n)
        for (int i = 0; i < K; ++i)
          worst = std::fmax(worst, std::fabs(static_cast<double>(y[n][i] - exact[n][i])));
      return worst;
    };
    std::vector<Vector<K>> y(count);
    dsp::linear_recurrence(a, b, initial, y);
    CHECK(error(y) < 1e-14);
    for (const std::size_t threads : {1, 2, 5}) {
      CAPTURE(count, threads);
      y.assign(count, Vector<K>{});
      dsp::linear_recurrence_scan(a, b, initial, y, threads);
      CHECK(error(y) < 1e-14);
    }
  }
}

TEST_CASE("State space, constant: a rotation turns by its angle a step") {
  const double w = 0.01;
  const Matrix<2> turn{{std::cos(w), -std::sin(w), std::sin(w), std::cos(w)}};
  const std::size_t count = 70000;
  const std::vector<Vector<2>> b(count, Vector<2>::zero());
  std::vector<Vector<2>> y(count), scanned(count);
  dsp::linear_recurrence(turn, b, Vector<2>{{1, 0}}, y);
  dsp::linear_recurrence_scan(turn, b, Vector<2>{{1, 0}}, scanned, 3);
  double worst = 0;
  for (std::size_t n = 0; n < count; ++n)
    for (const Vector<2>& v : {y[n], scanned[n]}) {
      const double angle = w * static_cast<double>(n + 1);
      worst = std::fmax(worst, std::hypot(v[0] - std::cos(angle), v[1] - std::sin(angle)));
    }
  CHECK(worst < 1e-10);
}

TEST_CASE(
    "Adjoint, first order: <A (b, initial), (v, w)> = <(b, initial), A' (v, w)>, in order and by scan") {
  for (const std::size_t count : sizes) {
    const auto a = noise<double>(count, -0.999, 0.999, 7), b = noise<double>(count, -1, 1, 8);
    const auto v = noise<double>(count, -1, 1, 9);
    std::vector<double> y(count), back(count), scanned(count);
    dsp::linear_recurrence(a, b, 0.4, y);
    const double final_state = count == 0 ? 0.4 : y.back(), w = 1.7;
    const double forward = dot(y, v) + final_state * w;
    const double initial_bar = dsp::linear_recurrence_adjoint(a, v, w, back);
    CHECK(dot(b, back) + 0.4 * initial_bar == Approx(forward).epsilon(1e-11).margin(1e-11));
    for (const std::size_t threads : thread_counts) {
      const double same = dsp::linear_recurrence_adjoint_scan(a, v, w, scanned, threads);
      CHECK(same == Approx(initial_bar).margin(1e-14));
      double worst = 0;
      for (std::size_t n = 0; n < count; ++n) worst = std::fmax(worst, std::fabs(back[n] - scanned[n]));
      CHECK(worst < 1e-14);
    }
  }
}

TEST_CASE("Adjoint, constant transition: equal to that of a span of copies") {
  const std::size_t count = 66000;
  const auto v = noise<double>(count, -1, 1, 10);
  const std::vector<double> a(count, 0.97);
  std::vector<double> one(count), many(count), scanned(count);
  const double first = dsp::linear_recurrence_adjoint(0.97, v, 0.5, one);
  CHECK(first == dsp::linear_recurrence_adjoint(a, v, 0.5, many));
  CHECK(one == many);
  CHECK(dsp::linear_recurrence_adjoint_scan(0.97, v, 0.5, scanned, 2) == Approx(first).epsilon(1e-13));
  CHECK(dot(scanned, scanned) == Approx(dot(one, one)).epsilon(1e-13));
}

TEMPLATE_TEST_CASE_SIG("Adjoint, state space: the dot-product test, in order and by scan", "", ((int K), K),
                       2, 3, 4) {
  for (const std::size_t count : {0u, 1u, 2u, 3u, 1000u, 65537u}) {
    const auto a = matrices<K>(count, 11);
    const auto b = vectors<K>(count, 12), v = vectors<K>(count, 13);
    const Vector<K> initial = vectors<K>(1, 14)[0], w = vectors<K>(1, 15)[0];
    std::vector<Vector<K>> y(count), back(count);
    dsp::linear_recurrence(a, b, initial, y);
    const double forward = dot(y, v) + dot(count == 0 ? initial : y.back(), w);
    Vector<K> initial_bar = dsp::linear_recurrence_adjoint(a, v, w, back);
    CHECK(dot(b, back) + dot(initial, initial_bar) == Approx(forward).epsilon(1e-11).margin(1e-11));
    initial_bar = dsp::linear_recurrence_adjoint_scan(a, v, w, back, 3);
    CHECK(dot(b, back) + dot(initial, initial_bar) == Approx(forward).epsilon(1e-11).margin(1e-11));
  }
}

TEST_CASE("Adjoint, across blocks: the one behind hands its initial_bar to the one before as final_bar") {
  const std::size_t count = 100, cut = 37;
  const auto a = noise<double>(count, -1, 1, 16), v = noise<double>(count, -1, 1, 17);
  std::vector<double> whole(count), parts(count);
  const double first = dsp::linear_recurrence_adjoint(a, v, 0.0, whole);
  const std::span<const double> all_a(a), all_v(v);
  const std::span<double> out(parts);
  const double between =
      dsp::linear_recurrence_adjoint(all_a.subspan(cut), all_v.subspan(cut), 0.0, out.subspan(cut));
  CHECK(first == dsp::linear_recurrence_adjoint(all_a.first(cut), all_v.first(cut), between, out.first(cut)));
  CHECK(whole == parts);
}

TEST_CASE("Adjoint: derivatives in the transitions against central differences") {
  const std::size_t count = 12;
  auto a = matrices<2>(count, 18);
  const auto b = vectors<2>(count, 19), v = vectors<2>(count, 20);
  const Vector<2> initial{{0.5, -0.25}};
  std::vector<Vector<2>> y(count), b_bar(count);
  std::vector<Matrix<2>> a_bar(count);
  const auto loss = [&] {
    dsp::linear_recurrence(a, b, initial, y);
    return dot(y, v);
  };
  loss();
  dsp::linear_recurrence_adjoint(a, v, Vector<2>::zero(), b_bar);
  dsp::linear_recurrence_coefficient_adjoint(y, initial, b_bar, a_bar);
  for (std::size_t n = 0; n < count; ++n)
    for (int i = 0; i < 4; ++i) {
      const double kept = a[n].e[i], h = 1e-5;
      a[n].e[i] = kept + h;
      const double up = loss();
      a[n].e[i] = kept - h;
      const double down = loss();
      a[n].e[i] = kept;
      CHECK(a_bar[n].e[i] == Approx((up - down) / (2 * h)).margin(1e-9));
    }
}

TEST_CASE("Recurrence: each lane is the scalar, in order and by scan") {
  using Lanes = dsp::Lanes<float, 4, dsp::Isa::baseline>;
  const std::size_t count = 9000;
  std::vector<std::vector<float>> a, b;
  for (unsigned lane = 0; lane < 4; ++lane) {
    a.push_back(noise<float>(count, -0.9, 0.9, 30 + lane));
    b.push_back(noise<float>(count, -1, 1, 40 + lane));
  }
  std::vector<Lanes> wide_a(count), wide_b(count), y(count), scanned(count);
  for (std::size_t n = 0; n < count; ++n)
    for (int lane = 0; lane < 4; ++lane) {
      wide_a[n].set(lane, a[lane][n]);
      wide_b[n].set(lane, b[lane][n]);
    }
  dsp::linear_recurrence(wide_a, wide_b, Lanes(0.0f), y);
  dsp::linear_recurrence_scan(wide_a, wide_b, Lanes(0.0f), scanned, 2);
  for (int lane = 0; lane < 4; ++lane) {
    std::vector<float> one(count), one_scanned(count);
    dsp::linear_recurrence(a[lane], b[lane], 0.0f, one);
    dsp::linear_recurrence_scan(a[lane], b[lane], 0.0f, one_scanned, 2);
    for (std::size_t n = 0; n < count; ++n) {
      REQUIRE(y[n][lane] == one[n]);
      REQUIRE(scanned[n][lane] == one_scanned[n]);
    }
  }
}
