#include "catch.h"
#include "dsp/filters/biquad.h"
#include "dsp/filters/state_variable.h"
#include "optim/autodiff/jet.h"
#include "response.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

using namespace raphson;
using Complex = std::complex<double>;

namespace {

using Biquad = dsp::BiquadCoefficients<double>;
using StateVariable = dsp::StateVariableCoefficients<double>;

/// A design both ways and its analog prototype, a = 10^(dB/40), as in the cookbook.
struct Shape {
  std::string name;
  std::function<Biquad(double hz, double db, double q, double rate)> biquad;
  std::function<StateVariable(double hz, double db, double q, double rate)> state_variable;
  std::function<Complex(Complex s, double a, double q)> prototype;
};

const std::vector<Shape>& shapes() {
  static const std::vector<Shape> all{
      {"low-pass", [](double f, double, double q, double r) { return dsp::low_pass(f, q, r); },
       [](double f, double, double q, double r) { return StateVariable::low_pass(f, q, r); },
       [](Complex s, double, double q) { return 1.0 / (s * s + s / q + 1.0); }},
      {"high-pass", [](double f, double, double q, double r) { return dsp::high_pass(f, q, r); },
       [](double f, double, double q, double r) { return StateVariable::high_pass(f, q, r); },
       [](Complex s, double, double q) { return s * s / (s * s + s / q + 1.0); }},
      {"band-pass", [](double f, double, double q, double r) { return dsp::band_pass(f, q, r); },
       [](double f, double, double q, double r) { return StateVariable::band_pass(f, q, r); },
       [](Complex s, double, double q) { return s / q / (s * s + s / q + 1.0); }},
      {"notch", [](double f, double, double q, double r) { return dsp::notch(f, q, r); },
       [](double f, double, double q, double r) { return StateVariable::notch(f, q, r); },
       [](Complex s, double, double q) { return (s * s + 1.0) / (s * s + s / q + 1.0); }},
      {"all-pass", [](double f, double, double q, double r) { return dsp::all_pass(f, q, r); },
       [](double f, double, double q, double r) { return StateVariable::all_pass(f, q, r); },
       [](Complex s, double, double q) { return (s * s - s / q + 1.0) / (s * s + s / q + 1.0); }},
      {"peak", [](double f, double g, double q, double r) { return dsp::peak(f, g, q, r); },
       [](double f, double g, double q, double r) { return StateVariable::peak(f, g, q, r); },
       [](Complex s, double a, double q) { return (s * s + s * a / q + 1.0) / (s * s + s / (a * q) + 1.0); }},
      {"low shelf", [](double f, double g, double q, double r) { return dsp::low_shelf(f, g, q, r); },
       [](double f, double g, double q, double r) { return StateVariable::low_shelf(f, g, q, r); },
       [](Complex s, double a, double q) {
         const double m = std::sqrt(a) / q;
         return a * (s * s + m * s + a) / (a * s * s + m * s + 1.0);
       }},
      {"high shelf", [](double f, double g, double q, double r) { return dsp::high_shelf(f, g, q, r); },
       [](double f, double g, double q, double r) { return StateVariable::high_shelf(f, g, q, r); },
       [](Complex s, double a, double q) {
         const double m = std::sqrt(a) / q;
         return a * (a * s * s + m * s + 1.0) / (s * s + m * s + a);
       }}};
  return all;
}

} // namespace

TEST_CASE("Biquads and state-variable filters have the response of their analog prototype, warped") {
  for (const Shape& shape : shapes())
    for (const double rate : {44100.0, 96000.0})
      for (const double q : {0.5, 0.7071, 4.0})
        for (const double db : {-18.0, 6.0}) {
          const double corner = 1200;
          CAPTURE(shape.name, rate, q, db);
          const dsp::Biquad<double> biquad(shape.biquad(corner, db, q, rate));
          const dsp::StateVariable<double> svf(shape.state_variable(corner, db, q, rate));
          for (const double f : {0.0, 60.0, 1200.0, 5000.0, 21000.0}) {
            const Complex truth = shape.prototype(test::warped(f, corner, rate), std::pow(10, db / 40), q);
            CHECK(std::abs(test::response(biquad, f, rate, 4096) - truth) < 1e-10);
            CHECK(std::abs(test::response(svf, f, rate, 4096) - truth) < 1e-10);
          }
        }
}

