#include "catch.h"
#include "dsp/filters/parametric_equaliser.h"
#include "optim/autodiff/jet.h"
#include "response.h"

#include <array>
#include <cmath>

using namespace raphson;

namespace {

constexpr std::array<double, 11> values{80, 4, 300, -6, 1.5, 3000, 3, 0.8, 9000, -5, 1.5};

double energy(std::array<double, 11> v, double rate) {
  dsp::ParametricEqualiser<double> filter(v, rate);
  double sum = 0;
  for (int n = 0; n < 64; ++n) {
    const double y = filter(n == 0 ? 1 : 0);
    sum += y * y;
  }
  return sum;
}

} // namespace

TEST_CASE("Equaliser: as initially set it changes nothing") {
  std::array<double, 11> initial;
  for (std::size_t i = 0; i < 11; ++i) {
    const dsp::Parameter& p = dsp::ParametricEqualiser<double>::parameters()[i];
    CHECK(p.minimum <= p.initial);
    CHECK(p.initial <= p.maximum);
    initial[i] = p.initial;
  }
  dsp::ParametricEqualiser<double> filter(initial, 44100);
  for (int n = 0; n < 100; ++n) CHECK(filter(n == 3 ? 1 : 0) == Approx(n == 3 ? 1 : 0).margin(1e-14));
}

TEST_CASE("Equaliser: the response is the product of its four prototypes") {
  const double rate = 48000, shelf_q = std::sqrt(0.5);
  const auto a = [](double db) { return std::pow(10, db / 40); };
  for (const double f : {0.0, 50.0, 290.0, 1000.0, 3000.0, 12000.0, 23000.0}) {
    auto s = test::warped(f, 80, rate);
    const double low = a(4), low_m = std::sqrt(low) / shelf_q;
    auto truth = low * (s * s + low_m * s + low) / (low * s * s + low_m * s + 1.0);
    s = test::warped(f, 300, rate);
    truth *= (s * s + s * a(-6) / 1.5 + 1.0) / (s * s + s / (a(-6) * 1.5) + 1.0);
    s = test::warped(f, 3000, rate);
    truth *= (s * s + s * a(3) / 0.8 + 1.0) / (s * s + s / (a(3) * 0.8) + 1.0);
    s = test::warped(f, 9000, rate);
    const double high = a(-5), high_m = std::sqrt(high) / shelf_q;
    truth *= a(2 * 1.5) * high * (high * s * s + high_m * s + 1.0) / (s * s + high_m * s + high);
    CHECK(std::abs(test::response(dsp::ParametricEqualiser<double>(values, rate), f, rate) - truth) < 1e-9);
  }
}

TEST_CASE("Equaliser: frequencies above the band of a low rate are held inside it, and it stays stable") {
  dsp::ParametricEqualiser<double> filter(values, 8000);
  double y = 0;
  for (int n = 0; n < 20000; ++n) y = filter(n < 10 ? 1 : 0);
  CHECK(std::abs(y) < 1e-12);
}

TEST_CASE("Equaliser: set() gives the filter that would have been constructed") {
  std::array<double, 11> other = values;
  other[3] = 8, other[8] = 5000;
  dsp::ParametricEqualiser<double> moved(values, 44100), made(other, 44100);
  moved.set(other, 44100);
  for (int n = 0; n < 200; ++n) CHECK(moved(n == 0 ? 1 : 0) == made(n == 0 ? 1 : 0));
}

TEST_CASE("Equaliser: gradient of the output's energy in all ten parameters against central differences") {
  using Jet = optim::Jet<double, 11, 1>;
  std::array<Jet, 11> jets;
  for (int i = 0; i < 11; ++i) jets[i] = Jet::variable(values[i], i);
  dsp::ParametricEqualiser<Jet> filter(jets, 44100);
  Jet sum(0.0);
  for (int n = 0; n < 64; ++n) {
    const Jet y = filter(Jet(n == 0 ? 1.0 : 0.0));
    sum = sum + y * y;
  }
  for (int i = 0; i < 11; ++i) {
    const double h = 1e-5 * std::abs(values[i]);
    std::array<double, 11> up = values, down = values;
    up[i] += h, down[i] -= h;
    CHECK(sum.g[i]
          == Approx((energy(up, 44100) - energy(down, 44100)) / (2 * h)).epsilon(1e-5).margin(1e-10));
  }
}
