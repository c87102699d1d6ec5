// A perceptron's passes as matrices against the tape: gradients, Jacobians, Gauss-Newton matrices, EK-FAC.
#include "optim/nn/mlp_passes.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/engine/random.h"
#include "optim/nn/ek_fac.h"
#include "optim/nn/mlp_objective.h"

#include <numeric>

using namespace raphson::optim;
using namespace raphson::optim::nn;

namespace {

struct Example {
  data::Dataset dataset;
  Layout layout;
  Mlp mlp;
  Vector theta;
  std::vector<std::size_t> rows;

  Example(bool classes, Activation activation)
      : mlp(layout, {{5, 7, 6, classes ? 4 : 1}, activation}), rows(40) {
    RandomStream random(3, "passes");
    dataset.features.resize(40, 5);
    for (auto& x : dataset.features.reshaped()) x = random.normal();
    for (int i = 0; classes && i < 40; ++i) dataset.labels.push_back(static_cast<int>(random.index(4)));
    if (classes) dataset.class_names = {"a", "b", "c", "d"};
    if (!classes) dataset.target = Vector::NullaryExpr(40, [&] { return random.normal(); });
    theta = layout.initial(1);
    for (auto& x : theta) x += 0.2 * random.normal();
    std::iota(rows.begin(), rows.end(), std::size_t{0});
  }
  MlpPass pass() const { return {mlp, theta, dataset.features}; }
  data::RowMatrix by_outputs() const { return loss_by_outputs(pass().outputs(), dataset, rows); }
};

// J by central differences of the outputs: one matrix [row][output] a parameter.
std::vector<data::RowMatrix> jacobian(const Example& e) {
  std::vector<data::RowMatrix> result;
  for (Index i = 0; i < e.theta.size(); ++i) {
    Vector high = e.theta, low = e.theta;
    high[i] += 1e-5;
    low[i] -= 1e-5;
    result.push_back((MlpPass(e.mlp, high, e.dataset.features).outputs()
                      - MlpPass(e.mlp, low, e.dataset.features).outputs())
                     / 2e-5);
  }
  return result;
}

} // namespace

TEST_CASE("Passes: gradients of each example, and their mean, are the tape's") {
  for (const bool classes : {true, false}) {
    for (const auto activation : {Activation::tanh, Activation::relu, Activation::gelu, Activation::softplus,
                                  Activation::silu, Activation::sigmoid, Activation::none}) {
      const Example e(classes, activation);
      const auto f = mlp_objective<double>(e.layout, e.mlp, e.dataset);
      const auto expected = f.gradients(e.theta, e.rows);
      CHECK((example_gradients(e.pass(), e.by_outputs()) - expected).norm() < 1e-12 * expected.norm());
      const Vector mean = expected.colwise().mean();
      CHECK((mean_gradient(e.pass(), e.by_outputs()) - mean).norm() < 1e-12 * mean.norm());
    }
  }
}

TEST_CASE("Passes: Gauss-Newton is J^T L J of a Jacobian by differences, and its products are its own") {
  for (const bool classes : {true, false}) {
    const Example e(classes, Activation::tanh);
    const auto loss = loss_of(e.dataset);
    const auto j = jacobian(e);
    const auto p = softmax_rows(e.pass().outputs());
    Matrix expected = Matrix::Zero(e.theta.size(), e.theta.size());
    for (Index row = 0; row < 40; ++row) {
      Matrix by_parameters(p.cols(), e.theta.size());
      for (Index i = 0; i < e.theta.size(); ++i)
        by_parameters.col(i) = j[static_cast<std::size_t>(i)].row(row).transpose();
      Matrix l = Matrix::Identity(p.cols(), p.cols());
      if (classes) l = Matrix(p.row(row).asDiagonal()) - p.row(row).transpose() * p.row(row);
      expected += by_parameters.transpose() * l * by_parameters / 40;
    }
    const Matrix h = gauss_newton(e.pass(), loss);
    CHECK((h - expected).norm() < 1e-8 * expected.norm());
    CHECK((h - h.transpose()).norm() == 0);
    const Vector v = e.theta.reverse();
    CHECK((gauss_newton_product(e.pass(), loss, v) - h * v).norm() < 1e-12 * (h * v).norm());
  }
}

// At a fitted model the gradients of the true labels vanish, and so would an empirical Fisher matrix.
TEST_CASE(
    "EK-FAC: the trace is the full matrix's, for drawn labels, also where the model fits the true ones") {
  for (const double sharpness : {1.0, 6.0}) {
    Example e(true, Activation::tanh);
    e.theta *= sharpness;
    const auto outputs = e.pass().outputs();
    for (Index row = 0; row < 40; ++row) {
      Index best = 0;
      outputs.row(row).maxCoeff(&best);
      e.dataset.labels[static_cast<std::size_t>(row)] = static_cast<int>(best); // fitted
    }
    const EkFac curvature(e.mlp, {e.theta}, e.dataset.features, OutputLoss::cross_entropy, {.draws = 20000});
    const double full = gauss_newton(e.pass(), OutputLoss::cross_entropy).trace();
    CHECK(curvature.trace() == Approx(full).epsilon(0.05));
    const double empirical = example_gradients(e.pass(), e.by_outputs()).squaredNorm() / 40;
    if (sharpness == 6.0) CHECK(empirical < 0.8 * full);
  }
}

TEST_CASE("EK-FAC: exact for one layer and one row, and between checkpoints the mean") {
  Layout layout;
  const Mlp mlp(layout, {{3, 2}, Activation::none});
  data::RowMatrix row(1, 3);
  row << 1, -2, 0.5;
  const Vector theta = layout.initial(2);
  const EkFac curvature(mlp, {theta}, row, OutputLoss::squared_error, {.draws = 20000});
  Vector v(8);
  v << 1, 2, 3, -1, 0.5, -2, 0.25, 1;
  const Vector expected =
      gauss_newton(MlpPass(mlp, theta, row), OutputLoss::squared_error) * v; // a a^T (x) I
  const Vector got = curvature.apply(v.transpose(), [](double x) { return x; }).transpose();
  CHECK((got - expected).norm() < 0.03 * expected.norm());
  const Vector same = curvature.apply(v.transpose(), [](double) { return 1; }).transpose();
  CHECK((same - v).norm() < 1e-12 * v.norm());
  CHECK_THROWS_AS(EkFac(mlp, {}, row, OutputLoss::squared_error), raphson::InputError);
}
