// The loop that all first-order rules share: batches, epochs, schedule, projection, averaging, and how it
// ends.
#include "catch.h"

#include "dsp/error.h"
#include "optim/engine/adam.h"
#include "optim/engine/first_order.h"
#include "optim/engine/problems/quadratic.h"
#include "optim/engine/problems/rosenbrock.h"
#include "optim/engine/random.h"

#include <cmath>
#include <limits>

using namespace raphson::optim;
using namespace raphson::optim::problems;

namespace {

/// Mean over examples of |x - a_i|^2 / 2.
struct Mean {
  Matrix a; // examples in columns
  std::size_t size() const { return static_cast<std::size_t>(a.cols()); }
  double value_and_gradient(const Vector& x, std::span<const std::size_t> examples, Vector& gradient) const {
    gradient = Vector::Zero(x.size());
    double value = 0;
    for (const std::size_t i : examples) {
      const Vector difference = x - a.col(static_cast<Eigen::Index>(i));
      value += 0.5 * difference.squaredNorm() / static_cast<double>(examples.size());
      gradient += difference / static_cast<double>(examples.size());
    }
    return value;
  }
};

Mean points(Eigen::Index n, Eigen::Index count) {
  RandomStream random(1, "points");
  Mean mean{Matrix(n, count)};
  for (double& entry : mean.a.reshaped()) entry = random.normal();
  return mean;
}

std::vector<RuleSettings> descending_rules() {
  return {SgdSettings{.learning_rate = 0.05},
          SgdSettings{.learning_rate = 0.02, .momentum = 0.9, .nesterov = true},
          AdaGradSettings{.learning_rate = 0.5},
          RmsPropSettings{.learning_rate = 0.02},
          AdamSettings{.learning_rate = 0.05},
          AdaMaxSettings{.learning_rate = 0.05},
          SoapSettings{.learning_rate = 0.05, .decoupled_decay = 0},
          ShampooSettings{.learning_rate = 0.05},
          MFacSettings{.learning_rate = 0.5, .window = 16, .lambda = 0.1}};
}

} // namespace

TEST_CASE("Each rule comes close to the mean on minibatches, behind the one interface") {
  const Mean f = points(12, 200);
  const Vector target = f.a.rowwise().mean();
  for (const RuleSettings& rule : descending_rules()) {
    const Result r = minimise(f, Vector::Constant(12, 2.0),
                              FirstOrderOptions{.rule = rule,
                                                .batch_size = 40,
                                                .epochs = 100,
                                                .schedule = cosine(500),
                                                .blocks = {{"w", 0, 3, 3}, {"b", 9, 1, 3}}});
    INFO(name_of(rule) << " " << (r.x - target).norm());
    CHECK(r.iterations == 500);
    CHECK(r.minibatch_evaluations == 502);
    CHECK(r.stop_reason == StopReason::iteration_limit);
    CHECK((r.x - target).norm() < 0.1);
    CHECK(r.gradient.isApprox(r.x - target, 1e-9));
  }
}

TEST_CASE("Each rule descends on a whole objective and stops at its gradient tolerance") {
  const Quadratic f(6, 10);
  for (const RuleSettings& rule : descending_rules()) {
    const Result r = minimise(
        f, f.start(),
        FirstOrderOptions{.rule = rule,
                          .maximum_iterations = 3000,
                          .gradient_tolerance = 1e-3,
                          .schedule = [](std::int64_t t) { return 1 / std::sqrt(1 + 0.02 * double(t)); },
                          .blocks = {{"w", 0, 2, 3}}});
    INFO(name_of(rule) << ": " << r.value << " after " << r.iterations << ", " << to_string(r.stop_reason));
    CHECK(r.value < 0.05 * f.value(f.start()));
    if (r.converged) CHECK(r.gradient.norm() <= 1e-3);
  }
  CHECK(minimise(f, f.start(),
                 FirstOrderOptions{.rule = SgdSettings{.learning_rate = 0.1}, .gradient_tolerance = 1e-3})
            .converged);
}

// A run in two halves, the rule's state passed on, is the whole run.
TEST_CASE("A rule of one's own goes on where it was") {
  const Rosenbrock f;
  const FirstOrderOptions half{.maximum_iterations = 50}, whole{.maximum_iterations = 100};
  AdamRule<double> rule(one_block(2), {.learning_rate = 0.02});
  const Result first = minimise(f, Rosenbrock::start(), rule, half);
  AdamRule<double> next(one_block(2), {.learning_rate = 0.02});
  restore_state<double>(next, save_state(rule));
  const Result second = minimise(f, first.x, next, half);
  const Result all =
      minimise(f, Rosenbrock::start(),
               FirstOrderOptions{.rule = AdamSettings{.learning_rate = 0.02}, .maximum_iterations = 100});
  CHECK(second.x == all.x);
  CHECK(minimise(f, Rosenbrock::start(), AdamOptions{.maximum_iterations = 100, .learning_rate = 0.02}).x
        == all.x);
  CHECK(whole.maximum_iterations == all.iterations);
}

