#include "optim/engine/rational_fit.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/engine/fourier.h"
#include "optim/engine/random.h"
#include "optim/engine/rational_fit_problem.h"
#include "optim/engine/resonant_device.h"

#include <cmath>

using namespace raphson;
using namespace raphson::optim;
using Catch::Matchers::Contains;

namespace {

constexpr double rate = device_rate;

std::size_t numbers(const dsp::RationalSections<double>& filter) { return 1 + 4 * filter.sections.size(); }

} // namespace

TEST_CASE("The fit's gradient is that of differences, at random poles") {
  const auto x = noise(3000, "excitation"), y = render(resonant_device(), x);
  const RationalFitProblem problem(x, y, {{0, 1600, 100}, {1500, 3000, 1600}}, 2, 0.05);
  const VariableProjection f(problem, 2);
  RandomStream random(2, "position");
  Vector position(4);
  for (double& value : position) value = random.uniform(-1.2, 1.2);
  Vector gradient;
  Matrix jtj;
  f.value_gradient_and_gauss_newton(position, gradient, jtj);
  for (Eigen::Index k = 0; k < 4; ++k) {
    const Vector step = Vector::Unit(4, k) * 1e-5;
    CHECK(gradient[k] == Approx((f.value(position + step) - f.value(position - step)) / 2e-5).epsilon(1e-5));
  }
}

TEST_CASE("A fit recovers the filter, magnitude and phase, from noise through it") {
  const auto x = noise(40000, "excitation"), y = render(resonant_device(), x);
  const auto fit = fit_rational(x, y, rate, {.order = 4, .length = 2048});
  CHECK(fit.esr < 1e-12);
  CHECK(numbers(fit.filter) == 9);
  CHECK(dsp::is_stable(fit.filter));
  for (const double hz : {30.0, 200.0, 1000.0, 5000.0, 20000.0})
    CHECK(std::abs(dsp::response(fit.filter, hz, rate) - dsp::response(resonant_device(), hz, rate)) < 1e-5);
}

TEST_CASE("The order is raised until more of it brings little") {
  const auto x = noise(20000, "excitation");
  auto y = render(resonant_device(), x);
  const auto hiss = noise(y.size(), "hiss");
  for (std::size_t t = 0; t < y.size(); ++t) y[t] += 1e-3 * hiss[t];
  const auto orders = fit_rational_of_any_order(x, y, rate, {.length = 1024}, 8);
  CHECK(orders.ended);
  CHECK(orders.fits.size() == orders.chosen + 2);
  CHECK(orders.fits[orders.chosen].filter.sections.size() == 2);
}

TEST_CASE("An order that takes half of the error off is taken, one that takes none is not") {
  const auto x = noise(20000, "excitation");
  auto y = render(resonant_device(), x);
  const double missed = fit_rational(x, y, rate, {.order = 2, .length = 1024}).esr; // by one resonance alone
  const auto hiss = noise(y.size(), "hiss");
  double signal = 0, power = 0;
  for (std::size_t t = 0; t < y.size(); ++t) signal += y[t] * y[t], power += hiss[t] * hiss[t];
  for (std::size_t t = 0; t < y.size(); ++t) y[t] += std::sqrt(missed * signal / power) * hiss[t];
  const auto orders = fit_rational_of_any_order(x, y, rate, {.length = 1024}, 8);
  CHECK(orders.chosen == 1);
}

TEST_CASE("What came before the recording is not scored: the filter is found from any cut of it") {
  auto x = noise(40000, "excitation"), y = render(resonant_device(), x);
  x.erase(x.begin(), x.begin() + 5000);
  y.erase(y.begin(), y.begin() + 5000);
  CHECK(fit_rational(x, y, rate, {.order = 4, .length = 4096}).esr < 1e-12);
}

TEST_CASE("Where the length allows no higher order, the last that it allows is taken") {
  const std::vector<double> impulse{1, 0, 0, 0}, response{1, 0.5, -0.3, 0.2};
  const auto orders = fit_rational_of_any_order(impulse, response, rate,
                                                {.length = 4, .pre_emphasis_pole = 1, .score_all = true});
  CHECK_FALSE(orders.ended);
  CHECK(orders.fits.size() == 1);
  CHECK(orders.chosen == 0);
}

TEST_CASE("An impulse response is cloned without a recording") {
  std::vector<double> impulse(4000);
  impulse[0] = 1;
  const auto fit = fit_impulse_response(render(resonant_device(), impulse), rate, {.order = 4});
  CHECK(fit.esr < 1e-12);
  CHECK(std::abs(fit.filter.h0 - 0.7) < 1e-6);
}

TEST_CASE("An FIR is no clone: as many numbers do not hold the filter") {
  const auto x = noise(40000, "excitation"), y = render(resonant_device(), x);
  std::vector<double> estimate(x.size());
  causal_convolution(x, fit_fir(x, y, 9), estimate);
  CHECK(esr_from(estimate, y, 2048) > 1e-3);
}

TEST_CASE("Bad input of a fit is refused") {
  const auto x = noise(4000, "excitation");
  const std::vector<double> silent(4000), shorter(3000, 1.0);
  const auto with = [](int order, std::size_t length) {
    return RationalFitOptions{.order = order, .length = length};
  };
  CHECK_THROWS_WITH(fit_rational(x, x, rate, with(0, 64)), Contains("even"));
  CHECK_THROWS_WITH(fit_rational(x, x, rate, with(3, 64)), Contains("even"));
  CHECK_THROWS_WITH(fit_rational(x, x, rate, with(64, 64)), Contains("not below the length"));
  CHECK_THROWS_WITH(fit_rational(x, x, rate, with(4, 2001)), Contains("twice the length"));
  CHECK_THROWS_WITH(fit_rational(silent, x, rate, with(4, 64)), Contains("silent"));
  CHECK_THROWS_WITH(fit_rational(x, shorter, rate, with(4, 64)), Contains("as many"));
}
