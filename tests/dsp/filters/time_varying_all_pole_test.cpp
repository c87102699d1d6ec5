#include "catch.h"
#include "dsp/filters/time_varying_all_pole.h"

#include <cmath>
#include <random>
#include <vector>

using namespace raphson;

namespace {

std::vector<double> noise(std::size_t count, double size, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> value(-size, size);
  std::vector<double> x(count);
  for (double& v : x) v = value(generator);
  return x;
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t n = 0; n < a.size(); ++n) sum += a[n] * b[n];
  return sum;
}

} // namespace

TEST_CASE("All-pole: a constant resonator rings as r^n sin((n+1) w) / sin w") {
  const double r = 0.95, w = 0.4;
  const std::size_t count = 200;
  std::vector<double> a, x(count, 0.0), y(count);
  for (std::size_t n = 0; n < count; ++n) a.insert(a.end(), {-2 * r * std::cos(w), r * r});
  x[0] = 1;
  dsp::TimeVaryingAllPole<double>{2}.forward(a, x, y);
  for (std::size_t n = 0; n < count; ++n) {
    const double t = static_cast<double>(n);
    CHECK(y[n] == Approx(std::pow(r, t) * std::sin((t + 1) * w) / std::sin(w)).margin(1e-12));
  }
}

TEST_CASE("All-pole: order 1 multiplies up, y[n] = sum_m x[m] prod_{m < i <= n} -a[i]") {
  const std::size_t count = 12;
  const std::vector<double> a = noise(count, 1.5, 1), x = noise(count, 1, 2), past{0.7};
  std::vector<double> y(count);
  dsp::TimeVaryingAllPole<double>{1}.forward(a, x, y, past);
  for (std::size_t n = 0; n < count; ++n) {
    double sum = past[0];
    for (std::size_t i = 0; i <= n; ++i) sum *= -a[i];
    for (std::size_t m = 0; m <= n; ++m) {
      double product = x[m];
      for (std::size_t i = m + 1; i <= n; ++i) product *= -a[i];
      sum += product;
    }
    CHECK(y[n] == Approx(sum).epsilon(1e-12));
  }
}

TEST_CASE("All-pole: cutting the signal and handing on the past changes nothing") {
  const std::size_t order = 4, count = 300, cut = 117;
  const std::vector<double> a = noise(count * order, 0.25, 3), x = noise(count, 1, 4);
  std::vector<double> whole(count), head(cut), tail(count - cut);
  const dsp::TimeVaryingAllPole<double> filter{order};
  filter.forward(a, x, whole);
  const std::span<const double> all_a(a), all_x(x);
  filter.forward(all_a.first(cut * order), all_x.first(cut), head);
  const std::vector<double> past(head.rbegin(), head.rbegin() + order);
  filter.forward(all_a.subspan(cut * order), all_x.subspan(cut), tail, past);
  for (std::size_t n = 0; n < count; ++n) CHECK(whole[n] == (n < cut ? head[n] : tail[n - cut]));
}

TEST_CASE("All-pole: <A x, y> = <x, A' y>, for orders above the length too") {
  for (const std::size_t order : {0u, 1u, 3u, 8u})
    for (const std::size_t count : {0u, 1u, 2u, 5u, 400u}) {
      const std::vector<double> a = noise(count * order, 0.15, 5), x = noise(count, 1, 6),
                                v = noise(count, 1, 7);
      std::vector<double> y(count), back(count);
      const dsp::TimeVaryingAllPole<double> filter{order};
      filter.forward(a, x, y);
      filter.adjoint(a, v, back);
      CHECK(dot(y, v) == Approx(dot(x, back)).margin(1e-10));
    }
}

TEST_CASE("All-pole: reverse mode in coefficients and past against central differences") {
  for (const std::size_t count : {2u, 20u}) { // also shorter than the order
    const std::size_t order = 3;
    std::vector<double> a = noise(count * order, 0.3, 8), past = noise(order, 1, 9);
    const std::vector<double> x = noise(count, 1, 10), y_bar = noise(count, 1, 11);
    std::vector<double> y(count), x_bar(count), a_bar(count * order), past_bar(order);
    const dsp::TimeVaryingAllPole<double> filter{order};
    const auto loss = [&] {
      filter.forward(a, x, y, past);
      return dot(y, y_bar);
    };
    loss();
    filter.adjoint(a, y_bar, x_bar);
    filter.coefficient_adjoint(a, y, x_bar, a_bar, past, past_bar);
    const auto difference = [&](double& at) {
      const double kept = at, h = 1e-5;
      at = kept + h;
      const double up = loss();
      at = kept - h;
      const double down = loss();
      at = kept;
      return (up - down) / (2 * h);
    };
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(a_bar[i] == Approx(difference(a[i])).margin(1e-8));
    for (std::size_t i = 0; i < order; ++i) CHECK(past_bar[i] == Approx(difference(past[i])).margin(1e-8));
  }
}