TEST_CASE("The projection holds after each step and at the start") {
  const Quadratic f(3, 10); // its minimum is (1, 2, 3)
  const auto into = [](Vector& x) { x = x.cwiseMin(1.5).cwiseMax(0); };
  double largest = 0;
  const Result r = minimise(f, Vector::Constant(3, 9.0),
                            FirstOrderOptions{.rule = SgdSettings{.learning_rate = 0.05}, .projection = into},
                            [&](const Step& step) {
                              largest = std::max(largest, step.x.maxCoeff());
                              return Control::proceed;
                            });
  CHECK(largest <= 1.5);
  CHECK(r.x[2] == 1.5);
}

// From 0 with steps of the constant gradient -1 and rate 1, x_t = t; the mean weighs x_t by (1 - b) b^(T - t)
// over 1 - b^T.
TEST_CASE("Averaged iterates are reported, with the value there") {
  struct Slope {
    double value_and_gradient(const Vector& x, Vector& gradient) const {
      gradient = Vector::Constant(1, -1.0);
      return -x[0];
    }
  };
  const double b = 0.7;
  double expected = 0;
  for (int t = 1; t <= 5; ++t) expected += (1 - b) * std::pow(b, 5 - t) * t / (1 - std::pow(b, 5));
  const Result r = minimise(
      Slope{}, Vector{{0.0}},
      FirstOrderOptions{.rule = SgdSettings{.learning_rate = 1}, .maximum_iterations = 5, .averaging = b});
  CHECK(r.x[0] == Approx(expected).epsilon(1e-14));
  CHECK(r.value == -r.x[0]);
  CHECK_THROWS_AS(minimise(Slope{}, Vector{{0.0}}, FirstOrderOptions{.averaging = 1}), raphson::InputError);
}

TEST_CASE("A gradient that is not finite ends the run and is named with its step and its parameters") {
  struct Breaks {
    double value_and_gradient(const Vector& x, Vector& gradient) const {
      gradient = Vector::Constant(4, -1.0);
      if (x[0] > 2.5) gradient[3] = std::numeric_limits<double>::quiet_NaN();
      return 0;
    }
  };
  const Result r = minimise(Breaks{}, Vector::Zero(4),
                            FirstOrderOptions{.rule = SgdSettings{.learning_rate = 1},
                                              .blocks = {{"hidden", 0, 1, 3}, {"output", 3, 1, 1}}});
  CHECK(r.stop_reason == StopReason::not_finite);
  CHECK(r.iterations == 2);
  CHECK(r.x == Vector::Constant(4, 2.0));
  CHECK(r.detail == "the gradient of 'output' is not finite after step 3");
}

TEST_CASE("What the loop cannot do is refused") {
  const Mean f = points(2, 5);
  const Vector start = Vector::Zero(2);
  CHECK_THROWS_AS(minimise(f, start, FirstOrderOptions{}), raphson::InputError);
  CHECK_THROWS_AS(minimise(Rosenbrock{}, start, FirstOrderOptions{.batch_size = 2}), raphson::InputError);
  CHECK_THROWS_AS(minimise(Rosenbrock{}, start, FirstOrderOptions{.epochs = 2}), raphson::InputError);
  CHECK_THROWS_AS(minimise(Rosenbrock{}, start, FirstOrderOptions{.blocks = one_block(3)}),
                  raphson::InputError);
  CHECK_THROWS_AS(minimise(Rosenbrock{}, Vector(), FirstOrderOptions{}), raphson::InputError);
}

// f = lambda/2 |x|^2: the law settles at the variance sigma^2 / (lambda (1 - eta lambda / 2)), here 0.32 /
// 0.8; noise of eta sigma or sigma in place of sqrt(2 eta) sigma would be far off. 6,000 independent
// coordinates: the relative standard error of a variance is sqrt(2 / 6000) = 1.8%.
TEST_CASE("Langevin's stationary variance is that of its step size") {
  struct Bowl {
    double value_and_gradient(const Vector& x, Vector& gradient) const {
      gradient = 2 * x;
      return x.squaredNorm();
    }
  };
  const auto run = [](std::uint64_t seed, int steps, double sigma) {
    return minimise(
        Bowl{}, Vector::Zero(6000),
        FirstOrderOptions{.rule = LangevinSettings{.learning_rate = 0.2, .sigma = sigma, .seed = seed},
                          .maximum_iterations = steps});
  };
  for (const std::uint64_t seed : {1, 2, 3}) {
    const Result r = run(seed, 60, 0.8);
    CHECK(r.iterations == 60); // the gradient of zero at the start is no reason to stop
    CHECK(r.x.squaredNorm() / 6000 == Approx(0.64 / (2 * 0.8)).epsilon(0.06));
    CHECK(std::abs(r.x.mean()) < 4 * std::sqrt(0.4 / 6000));
  }
  CHECK(run(1, 5, 0.8).x == run(1, 5, 0.8).x);
  CHECK(run(1, 5, 0.8).x != run(2, 5, 0.8).x);
  // Without noise only the mean's dynamics remain.
  const Result still = minimise(
      Bowl{}, Vector{{1.0}},
      FirstOrderOptions{.rule = LangevinSettings{.learning_rate = 0.2, .sigma = 0}, .maximum_iterations = 3});
  CHECK(still.x[0] == Approx(0.6 * 0.6 * 0.6));
}
