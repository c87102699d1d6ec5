// What every solver promises: the observer, cancelling, honest counts, and objectives that are not finite.
#include "catch.h"

#include "dsp/error.h"
#include "optim/engine/adam.h"
#include "optim/engine/counting.h"
#include "optim/engine/gradient_descent.h"
#include "optim/engine/lbfgs.h"
#include "optim/engine/levenberg_marquardt.h"
#include "optim/engine/newton.h"
#include "optim/engine/newton_cg.h"
#include "optim/engine/problems/rosenbrock.h"

#include <cmath>
#include <limits>

using namespace raphson::optim;
using problems::Rosenbrock;

namespace {

const double nan_value = std::numeric_limits<double>::quiet_NaN();

// Rosenbrock with a value, or derivatives, of NaN where a predicate of x holds.
struct Broken {
  std::function<bool(const Vector&)> value_breaks = [](const Vector&) { return false; };
  std::function<bool(const Vector&)> gradient_breaks = [](const Vector&) { return false; };

  double value(const Vector& x) const { return value_breaks(x) ? nan_value : Rosenbrock{}.value(x); }
  double value_and_gradient(const Vector& x, Vector& g) const {
    Rosenbrock{}.value_and_gradient(x, g);
    spoil(x, g);
    return value(x);
  }
  double value_gradient_and_hessian(const Vector& x, Vector& g, Matrix& h) const {
    Rosenbrock{}.value_gradient_and_hessian(x, g, h);
    spoil(x, g);
    return value(x);
  }
  double value_gradient_and_gauss_newton(const Vector& x, Vector& g, Matrix& jtj) const {
    const Rosenbrock f;
    GaussNewtonFromResiduals<Rosenbrock>(f).value_gradient_and_gauss_newton(x, g, jtj);
    spoil(x, g);
    return value(x);
  }
  Vector hessian_product(const Vector& x, const Vector& v) const {
    return Rosenbrock{}.hessian_product(x, v);
  }
  void spoil(const Vector& x, Vector& g) const {
    if (gradient_breaks(x)) g[0] = nan_value;
  }
};

template <class Options> std::string error_of(const Broken& f, const Vector& start, const Options& options) {
  try {
    minimise(f, start, options);
  } catch (const raphson::InputError& error) {
    return error.what();
  }
  return "";
}

} // namespace

#define ALL_SOLVERS                                                                                          \
  NewtonOptions, NewtonCgOptions, LevenbergMarquardtOptions, LbfgsOptions, GradientDescentOptions, AdamOptions

TEMPLATE_TEST_CASE("The observer sees the start and every step", "", ALL_SOLVERS) {
  const Broken f;
  const CountingObjective counted(f);
  std::vector<int> iterations;
  Vector previous = Rosenbrock::start();
  double seconds = 0;
  const auto watch = [&](const Step& step) {
    iterations.push_back(step.iteration);
    CHECK(step.value == f.value(step.x));
    CHECK(step.step_length == Approx((step.x - previous).norm()).margin(1e-300));
    CHECK(step.evaluations == counted.evaluations());
    CHECK(step.seconds >= seconds);
    seconds = step.seconds;
    previous = step.x;
    return Control::proceed;
  };
  TestType options;
  options.maximum_iterations = 5;
  const Result r = minimise(counted, Rosenbrock::start(), options, watch);
  CHECK(iterations == std::vector<int>{0, 1, 2, 3, 4, 5});
  CHECK(r.stop_reason == StopReason::iteration_limit);
  CHECK(!r.converged);
  CHECK(r.iterations == 5);
  CHECK(r.x == previous);
  CHECK(counted.evaluations()
        == Evaluations{.value = r.value_evaluations,
                       .gradient = r.gradient_evaluations,
                       .hessian = r.hessian_evaluations,
                       .hessian_product = r.hessian_product_evaluations});
  CHECK(r.value < f.value(Rosenbrock::start()));
}

TEMPLATE_TEST_CASE("The observer cancels at the start or after a step", "", ALL_SOLVERS) {
  for (const int last : {0, 3}) {
    int calls = 0;
    const auto cancel = [&](const Step& step) {
      ++calls;
      return step.iteration == last ? Control::cancel : Control::proceed;
    };
    const Result r = minimise(Broken{}, Rosenbrock::start(), TestType{}, observe_all({cancel, {}}));
    CHECK(r.stop_reason == StopReason::cancelled);
    CHECK(!r.converged);
    CHECK(r.iterations == last);
    CHECK(calls == last + 1);
    CHECK(r.value == Rosenbrock{}.value(r.x));
  }
}

