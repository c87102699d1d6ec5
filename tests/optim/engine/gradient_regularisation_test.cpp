// Gradient regularisation: its limits, its relation to Hessian products, flooding and sharpness-aware
// minimisation, and that a step uses one minibatch.
#include "catch.h"

#include "dsp/error.h"
#include "optim/engine/counting.h"
#include "optim/engine/finite_differences.h"
#include "optim/engine/first_order.h"
#include "optim/engine/gradient_regularisation.h"
#include "optim/engine/problems/rosenbrock.h"
#include "optim/engine/random.h"

#include <cmath>

using namespace raphson::optim;

namespace {

/// Mean over rows of (tanh(a_i^T x) - b_i)^2 / 2, with its derivatives by hand.
struct Tanh {
  Matrix a;
  Vector b;

  std::size_t size() const { return static_cast<std::size_t>(b.size()); }
  double value_and_gradient(const Vector& x, std::span<const std::size_t> examples, Vector& gradient) const {
    gradient = Vector::Zero(x.size());
    double value = 0;
    for (const std::size_t i : examples) {
      const double h = std::tanh(a.row(i).dot(x)), e = h - b[i];
      value += 0.5 * e * e;
      gradient += e * (1 - h * h) * a.row(i).transpose();
    }
    const auto count = static_cast<double>(examples.size());
    gradient /= count;
    return value / count;
  }
  Vector hessian_product(const Vector& x, std::span<const std::size_t> examples, const Vector& v) const {
    Vector product = Vector::Zero(x.size());
    for (const std::size_t i : examples) {
      const double h = std::tanh(a.row(i).dot(x)), slope = 1 - h * h, e = h - b[i];
      product += (slope * slope - 2 * e * h * slope) * a.row(i).dot(v) * a.row(i).transpose();
    }
    return product / static_cast<double>(examples.size());
  }
};

Tanh tanh_problem() {
  RandomStream random(1, "tanh");
  Tanh f{Matrix(12, 4), Vector(12)};
  for (double& entry : f.a.reshaped()) entry = random.normal();
  for (double& entry : f.b) entry = random.uniform(-1, 1);
  return f;
}

const std::vector<std::size_t> batch{2, 5, 9};

Vector direction(const Tanh& f, const Vector& x, const GradientRegularisation& options) {
  Vector g;
  regularised(f, options).value_and_gradient(x, batch, g);
  return g;
}

Vector plain(const Tanh& f, const Vector& x) {
  Vector g;
  f.value_and_gradient(x, batch, g);
  return g;
}

const Vector at{{0.3, -0.7, 0.5, 0.2}};

} // namespace

static_assert(HasMinibatchHessianProduct<Tanh>);
static_assert(HasMinibatch<GradientRegularised<Tanh>> && !HasGradient<GradientRegularised<Tanh>>);
static_assert(HasGradient<GradientRegularised<problems::Rosenbrock>>);

TEST_CASE(
    "dR is the gradient of |grad L|^2 / 2 on the minibatch: exactly by products, to epsilon by differences") {
  const Tanh f = tanh_problem();
  struct Penalty {
    const Tanh& tanh;
    double value(const Vector& x) const { return 0.5 * plain(tanh, x).squaredNorm(); }
  };
  const Vector expected = finite_difference_gradient(Penalty{f}, at), g = plain(f, at);
  const auto dr = [&](GradientDifference mode, double epsilon) {
    return Vector((direction(f, at, {.gamma = 2, .epsilon = epsilon, .mode = mode}) - g) / 2);
  };
  const Vector exact = dr(GradientDifference::double_backprop, 1);
  CHECK((exact - expected).norm() < 1e-8 * expected.norm());
  CHECK((exact - f.hessian_product(at, batch, g)).norm() < 1e-14 * expected.norm());
  // Halving epsilon halves the error on one side, and quarters that of the mean of both.
  const auto error = [&](double epsilon, bool both) {
    const Vector forward = dr(GradientDifference::forward, epsilon);
    return both ? (0.5 * (forward + dr(GradientDifference::backward, epsilon)) - exact).norm()
                : (forward - exact).norm();
  };
  CHECK(error(0.02, false) / error(0.01, false) == Approx(2).margin(0.2));
  CHECK(error(0.02, true) / error(0.01, true) == Approx(4).margin(0.4));
  CHECK(error(1, false) > 0.01 * exact.norm()); // a large epsilon is another direction, and is not shrunk
}

TEST_CASE("Forward differences are a mixture of the gradients here and ahead, not normalised") {
  const Tanh f = tanh_problem();
  const double gamma = 0.6, epsilon = 1.5;
  const Vector g = plain(f, at), ahead = plain(f, at + epsilon * g);
  const Vector expected = (1 - gamma / epsilon) * g + gamma / epsilon * ahead;
  CHECK((direction(f, at, {.gamma = gamma, .epsilon = epsilon}) - expected).norm() < 1e-14);
  CHECK((direction(f, at, {.gamma = epsilon, .epsilon = epsilon}) - ahead).norm() < 1e-14);
  CHECK((direction(f, at, {.gamma = gamma, .epsilon = epsilon}) - ahead).norm() > 1e-3);
  CHECK(direction(f, at, {.gamma = 0}) == g); // bit for bit
}