TEST_CASE("Gains that people know: shelves and peak reach theirs in dB, a low-pass its Q at the corner") {
  const double rate = 48000;
  const auto db = [](Complex h) { return 20 * std::log10(std::abs(h)); };
  CHECK(db(test::response(dsp::Biquad(dsp::low_shelf(100.0, 9.0, 0.7, rate)), 0, rate)) == Approx(9));
  CHECK(db(test::response(dsp::Biquad(dsp::high_shelf(8000.0, -9.0, 0.7, rate)), rate / 2, rate))
        == Approx(-9));
  CHECK(db(test::response(dsp::Biquad(dsp::peak(3000.0, 12.0, 2.0, rate)), 3000, rate)) == Approx(12));
  CHECK(std::abs(test::response(dsp::Biquad(dsp::low_pass(3000.0, 2.0, rate)), 3000, rate)) == Approx(2));
}

TEST_CASE("State-variable filter and biquad agree sample by sample") {
  for (const Shape& shape : shapes()) {
    dsp::Biquad<double> biquad(shape.biquad(700, 7, 1.3, 44100));
    dsp::StateVariable<double> svf(shape.state_variable(700, 7, 1.3, 44100));
    unsigned noise = 1;
    double apart = 0;
    for (int n = 0; n < 5000; ++n) {
      noise = noise * 1664525u + 1013904223u;
      const double x = noise / 4294967296.0 - 0.5;
      apart = std::max(apart, std::abs(biquad(x) - svf(x)));
    }
    CAPTURE(shape.name);
    CHECK(apart < 1e-11);
  }
}

TEST_CASE(
    "Designs carry derivatives: peak and shelves in frequency, gain and Q, against central differences") {
  using Jet = optim::Jet<double, 3>;
  const auto check = [](auto design) {
    const std::array<double, 3> at{900, 5, 1.4}, step{1e-2, 1e-4, 1e-5};
    const auto c = design(Jet::variable(at[0], 0), Jet::variable(at[1], 1), Jet::variable(at[2], 2));
    for (int i = 0; i < 3; ++i) {
      std::array<double, 3> up = at, down = at;
      up[i] += step[i], down[i] -= step[i];
      const auto high = design(up[0], up[1], up[2]), low = design(down[0], down[1], down[2]);
      const auto difference = [&](auto member) { return (high.*member - low.*member) / (2 * step[i]); };
      CHECK(c.b0.g[i] == Approx(difference(&Biquad::b0)).epsilon(1e-6).margin(1e-10));
      CHECK(c.b1.g[i] == Approx(difference(&Biquad::b1)).epsilon(1e-6).margin(1e-10));
      CHECK(c.b2.g[i] == Approx(difference(&Biquad::b2)).epsilon(1e-6).margin(1e-10));
      CHECK(c.a1.g[i] == Approx(difference(&Biquad::a1)).epsilon(1e-6).margin(1e-10));
      CHECK(c.a2.g[i] == Approx(difference(&Biquad::a2)).epsilon(1e-6).margin(1e-10));
    }
  };
  check([](auto f, auto g, auto q) { return dsp::peak(f, g, q, 44100); });
  check([](auto f, auto g, auto q) { return dsp::low_shelf(f, g, q, 44100); });
  check([](auto f, auto g, auto q) { return dsp::high_shelf(f, g, q, 44100); });
}

TEMPLATE_TEST_CASE("Filters: each lane, with coefficients of its own, is the scalar", "", float, double) {
  constexpr int n = dsp::lane_count<TestType>(dsp::Isa::baseline);
  using Lanes = dsp::Lanes<TestType, n, dsp::Isa::baseline>;
  Lanes hz(TestType(0)), db(TestType(6)), q(TestType(0.7));
  for (int lane = 0; lane < n; ++lane) hz.set(lane, static_cast<TestType>(500 * (lane + 1)));
  const auto design = dsp::low_shelf(hz, db, q, 44100);
  dsp::Biquad<Lanes> all(design);
  dsp::StateVariable<Lanes> svf(dsp::StateVariableCoefficients<Lanes>::low_shelf(hz, db, q, 44100));
  for (int lane = 0; lane < n; ++lane) {
    all.reset();
    svf.reset();
    const TestType f = hz[lane];
    dsp::Biquad<TestType> one(dsp::low_shelf(f, TestType(6), TestType(0.7), 44100));
    dsp::StateVariable<TestType> other(
        dsp::StateVariableCoefficients<TestType>::low_shelf(f, TestType(6), TestType(0.7), 44100));
    for (int t = 0; t < 100; ++t) {
      const TestType x = static_cast<TestType>(std::sin(0.1 * t));
      REQUIRE(all(Lanes(x))[lane] == one(x));
      REQUIRE(svf(Lanes(x))[lane] == other(x));
    }
  }
}

TEST_CASE("A double design as float is the nearest, where a float design at 20 Hz is not") {
  const auto exact = dsp::low_pass(20.0, 0.7, 192000);
  CHECK(exact.as<float>().b0 == Approx(exact.b0).epsilon(1e-7));
  CHECK(std::abs(dsp::low_pass(20.0f, 0.7f, 192000).b0 / exact.b0 - 1) > 1e-3);
}
