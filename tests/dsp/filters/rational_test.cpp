#include "dsp/filters/rational.h"

#include "catch.h"
#include "dsp/allocation_count.h"
#include "dsp/error.h"
#include "dsp/filters/biquad.h"
#include "dsp/filters/rational_conversions.h"
#include "dsp/filters/response.h"

#include <algorithm>

using namespace raphson;
using namespace raphson::dsp;
using Complex = std::complex<double>;

namespace {

constexpr double rate = 48000;

/// A resonance at 100 Hz, one at 3 kHz and two real poles.
RationalSections<double> example() {
  const auto at = [](double hz, double radius) {
    return -2 * radius * std::cos(2 * std::numbers::pi * hz / rate);
  };
  return {0.8,
          {{at(100, 0.998), 0.998 * 0.998, 0.01, -0.009},
           {at(3000, 0.95), 0.95 * 0.95, -0.2, 0.1},
           {-(0.9 + 0.3), 0.9 * 0.3, 0.05, 0.02}}};
}

/// The definition, term by term.
Complex by_definition(const RationalSections<double>& filter, double hz) {
  const Complex z1 = std::polar(1.0, -2 * std::numbers::pi * hz / rate), z2 = z1 * z1;
  Complex h = filter.h0;
  for (const auto& s : filter.sections) h += (s.beta1 * z1 + s.beta2 * z2) / (1.0 + s.p * z1 + s.q * z2);
  return h;
}

} // namespace

TEST_CASE("Parallel sections and the direct form have the response of their definition") {
  const auto sections = example();
  const auto polynomials = to_polynomials(sections);
  REQUIRE(polynomials.a.size() == 6);
  for (const double hz : {30.0, 100.0, 777.0, 3000.0, 15000.0}) {
    INFO(hz);
    const Complex expected = by_definition(sections, hz);
    CHECK(std::abs(test::response(RationalFilter<double>(sections), hz, rate) - expected) < 1e-10);
    CHECK(std::abs(test::response(RationalRecursion<double>(polynomials), hz, rate) - expected) < 1e-7);
    CHECK(std::abs(response(sections, hz, rate) - expected) < 1e-9);
    CHECK(std::abs(response(polynomials, hz, rate) - expected) < 1e-7);
  }
}

TEST_CASE("A biquad is one section") {
  const auto c = peak(1000.0, 6.0, 1.5, rate);
  // b / a = b0 + ((b1 - b0 a1) z^-1 + (b2 - b0 a2) z^-2) / a
  RationalFilter<double> filter({c.b0, {{c.a1, c.a2, c.b1 - c.b0 * c.a1, c.b2 - c.b0 * c.a2}}});
  Biquad<double> biquad(c);
  for (int t = 0; t < 500; ++t) {
    const double u = t % 37 == 0 ? 1.0 : 0.0;
    CHECK(filter(u) == Approx(biquad(u)).margin(1e-13));
  }
}

TEST_CASE("Sections come back from the polynomials, in some order") {
  const auto before = example();
  const auto after = to_sections(to_polynomials(before));
  REQUIRE(after.sections.size() == 3);
  for (const auto& s : before.sections)
    CHECK(std::any_of(after.sections.begin(), after.sections.end(), [&](const auto& t) {
      return std::abs(s.p - t.p) < 1e-8 && std::abs(s.q - t.q) < 1e-8 && std::abs(s.beta1 - t.beta1) < 1e-6
             && std::abs(s.beta2 - t.beta2) < 1e-6;
    }));
  CHECK(after.h0 == before.h0);
  CHECK_THROWS_AS(to_sections({1, {0.5}, {0.1}}), InputError);
  CHECK_THROWS_AS(to_sections({1, {0.5, 0.1}, {0.1}}), InputError);
  CHECK_THROWS_AS(to_sections({1, {0, 0, 0, 0}, {1, 1, 1, 1}}), InputError);
}

TEST_CASE("Poles are the roots, and stability is a radius below one") {
  const std::vector<Complex> roots{{0.5, 0.3}, {0.5, -0.3}, {-0.9, 0}, {0.2, 0}};
  const std::vector<double> a = polynomial(roots);
  REQUIRE(a.size() == 5);
  CHECK(a[0] == 1);
  for (const Complex& pole : poles(std::span(a).subspan(1)))
    CHECK(std::any_of(roots.begin(), roots.end(), [&](Complex r) { return std::abs(r - pole) < 1e-12; }));
  CHECK(is_stable(example()));
  for (const auto& s : {RationalSection<double>{0, 1.01, 0, 0}, {-2.01, 1.005, 0, 0}, {1.5, 0.4, 0, 0}}) {
    const RationalSections<double> unstable{0, {s}};
    CHECK_FALSE(is_stable(unstable));
    double largest = 0;
    for (const Complex& pole : poles(unstable)) largest = std::max(largest, std::abs(pole));
    CHECK(largest > 1);
  }
}

TEST_CASE("At another rate the response stays within 0.1 dB") {
  // A high-pass and three peaks in series, as a sum of sections.
  RationalPolynomials<double> series{1, {1}, {1}}; // numerator in b, both with their leading terms
  for (const auto& c : {high_pass(80.0, 0.7071, rate), peak(300.0, 6.0, 1.2, rate),
                        peak(1200.0, -8.0, 2.0, rate), peak(3500.0, 7.0, 1.5, rate)}) {
    const auto times = [](const std::vector<double>& x, double y0, double y1, double y2) {
      std::vector<double> product(x.size() + 2);
      for (std::size_t i = 0; i < x.size(); ++i) {
        product[i] += x[i] * y0;
        product[i + 1] += x[i] * y1;
        product[i + 2] += x[i] * y2;
      }
      return product;
    };
    series.a = times(series.a, 1, c.a1, c.a2);
    series.b = times(series.b, c.b0, c.b1, c.b2);
  }
  RationalPolynomials<double> strictly{series.b[0], {}, {}};
  for (std::size_t i = 1; i < series.a.size(); ++i) {
    strictly.a.push_back(series.a[i]);
    strictly.b.push_back(series.b[i] - series.b[0] * series.a[i]);
  }
  const auto filter = to_sections(strictly);
  for (const double other : {44100.0, 96000.0, 192000.0}) {
    const auto moved = at_rate(filter, rate, other);
    REQUIRE(is_stable(moved));
    double worst = 0;
    for (double hz = 20; hz < 0.44 * std::min(rate, other); hz *= 1.02)
      worst = std::max(worst, std::abs(20
                                       * std::log10(std::abs(response(moved, hz, other))
                                                    / std::abs(response(filter, hz, rate)))));
    INFO(other);
    CHECK(worst < 0.1);
  }
  CHECK(at_rate(filter, rate, rate).sections[0].p == filter.sections[0].p);
  CHECK_THROWS_AS(at_rate(filter, rate, 0), InputError);
}

TEST_CASE("Neither form allocates while it runs, and in float it is the filter to float's precision") {
  const auto c = example();
  RationalFilter<double> filter(c);
  RationalFilter<float> in_float(c.as<float>());
  RationalRecursion<double> recursion(to_polynomials(c));
  std::vector<double> audio(512);
  audio[3] = 1;
  const std::size_t before = allocation_count();
  filter.process(audio);
  filter.set(c);
  recursion.process(audio);
  filter.reset();
  CHECK(allocation_count() == before);
  double worst = 0;
  for (int t = 0; t < 2000; ++t) {
    const double u = t == 0 ? 1.0 : 0.0;
    worst = std::max(worst, std::abs(filter(u) - static_cast<double>(in_float(static_cast<float>(u)))));
  }
  CHECK(worst < 1e-3);
}
