// L-BFGS, gradient descent and Adam.
#include "catch.h"

#include "dsp/error.h"
#include "optim/engine/adam.h"
#include "optim/engine/counting.h"
#include "optim/engine/gradient_descent.h"
#include "optim/engine/lbfgs.h"
#include "optim/engine/problems/beale.h"
#include "optim/engine/problems/freudenstein_roth.h"
#include "optim/engine/problems/himmelblau.h"
#include "optim/engine/problems/powell_singular.h"
#include "optim/engine/problems/quadratic.h"
#include "optim/engine/problems/rosenbrock.h"
#include "optim/engine/problems/wood.h"

#include <cmath>
#include <numeric>

using namespace raphson::optim;
using namespace raphson::optim::problems;

TEST_CASE("L-BFGS reaches the known minima") {
  const auto reaches = [](const auto& f, const Vector& start, double value, double tolerance,
                          int iterations) {
    const Result r = minimise(f, start, LbfgsOptions{});
    INFO(to_string(r.stop_reason) << " after " << r.iterations << " iterations at " << r.x.transpose());
    CHECK(r.converged);
    CHECK(std::abs(r.value - value) < tolerance);
    CHECK(r.iterations <= iterations);
    CHECK(r.gradient_evaluations < 2 * r.iterations);
    CHECK(r.value_evaluations == 0);
  };
  reaches(Rosenbrock{}, Rosenbrock::start(), 0, 1e-16, 50);
  reaches(Rosenbrock{}, Rosenbrock::start(20), 0, 1e-16, 150);
  reaches(Beale{}, Beale::start(), 0, 1e-16, 25);
  reaches(Wood{}, Wood::start(), 0, 1e-16, 120);
  reaches(Himmelblau{}, Himmelblau::start(), 0, 1e-16, 20);
  reaches(PowellSingular{}, PowellSingular::start(), 0, 1e-9, 80);
  // SciPy's L-BFGS-B, also with a history of 10, takes 341 to 353 iterations on three quadratics of this
  // spectrum.
  reaches(Quadratic(30, 1e3), Quadratic(30, 1e3).start(), 0, 1e-14, 400);
  reaches(FreudensteinRoth{}, FreudensteinRoth::start(),
          FreudensteinRoth{}.value(FreudensteinRoth::local_minimum()), 1e-9, 30);
}

// With exact line searches BFGS is the conjugate gradient method on a quadratic: n steps at most.
TEST_CASE("L-BFGS with a near exact line search ends on a quadratic within n steps") {
  const Quadratic f(8, 100);
  const Result r =
      minimise(f, f.start(), LbfgsOptions{.gradient_tolerance = 1e-6, .curvature = 1e-8, .value_noise = 0});
  CHECK(r.converged);
  CHECK(r.iterations <= 8);
}

// Kantorovich: with exact line searches the value shrinks by ((k - 1) / (k + 1))^2 a step at worst;
// backtracking is no worse than a small multiple of that.
TEST_CASE("Gradient descent converges linearly on a quadratic and creeps along Rosenbrock's valley") {
  const Quadratic f(4, 100);
  const Result r = minimise(f, f.start(), GradientDescentOptions{.gradient_tolerance = 1e-6});
  CHECK(r.converged);
  CHECK((r.x - f.minimum()).norm() < 1e-5);
  CHECK(r.iterations < 2000);
  const Result slow =
      minimise(Rosenbrock{}, Rosenbrock::start(),
               GradientDescentOptions{.maximum_iterations = 30000, .gradient_tolerance = 1e-5});
  CHECK(slow.converged);
  CHECK(slow.iterations > 1000);
  CHECK((slow.x - Rosenbrock::minimum()).norm() < 1e-4);
  CHECK(slow.gradient_evaluations == slow.iterations + 1);
}

namespace {

struct Linear { // constant gradient
  Vector slope;
  double value_and_gradient(const Vector& x, Vector& gradient) const {
    gradient = slope;
    return slope.dot(x);
  }
};

// Mean over examples of (x - a_i)^2 / 2: the minimum is the mean of a.
struct Mean {
  Vector a;
  std::size_t size() const { return static_cast<std::size_t>(a.size()); }
  double value_and_gradient(const Vector& x, std::span<const std::size_t> examples, Vector& gradient) const {
    gradient = Vector::Zero(1);
    double value = 0;
    for (const std::size_t i : examples) {
      value += 0.5 * (x[0] - a[i]) * (x[0] - a[i]) / static_cast<double>(examples.size());
      gradient[0] += (x[0] - a[i]) / static_cast<double>(examples.size());
    }
    return value;
  }
};

} // namespace