TEMPLATE_TEST_CASE("A start that cannot be evaluated is bad input, said in one line", "", ALL_SOLVERS) {
  const auto always = [](const Vector&) { return true; };
  const Vector start = Rosenbrock::start();
  for (const std::string& message :
       {error_of({.value_breaks = always}, start, TestType{}),
        error_of({.value_breaks = {[](const Vector&) { return false; }}, .gradient_breaks = always}, start,
                 TestType{}),
        error_of({}, Vector{{nan_value, 1.0}}, TestType{})}) {
    INFO(message);
    CHECK(message.starts_with("minimise: "));
    CHECK(message.find("start") != std::string::npos);
    CHECK(message.find('\n') == std::string::npos);
  }
  CHECK(error_of({}, Vector(), TestType{}).starts_with("minimise: "));
}

TEMPLATE_TEST_CASE("A wall of NaN in the values is walked around", "", NewtonOptions, NewtonCgOptions,
                   LevenbergMarquardtOptions, LbfgsOptions) {
  // Full Newton steps from the start go beyond x_1 = 1.5; the minimum lies before it.
  const Broken f{.value_breaks = [](const Vector& x) { return x[1] > 1.5 || x[1] < -1; }};
  const Result r = minimise(f, Rosenbrock::start(), TestType{});
  CHECK(r.converged);
  CHECK((r.x - Rosenbrock::minimum()).norm() < 1e-6);
}

TEMPLATE_TEST_CASE("Derivatives that become NaN end the run at the last good point", "", NewtonOptions,
                   NewtonCgOptions, LevenbergMarquardtOptions, GradientDescentOptions, AdamOptions) {
  const Broken f{.value_breaks = [](const Vector&) { return false; },
                 .gradient_breaks = [](const Vector& x) { return x[0] > -1.0; }};
  const Result r = minimise(f, Rosenbrock::start(), TestType{});
  CHECK(r.stop_reason == StopReason::not_finite);
  CHECK(!r.converged);
  CHECK(r.x.allFinite());
  CHECK(r.gradient.allFinite());
  CHECK(r.x[0] <= -1.0);
}

TEST_CASE("Every reason to stop has its name and its words") {
  for (const StopReason reason :
       {StopReason::converged_gradient, StopReason::converged_decrement, StopReason::stagnated,
        StopReason::iteration_limit, StopReason::line_search_failed, StopReason::cancelled,
        StopReason::not_finite}) {
    CHECK(std::string(to_string(reason)) != "unknown");
    CHECK(std::string(name_of(reason)).find(' ') == std::string::npos);
  }
}

// A gradient of the wrong sign: the model promises a decrease that the values never show.
TEMPLATE_TEST_CASE("A wrong gradient shows as a failed line search", "", NewtonOptions, NewtonCgOptions,
                   LevenbergMarquardtOptions, LbfgsOptions, GradientDescentOptions) {
  struct Wrong : Broken {
    double value_and_gradient(const Vector& x, Vector& g) const {
      const double v = Broken::value_and_gradient(x, g);
      g = -g;
      return v;
    }
    double value_gradient_and_hessian(const Vector& x, Vector& g, Matrix& h) const {
      const double v = Broken::value_gradient_and_hessian(x, g, h);
      g = -g;
      return v;
    }
    double value_gradient_and_gauss_newton(const Vector& x, Vector& g, Matrix& jtj) const {
      const double v = Broken::value_gradient_and_gauss_newton(x, g, jtj);
      g = -g;
      return v;
    }
  };
  const Result r = minimise(Wrong{}, Vector{{0.5, 0.5}}, TestType{});
  CHECK((r.stop_reason == StopReason::line_search_failed || r.stop_reason == StopReason::stagnated));
  CHECK(!r.converged);
  CHECK(r.value <= Rosenbrock{}.value(Vector{{0.5, 0.5}}) * (1 + 1e-12)); // up to the noise of the values
}

// Values rounded as a float kernel's: the solvers stop by themselves when told of the noise.
TEMPLATE_TEST_CASE("Noise in the values ends a run without an iteration limit", "", NewtonOptions,
                   NewtonCgOptions, LevenbergMarquardtOptions, LbfgsOptions, GradientDescentOptions) {
  struct Rounded : Broken {
    static double rounded(double v) { return static_cast<double>(static_cast<float>(v + 1)); }
    double value(const Vector& x) const { return rounded(Broken::value(x)); }
    double value_and_gradient(const Vector& x, Vector& g) const {
      return rounded(Broken::value_and_gradient(x, g));
    }
    double value_gradient_and_hessian(const Vector& x, Vector& g, Matrix& h) const {
      return rounded(Broken::value_gradient_and_hessian(x, g, h));
    }
    double value_gradient_and_gauss_newton(const Vector& x, Vector& g, Matrix& jtj) const {
      return rounded(Broken::value_gradient_and_gauss_newton(x, g, jtj));
    }
  };
  TestType options;
  options.value_noise = 1e-6;
  const Result r = minimise(Rounded{}, Rosenbrock::start(), options);
  INFO(to_string(r.stop_reason));
  CHECK((r.converged || r.stop_reason == StopReason::stagnated));
  CHECK(r.value < 1 + 0.01);
}
