#include "optim/autodiff/operations/rational.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/autodiff/operations/arithmetic.h"
#include "optim/autodiff/operations/matmul.h"
#include "optim/autodiff/operations/reduction.h"
#include "optim/engine/random.h"
#include "optim/engine/rational_kernel.h"
#include "optim/engine/types.h"

using namespace raphson;
using namespace raphson::optim;
using Catch::Matchers::Contains;

namespace {

/// Three examples of four channels in two groups of one a, 12 steps, order 3.
constexpr Index examples = 3, channels = 4, groups = 2, order = 3, steps = 12;
constexpr Index at_a = channels, at_b = at_a + groups * order, at_u = at_b + channels * order,
                all = at_u + examples * channels * steps;

Vector point() {
  RandomStream random(1, "rational operation");
  Vector x(all);
  for (double& value : x) value = random.uniform(-0.4, 0.4);
  return x;
}

template <class T> Var<T> output(Tape<T>& tape, const T* x, T* gradient, Index length) {
  const auto at = [&](const Shape& shape, Index from) {
    return tape.parameter(shape, x + from, gradient + from);
  };
  const Var<T> k =
      rational_kernel(at({channels}, 0), at({groups, order}, at_a), at({channels, order}, at_b), length);
  return causal_convolution(at({examples, channels, steps}, at_u), k);
}

template <class T> double loss(const Vector& at, Vector& gradient, Index length) {
  const Eigen::Matrix<T, Eigen::Dynamic, 1> x = at.cast<T>();
  Eigen::Matrix<T, Eigen::Dynamic, 1> g = Eigen::Matrix<T, Eigen::Dynamic, 1>::Zero(all);
  Tape<T> tape;
  const Var<T> y = output(tape, x.data(), g.data(), length);
  std::vector<T> weights;
  for (Index i = 0; i < y.size(); ++i)
    weights.push_back(static_cast<T>(0.1 * static_cast<double>(i % 7) - 0.2));
  const Var<T> sum_of = sum(y * tape.constant(y.shape(), weights.data()) + square(y));
  tape.backward(sum_of);
  gradient = g.template cast<double>();
  return static_cast<double>(sum_of.item());
}

} // namespace

TEST_CASE("Gradients of h0, a, b and the signal are those of differences") {
  const Vector x = point();
  for (const Index length : {5, 12, 13}) {
    Vector gradient, unused;
    loss<double>(x, gradient, length);
    for (Index i = 0; i < all; ++i) {
      const Vector step = Vector::Unit(all, i) * 1e-6;
      const double slope =
          (loss<double>(x + step, unused, length) - loss<double>(x - step, unused, length)) / 2e-6;
      CHECK(gradient[i] == Approx(slope).epsilon(1e-6).margin(1e-8));
    }
    Vector in_float;
    CHECK(loss<float>(x, in_float, length) == Approx(loss<double>(x, unused, length)).epsilon(1e-4));
    CHECK((in_float - gradient).norm() < 1e-4 * gradient.norm());
  }
}

TEST_CASE("On the tape the kernel is the engine's, and channels of a group share their a") {
  const Vector x = point();
  Vector g = Vector::Zero(all);
  Tape<double> tape;
  const Var<double> k =
      rational_kernel(tape.constant({channels}, x.data()), tape.constant({groups, order}, x.data() + at_a),
                      tape.constant({channels, order}, x.data() + at_b), steps);
  for (Index c = 0; c < channels; ++c) {
    const double *a = x.data() + at_a + c / 2 * order, *b = x.data() + at_b + c * order;
    const auto expected = rational_kernel({x[c], {a, a + order}, {b, b + order}}, steps);
    for (Index t = 0; t < steps; ++t) CHECK(k.value()(c, t) == Approx(expected[static_cast<std::size_t>(t)]));
  }
}

TEST_CASE("An impulse late in the signal does not show at its beginning") {
  Tape<double> tape;
  std::vector<double> u(16), ones(16, 1.0);
  u[13] = 1;
  const auto y = causal_convolution(tape.constant({1, 1, 16}, u.data()), tape.constant({1, 16}, ones.data()));
  for (Index t = 0; t < 16; ++t) CHECK(y.data()[t] == Approx(t >= 13 ? 1 : 0).margin(1e-12));
}

TEST_CASE("The last step of the convolution is one product with the kernel turned round") {
  RandomStream random(3, "last step");
  std::vector<double> u(2 * 3 * 10), k(3 * 10);
  for (double& value : u) value = random.normal();
  for (double& value : k) value = random.normal();
  Tape<double> tape;
  const auto y = causal_convolution(tape.constant({2, 3, 10}, u.data()), tape.constant({3, 10}, k.data()));
  for (std::size_t e = 0; e < 2; ++e)
    for (std::size_t c = 0; c < 3; ++c) {
      double last = 0;
      for (std::size_t s = 0; s < 10; ++s) last += k[c * 10 + s] * u[(e * 3 + c) * 10 + 9 - s];
      CHECK(y.data()[(e * 3 + c) * 10 + 9] == Approx(last));
    }
}

TEST_CASE("The tape holds no more for order 1024 than for order 4") {
  const auto bytes = [](Index n) {
    const std::vector<double> h0(2), a(static_cast<std::size_t>(n), 0.1 / static_cast<double>(n));
    std::vector<double> b(2 * static_cast<std::size_t>(n), 0.1), gradient(3 * static_cast<std::size_t>(n));
    Tape<double> tape;
    rational_kernel(tape.constant({2}, h0.data()), tape.parameter({1, n}, a.data(), gradient.data()),
                    tape.parameter({2, n}, b.data(), gradient.data() + n), 4096);
    return tape.bytes();
  };
  CHECK(bytes(1024) == bytes(4)); // the parameters themselves are the caller's
}

TEST_CASE("Shapes that do not fit and tapes with tangents are refused") {
  Tape<double> tape;
  const std::vector<double> x(64);
  const auto of = [&](const Shape& shape) { return tape.constant(shape, x.data()); };
  CHECK_THROWS_WITH(rational_kernel(of({4}), of({3, 2}), of({4, 2}), 8), Contains("do not fit"));
  CHECK_THROWS_WITH(rational_kernel(of({4}), of({4, 2}), of({4, 3}), 8), Contains("do not fit"));
  CHECK_THROWS_WITH(rational_kernel(of({4}), of({4, 8}), of({4, 8}), 8), Contains("below the length"));
  CHECK_THROWS_WITH(causal_convolution(of({2, 3, 4}), of({2, 4})), Contains("do not fit"));
  Tape<double> tangents(TapeMode::tangents);
  CHECK_THROWS_WITH(
      causal_convolution(tangents.constant({1, 1, 4}, x.data()), tangents.constant({1, 4}, x.data())),
      Contains("no tangents"));
}