// Kingma & Ba, section 2.1: the corrected moments of a constant gradient are g and g^2 at every step, so
// without epsilon each step is exactly the learning rate against the sign.
TEST_CASE("Adam moves by the learning rate under a constant gradient") {
  const Linear f{Vector{{1e-4, -300.0, 0.0}}};
  const Vector start{{1.0, 2.0, 3.0}};
  const Result r =
      minimise(f, start, AdamOptions{.maximum_iterations = 7, .learning_rate = 0.01, .epsilon = 0});
  CHECK(r.stop_reason == StopReason::iteration_limit);
  CHECK(r.iterations == 7);
  CHECK(r.gradient_evaluations == 8);
  CHECK((r.x - Vector{{1 - 0.07, 2 + 0.07, 3.0}}).norm() < 1e-14);
}

// Steps by hand for f = x^2 / 2 from 1, alpha 0.1, beta 0.5 and 0.75, epsilon 1:
// t = 1: g = 1, corrected m = 1, v = 1, step -0.1 / 2 = -0.05.
// t = 2: g = 0.95, m = 0.25 + 0.475 = 0.725 over 0.75, v = 0.1875 + 0.225625 = 0.413125 over 0.4375.
TEST_CASE(
    "Adam's first two steps are those of the paper, epsilon added after the root of the corrected moment") {
  struct Parabola {
    double value_and_gradient(const Vector& x, Vector& gradient) const {
      gradient = x;
      return 0.5 * x.squaredNorm();
    }
  };
  const AdamOptions options{
      .maximum_iterations = 2, .learning_rate = 0.1, .beta1 = 0.5, .beta2 = 0.75, .epsilon = 1};
  const double second = 0.95 - 0.1 * (0.725 / 0.75) / (std::sqrt(0.413125 / 0.4375) + 1);
  CHECK(minimise(Parabola{}, Vector{{1.0}}, options).x[0] == Approx(second).epsilon(1e-15));
}

TEST_CASE("Adam reaches the minimum of Rosenbrock in its time") {
  const Result r = minimise(Rosenbrock{}, Rosenbrock::start(),
                            AdamOptions{.maximum_iterations = 20000, .learning_rate = 0.02});
  CHECK(r.value < 1e-8);
}

TEST_CASE("Adam's minibatches visit each example once an epoch, and repeat with their seed") {
  struct Recording {
    Mean mean;
    std::vector<std::size_t>* seen;
    std::size_t size() const { return mean.size(); }
    double value_and_gradient(const Vector& x, std::span<const std::size_t> examples,
                              Vector& gradient) const {
      seen->insert(seen->end(), examples.begin(), examples.end());
      return mean.value_and_gradient(x, examples, gradient);
    }
  };
  const auto run = [](std::uint64_t seed, std::vector<std::size_t>& seen) {
    const Recording f{{Vector::LinSpaced(10, 0, 9)}, &seen};
    // Batches of 4, 4 and 2: the start and five steps are two epochs, then the whole for the result.
    return minimise(f, Vector{{4.0}}, AdamOptions{.maximum_iterations = 5, .batch_size = 4, .seed = seed});
  };
  std::vector<std::size_t> first, again, other;
  const Result r = run(1, first);
  CHECK(run(1, again).x == r.x);
  run(2, other);
  CHECK(first == again);
  CHECK(first != other);
  CHECK(r.minibatch_evaluations == 7);
  REQUIRE(first.size() == 30);
  std::vector<std::size_t> all(10);
  std::iota(all.begin(), all.end(), std::size_t{0});
  for (int epoch = 0; epoch < 3; ++epoch)
    CHECK(std::is_permutation(all.begin(), all.end(), first.begin() + 10 * epoch));
  CHECK(!std::equal(first.begin(), first.begin() + 10, first.begin() + 10)); // a fresh order
}

TEST_CASE("Adam on minibatches finds the mean and reports the value of the whole") {
  const Mean f{Vector::LinSpaced(100, 0, 99)};
  for (const std::uint64_t seed : {1, 2, 3}) {
    const Result r = minimise(
        f, Vector{{0.0}},
        AdamOptions{.maximum_iterations = 4000, .learning_rate = 0.05, .batch_size = 20, .seed = seed});
    CHECK(r.x[0] == Approx(49.5).margin(2));
    const double variance = (100.0 * 100 - 1) / 12; // of 0 ... 99
    CHECK(r.value == Approx(0.5 * (variance + (r.x[0] - 49.5) * (r.x[0] - 49.5))).epsilon(1e-12));
    CHECK(r.gradient[0] == Approx(r.x[0] - 49.5).margin(1e-10));
  }
}

TEST_CASE("Adam refuses a batch size that the objective does not fit") {
  CHECK_THROWS_AS(minimise(Rosenbrock{}, Rosenbrock::start(), AdamOptions{.batch_size = 4}),
                  raphson::InputError);
  const Mean f{Vector::Ones(3)};
  CHECK_THROWS_AS(minimise(f, Vector{{0.0}}, AdamOptions{}), raphson::InputError);
}
