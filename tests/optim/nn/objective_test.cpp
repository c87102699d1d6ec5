// A network's loss as an objective: its derivatives against differences, example by example against one by
// one, the same whatever the threads, and no allocation once it runs.
#include "optim/nn/objective.h"

#include "optim/autodiff/operations/softmax.h"
#include "optim/engine/finite_differences.h"
#include "optim/engine/random.h"
#include "optim/nn/mlp.h"
#include "tests/catch.h"

using namespace raphson::optim;
using namespace raphson::optim::nn;

namespace {

/// 37 examples of 3 classes; a small network with every kind of layer whose examples can be told apart.
struct Fixture {
  data::RowMatrix features{37, 8};
  std::vector<int> labels;
  Layout layout;
  Embedding embedding{layout, "embedding", 3, 8, 0.5};
  BatchNorm norm{layout, "norm", 8};
  Convolution2d convolution{layout, "convolution", 1, 2, 2};
  Mlp mlp{layout, {{6, 5, 3}, Activation::gelu}, "mlp."};
  Vector theta;

  Fixture() {
    RandomStream stream(3, "examples");
    for (Index i = 0; i < features.rows(); ++i) {
      for (Index j = 0; j < features.cols(); ++j) features(i, j) = stream.normal();
      labels.push_back(static_cast<int>(stream.index(3)));
    }
    theta = layout.initial(1);
    for (auto& value : theta) value += 0.1 * stream.normal();
  }

  template <class T> Var<T> losses(const Weights<T>& w, Examples examples) const {
    Tape<T>& tape = w.tape();
    std::vector<int> chosen;
    for (const std::size_t e : examples) chosen.push_back(labels[e]);
    const Index count = static_cast<Index>(examples.size());
    const T frozen[2] = {T(0.1), T(1.3)};
    T* const statistics = tape.template take_array<T>(2);
    std::copy_n(frozen, 2, statistics);
    const BatchStatistics<T> of_norm{tape.constant({1, 1}, statistics),
                                     tape.constant({1, 1}, statistics + 1)};
    const Var<T> x = norm(w, rows_of(tape, features, examples) + embedding(w, chosen, {count}), of_norm);
    const Var<T> image = tanh(convolution(w, reshape(x, {count, 1, 2, 4})));
    return cross_entropy(mlp(w, reshape(image, {count, 6})), std::span<const int>(chosen));
  }

  template <class T> NetworkObjective<T> objective(NetworkOptions options = {}) const {
    return NetworkObjective<T>(
        layout, static_cast<std::size_t>(features.rows()),
        [this](const Weights<T>& w, Examples examples) { return losses(w, examples); }, options);
  }
};

} // namespace

TEST_CASE("a network's derivatives agree with differences", "[nn]") {
  const Fixture f;
  const auto objective = f.objective<double>();
  Vector gradient;
  objective.value_and_gradient(f.theta, gradient);
  const Vector expected = finite_difference_gradient(objective, f.theta);
  CHECK((gradient - expected).norm() < 1e-8 * expected.norm());
  Vector v = Vector::LinSpaced(f.theta.size(), -1, 1);
  const Vector product = finite_difference_hessian_product(objective, f.theta, v);
  CHECK((objective.hessian_product(f.theta, v) - product).norm() < 1e-7 * product.norm());
}

TEST_CASE("gradients of each example are those of one example at a time", "[nn]") {
  const Fixture f;
  const auto objective = f.objective<double>({.most_at_once = 5});
  const std::vector<std::size_t> examples = {3, 1, 4, 1, 5, 9, 2, 6, 36, 0, 7};
  const data::RowMatrix gradients = objective.gradients(f.theta, examples);
  Vector mean;
  objective.value_and_gradient(f.theta, Examples(examples), mean);
  CHECK((gradients.colwise().mean().transpose() - mean).norm() < 1e-13 * mean.norm());
  for (std::size_t i = 0; i < examples.size(); ++i) {
    Vector one;
    objective.value_and_gradient(f.theta, Examples(examples).subspan(i, 1), one);
    CHECK((gradients.row(static_cast<Index>(i)).transpose() - one).norm() < 1e-13 * (1 + one.norm()));
  }
}

TEST_CASE("a network's sums depend on the shards, not on the threads", "[nn]") {
  const Fixture f;
  Vector one, four;
  const double a =
      f.objective<float>({.threads = 1, .shards = 4, .most_at_once = 3}).value_and_gradient(f.theta, one);
  const double b =
      f.objective<float>({.threads = 4, .shards = 4, .most_at_once = 3}).value_and_gradient(f.theta, four);
  CHECK(a == b);
  CHECK(one == four);
  Vector whole;
  const double c = f.objective<double>().value_and_gradient(f.theta, whole);
  CHECK(a == Approx(c).epsilon(1e-5));
  CHECK((one - whole).norm() < 1e-4 * whole.norm());
}

TEST_CASE("a block is drawn from a stream of its own", "[nn]") {
  Layout small, large;
  const Linear a(small, "a", 3, 2);
  const Linear before(large, "before", 5, 5), same(large, "a", 3, 2);
  CHECK(small.initial(7) == large.initial(7).tail(small.size()));
  CHECK(small.initial(7) != small.initial(8));
  CHECK_THROWS_WITH(Linear(small, "a", 1, 1), "two layers of the network are called a.weight");
}