// A loss ten times as large, with gamma, epsilon and the step a tenth, takes the same way; a normalised
// ascent would not.
TEST_CASE("The way does not depend on the loss's scale, with gamma, epsilon and step to match") {
  struct Tenfold : Tanh {
    double value_and_gradient(const Vector& x, std::span<const std::size_t> examples, Vector& g) const {
      const double value = Tanh::value_and_gradient(x, examples, g);
      g *= 10;
      return 10 * value;
    }
  };
  const Tanh f = tanh_problem();
  const Tenfold tenfold{f};
  for (const auto mode : {GradientDifference::forward, GradientDifference::backward}) {
    const auto path = [&](const auto& objective, double scale) {
      return minimise(regularised(objective, {.gamma = 0.5 / scale, .epsilon = 0.3 / scale, .mode = mode}),
                      at,
                      FirstOrderOptions{.rule = SgdSettings{.learning_rate = 0.2 / scale},
                                        .maximum_iterations = 50,
                                        .batch_size = 5})
          .x;
    };
    CHECK((path(f, 1) - path(tenfold, 10)).norm() < 1e-12);
    CHECK((path(f, 1) - path(tenfold, 1)).norm() > 1e-3);
  }
}

// Descent then ascent of flooding: x - eta g(x), then + eta g there: x - eta^2 dR with backward differences
// at epsilon = eta; the other way round with forward ones.
TEST_CASE("Two steps of flooding around its level are one of gradient regularisation alone") {
  const Tanh f = tanh_problem();
  const double eta = 0.4;
  const auto step = [&](const Vector& x, double level) {
    Vector g;
    flooded(f, level).value_and_gradient(x, batch, g);
    return Vector(x - eta * g);
  };
  const auto dr = [&](GradientDifference mode) {
    return Vector(direction(f, at, {.gamma = 1, .epsilon = eta, .mode = mode}) - plain(f, at));
  };
  const double never = -1, always = 1e9;
  CHECK((step(step(at, never), always) - (at - eta * eta * dr(GradientDifference::backward))).norm() < 1e-14);
  CHECK((step(step(at, always), never) - (at - eta * eta * dr(GradientDifference::forward))).norm() < 1e-14);
  Vector g;
  const double value = f.value_and_gradient(at, batch, g);
  CHECK(flooded(f, value).value_and_gradient(at, batch, g) == value);
  CHECK(g.norm() == 0);
}

TEST_CASE("Sharpness-aware minimisation takes the gradient at a distance rho uphill") {
  const Tanh f = tanh_problem();
  const Vector g = plain(f, at);
  Vector sharp;
  const double value = sharpness_aware(f, 0.3).value_and_gradient(at, batch, sharp);
  CHECK((sharp - plain(f, at + 0.3 * g / g.norm())).norm() < 1e-15);
  CHECK(value == f.value_and_gradient(at, batch, sharp));
  sharpness_aware(f, 0).value_and_gradient(at, batch, sharp);
  CHECK(sharp == g);
}

TEST_CASE("Each mode costs what it says: one gradient more, or one product") {
  const Tanh f = tanh_problem();
  CountingObjective counted(f);
  Vector g;
  const auto cost = [&](const GradientRegularisation& options) {
    counted.reset();
    regularised(counted, options).value_and_gradient(at, batch, g);
    return std::pair(counted.evaluations().minibatch, counted.evaluations().hessian_product);
  };
  CHECK(cost({.gamma = 0}) == std::pair(1, 0));
  CHECK(cost({}) == std::pair(2, 0));
  CHECK(cost({.mode = GradientDifference::backward}) == std::pair(2, 0));
  CHECK(cost({.mode = GradientDifference::double_backprop}) == std::pair(1, 1));
}

TEST_CASE("It works on whole objectives, and refuses what cannot be") {
  const problems::Rosenbrock f;
  Vector g, plain_g;
  const Vector x{{0.4, 0.3}};
  const double value = f.value_and_gradient(x, plain_g);
  const GradientRegularisation exact{.gamma = 0.1, .mode = GradientDifference::double_backprop};
  CHECK(regularised(f, exact).value_and_gradient(x, g) == value);
  CHECK((g - plain_g - 0.1 * f.hessian_product(x, plain_g)).norm() < 1e-12 * g.norm());
  CHECK_THROWS_AS(regularised(f, {.gamma = -1}), raphson::InputError);
  CHECK_THROWS_AS(regularised(f, {.epsilon = 0}), raphson::InputError);
  CHECK_NOTHROW(regularised(f, {.epsilon = 0, .mode = GradientDifference::double_backprop}));
  CHECK_THROWS_AS(sharpness_aware(f, -1), raphson::InputError);
  struct GradientsOnly {
    double value_and_gradient(const Vector& y, Vector& gradient) const {
      gradient = y;
      return 0.5 * y.squaredNorm();
    }
  };
  CHECK_THROWS_AS(regularised(GradientsOnly{}, exact).value_and_gradient(x, g), raphson::InputError);
}
