#include "optim/tools/signals/one_bit_training.h"

#include "catch.h"
#include "optim/engine/random.h"
#include "optim/tools/signals/one_bit_bounds.h"
#include "optim/tools/signals/one_bit_loss.h"
#include "optim/tools/signals/one_bit_model.h"
#include "optim/tools/signals/one_bit_problems.h"
#include "optim/tools/signals/one_bit_stages.h"

#include <Eigen/SVD>

#include <cmath>
#include <numeric>

using namespace raphson::optim;
using namespace raphson::optim::tools;

namespace {

RowMatrix random_matrix(RandomStream& random, Eigen::Index rows, Eigen::Index columns) {
  RowMatrix matrix(rows, columns);
  for (Eigen::Index i = 0; i < matrix.size(); ++i) matrix.data()[i] = random.normal();
  return matrix;
}

/// Two blocks 3 x 4.
RowMatrix small_operator() {
  RandomStream random(1, "one-bit operator");
  RowMatrix a = RowMatrix::Zero(6, 8);
  a.topLeftCorner(3, 4) = random_matrix(random, 3, 4);
  a.bottomRightCorner(3, 4) = random_matrix(random, 3, 4);
  return a;
}

Examples small_examples(const RowMatrix& a, Eigen::Index count) {
  RandomStream random(2, "one-bit examples");
  Examples examples{random_matrix(random, count, a.cols()), {}};
  for (Eigen::Index i = 0; i < examples.x.size(); ++i)
    if (random.uniform() > 0.3) examples.x.data()[i] = 0;
  examples.y = observe(a, examples.x, 40, 1);
  return examples;
}

/// W of all layers, then theta.
std::vector<double> parameters_of(const Unrolled& network) {
  std::vector<double> values;
  for (const RowMatrix& w : network.w) values.insert(values.end(), w.data(), w.data() + w.size());
  values.insert(values.end(), network.theta.begin(), network.theta.end());
  return values;
}

double singular_value(const RowMatrix& matrix) {
  return Eigen::JacobiSVD<Eigen::MatrixXd>(matrix).singularValues()[0];
}

} // namespace

TEST_CASE("Unrolling: the classic iteration ends where its optimality conditions hold") {
  const RowMatrix a = small_operator();
  const Examples e = small_examples(a, 5);
  CHECK(spectral_norm(a) == Approx(singular_value(a)).epsilon(1e-8));
  const double theta = 0.01, step = 1 / (singular_value(a) * singular_value(a));
  const RowMatrix x = solve(classic_iteration(a, 20000, theta), a, e.y);
  const RowMatrix pull = step * (e.y - x * a.transpose()) * a; // theta sign x, or within +- theta where x = 0
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    const double at = x.data()[i], by = pull.data()[i];
    if (at != 0)
      CHECK(by == Approx(at > 0 ? theta : -theta).margin(1e-7));
    else
      CHECK(std::abs(by) <= theta + 1e-7);
  }
}

TEST_CASE("Unrolling: the tape's loss is that of the steps, its gradient that of differences") {
  const RowMatrix a = small_operator();
  const Examples e = small_examples(a, 12);
  for (const Prior prior : {Prior::sparse, Prior::none}) {
    Unrolled network = classic_iteration(a, 3, prior == Prior::sparse ? 0.05 : 0);
    RandomStream random(3, "one-bit weights");
    for (RowMatrix& w : network.w) w += 0.05 * random_matrix(random, 8, 6);
    const UnrolledLoss<double> loss(a, e, 3, prior);
    std::vector<double> at = parameters_of(network);
    at.resize(static_cast<std::size_t>(loss.parameters()));
    std::vector<std::size_t> batch(12);
    std::iota(batch.begin(), batch.end(), 0);
    std::vector<double> gradient(at.size()), unused(at.size());
    const double value = loss.value_and_gradient(at.data(), batch, gradient.data());
    CHECK(value == Approx((solve(network, a, e.y) - e.x).squaredNorm() / 12).epsilon(1e-12));
    for (std::size_t k = 0; k < at.size(); k += 7) {
      std::vector<double> up = at, down = at;
      up[k] += 1e-6;
      down[k] -= 1e-6;
      const double slope = (loss.value_and_gradient(up.data(), batch, unused.data())
                            - loss.value_and_gradient(down.data(), batch, unused.data()))
                           / 2e-6;
      CHECK(gradient[k] == Approx(slope).epsilon(1e-5).margin(1e-7));
    }
  }
}

TEST_CASE("One-bit: the conversion's scale is that of least squares, one for all layers") {
  const RowMatrix a = small_operator();
  const Unrolled full = train_full_precision(a, small_examples(a, 40), {.layers = 3, .epochs = 2});
  const OneBitNetwork network = to_one_bit(full, a);
  const auto misfit = [&](float scale) {
    OneBitNetwork other = network;
    other.scale = scale;
    const Unrolled expanded = other.expanded(a);
    double sum = 0;
    for (std::size_t k = 0; k < 3; ++k) sum += (expanded.w[k] - full.w[k]).squaredNorm();
    return sum;
  };
  CHECK(misfit(network.scale) < misfit(1.001f * network.scale));
  CHECK(misfit(network.scale) < misfit(0.999f * network.scale));
}

TEST_CASE("One-bit: after training weights are one number or zero where A^T is, and layers differ") {
  const RowMatrix a = small_operator(), support = support_of(a);
  const Examples e = small_examples(a, 400);
  const UnrollingOptions options{.layers = 4, .epochs = 30};
  const Unrolled full = train_full_precision(a, e, options);
  for (const RowMatrix& w : full.w) CHECK(support_of(w.transpose()) == support);
  const OneBitNetwork trained = train_one_bit(full, a, e, options);
  const OneBitModel model = pack(trained, a, Prior::sparse);
  const Unrolled network = model.expanded();
  for (const RowMatrix& w : network.w) {
    CHECK(w.cwiseAbs() == double{model.scale} * support);
    CHECK(support_of(w.transpose()) == support);
  }
  for (std::size_t k = 1; k < 4; ++k) CHECK(network.w[k] != network.w[k - 1]);
  for (const float theta : model.theta) CHECK(theta >= 0);
  CHECK(trained.scale != to_one_bit(full, a).scale);

  UnrollingOptions fixed = options;
  fixed.scale_trained = false;
  CHECK(train_one_bit(full, a, e, fixed).scale == to_one_bit(full, a).scale);
  UnrollingOptions linear = options;
  linear.prior = Prior::none;
  const OneBitNetwork none = train_one_bit(train_full_precision(a, e, linear), a, e, linear);
  for (const float theta : none.theta) CHECK(theta == 0);
}

TEST_CASE("One-bit: the second stage lowers the training error") {
  const RowMatrix a = small_operator();
  const Examples e = small_examples(a, 400);
  const UnrollingOptions options{.layers = 4, .epochs = 30};
  const Unrolled full = train_full_precision(a, e, options);
  const auto error = [&](const OneBitNetwork& network) {
    return nmse_db(solve(network.expanded(a), a, e.y), e.x);
  };
  CHECK(error(train_one_bit(full, a, e, options)) < error(to_one_bit(full, a)) - 0.5);
}

TEST_CASE("One-bit: the scale's first step is a tenth of the rate, down the slope of the loss") {
  const RowMatrix a = small_operator();
  const Examples e = small_examples(a, 60);
  Unrolled full = train_full_precision(a, e, {.layers = 3, .epochs = 3});
  for (const double size : {0.3, 3.0}) { // weights too small and too large: the scale has to go up and down
    Unrolled start = full;
    for (RowMatrix& w : start.w) w *= size;
    const OneBitNetwork before = to_one_bit(start, a);
    const auto error = [&](float scale) {
      OneBitNetwork network = before;
      network.scale = scale;
      return (solve(network.expanded(a), a, e.y) - e.x).squaredNorm();
    };
    const double slope = error(1.001f * before.scale) - error(0.999f * before.scale);
    const double unit = a.norm() / std::sqrt(8.0); // of A in training, which W and its scale are over
    const auto step = [&](int steps) {             // on all examples
      const UnrollingOptions o{.layers = 3, .epochs = steps, .batch_size = 60, .rate = 1e-3};
      return (double{train_one_bit(start, a, e, o).scale} - double{before.scale}) * unit;
    };
    CHECK(step(1) == Approx(slope > 0 ? -1e-4 : 1e-4).epsilon(0.01));
    CHECK((step(1) > 0) == (size < 1));
    CHECK(step(2) == Approx(1.5 * step(1)).epsilon(0.05)); // the second of two has half the rate
  }
}

TEST_CASE("One-bit: a step of the second stage, value by value") {
  const StageValues support = (StageValues(6) << 1, 1, 1, 1, 0, 1).finished();
  StageValues start(8); // V, then theta
  start << 1.49f, -1.49f, 0.01f, -0.5f, 0, 1.2f, 0.001f, 0.2f;
  OneBitStage stage(start, 0.4f, 6, support, {.layers = 2, .rate = 1e-3});
  StageValues weights;
  stage.weights(weights);
  CHECK((weights.head(6) == 0.4f * (StageValues(6) << 1, -1, 1, -1, 0, 1).finished()).all());
  StageValues gradient(8);
  gradient << -1, 1, 1, -0.5f, 3, 2, 1, -1;
  const double by_scale = -1 - 1 + 1 + 0.5 + 2; // sum of gradient times sign on the support
  stage.step(gradient, 1);
  // Adam's first step is its rate against the gradient's sign: 20 times 1e-3 for V, wherever V is.
  const float moved[] = {1.5f, -1.5f, -0.01f, -0.48f, 0, 1.18f, 0, 0.201f};
  for (int i = 0; i < 8; ++i) CHECK(stage.values()[i] == Approx(moved[i]).margin(1e-5));
  CHECK(stage.scale() == Approx(0.4 - (by_scale > 0 ? 1e-4 : -1e-4)).margin(1e-7));
  stage.weights(weights);
  CHECK(weights[2] == -stage.scale());
  CHECK(weights[4] == 0);
}

TEST_CASE("One-bit: training does not depend on the units of A and of x") {
  RowMatrix a = small_operator();
  const Examples e = small_examples(a, 200);
  const UnrollingOptions o{.layers = 3, .epochs = 4};
  const Unrolled full = train_full_precision(a, e, o);
  const OneBitNetwork one = train_one_bit(full, a, e, o);
  for (const double of_a : {1.0, 1024.0, 1000.0, 1e-3})
    for (const double of_x : {1.0, 128.0}) {
      const Examples f{of_x * e.x, of_a * of_x * e.y};
      const RowMatrix b = of_a * a;
      const Unrolled other = train_full_precision(b, f, o);
      for (std::size_t k = 0; k < 3; ++k) {
        CHECK((of_a * other.w[k] - full.w[k]).norm() < 1e-3 * full.w[k].norm());
        CHECK(other.theta[k] == Approx(of_x * full.theta[k]).epsilon(1e-3));
      }
      const OneBitNetwork network = train_one_bit(other, b, f, o);
      CHECK(of_a * double{network.scale} == Approx(double{one.scale}).epsilon(1e-3));
      for (std::size_t k = 0; k < 3; ++k)
        CHECK(double{network.theta[k]}
              == Approx(of_x * double{one.theta[k]}).epsilon(1e-2).margin(1e-6 * of_x));
      CHECK(nmse_db(solve(network.expanded(b), b, f.y), f.x)
            == Approx(nmse_db(solve(one.expanded(a), a, e.y), e.x)).margin(0.05));
    }
}

TEST_CASE("One-bit: bits a link count every link of the layers") {
  const RowMatrix a = block_operator(0, true);
  CHECK(one_bit_storage(a, 10).bits_a_link == Approx((10 * 768 + 32 * 11) / (10.0 * 64 * 48)).epsilon(1e-14));
  CHECK(one_bit_storage(a, 10).bytes == 960 + 44);
  CHECK(full_storage(a, 10, true).bytes == 10 * (64 * 48 + 1) * 4);
  CHECK(full_storage(a, 10, false).bytes == 10 * (768 + 1) * 4);
  // With ever more blocks of one size a link costs 1 / blocks.
  RowMatrix blocks = RowMatrix::Zero(8 * 30, 8 * 30);
  for (int b = 0; b < 8; ++b) blocks.block(30 * b, 30 * b, 30, 30).setOnes();
  CHECK(one_bit_storage(blocks, 20).bits_a_link == Approx(1.0 / 8).epsilon(0.01));
}

TEST_CASE("One-bit: errors without noise follow the recursion, within the bounds") {
  const RowMatrix a = small_operator().leftCols(3).topRows(3);
  Examples e = small_examples(a, 50);
  e.y = e.x * a.transpose();
  const UnrollingOptions options{.layers = 5, .prior = Prior::none, .epochs = 10};
  const Unrolled network = train_one_bit(train_full_precision(a, e, options), a, e, options).expanded(a);
  const UnrollingBounds bounds = bounds_of(network, a);
  RowMatrix error = -e.x;
  double product = 1, sensitivity = 0;
  std::size_t k = 0;
  solve(network, a, e.y, [&](const RowMatrix& x) {
    const RowMatrix step = RowMatrix::Identity(3, 3) - network.w[k] * a;
    error = error * step.transpose();
    CHECK((x - e.x - error).cwiseAbs().maxCoeff() < 1e-12 * (1 + error.cwiseAbs().maxCoeff()));
    CHECK(bounds.contraction[k] == Approx(singular_value(step)).epsilon(1e-6));
    CHECK(bounds.weight_norm[k] == Approx(singular_value(network.w[k])).epsilon(1e-6));
    product *= singular_value(step);
    sensitivity = singular_value(step) * sensitivity + singular_value(network.w[k]);
    ++k;
  });
  CHECK(bounds.error == Approx(product).epsilon(1e-5));
  CHECK(bounds.sensitivity == Approx(sensitivity).epsilon(1e-5));
  for (Eigen::Index i = 0; i < 50; ++i)
    CHECK(error.row(i).norm() <= bounds.error * e.x.row(i).norm() * 1.00001);
}

TEST_CASE("One-bit: x changes by no more than the bound when y does, thresholds or not") {
  const RowMatrix a = small_operator();
  const Examples e = small_examples(a, 100);
  const UnrollingOptions options{.layers = 4, .epochs = 5};
  const Unrolled network = train_one_bit(train_full_precision(a, e, options), a, e, options).expanded(a);
  const double bound = bounds_of(network, a).sensitivity;
  RandomStream random(4, "disturbance");
  const RowMatrix change = 0.3 * random_matrix(random, 100, 6);
  const RowMatrix moved = solve(network, a, e.y + change) - solve(network, a, e.y);
  for (Eigen::Index i = 0; i < 100; ++i) CHECK(moved.row(i).norm() <= bound * change.row(i).norm() * 1.00001);
}

TEST_CASE("One-bit: another order of the blocks of A is another order of the network") {
  const RowMatrix a = small_operator();
  const Examples e = small_examples(a, 60);
  Eigen::PermutationMatrix<Eigen::Dynamic> rows(6), columns(8);
  rows.indices() << 3, 4, 5, 0, 1, 2;
  columns.indices() << 4, 5, 6, 7, 0, 1, 2, 3;
  const RowMatrix b = rows * a * columns.transpose();
  const Examples f{e.x * columns.transpose(), e.y * rows.transpose()};
  const UnrollingOptions options{.layers = 3, .epochs = 2};
  const Unrolled one = train_full_precision(a, e, options), other = train_full_precision(b, f, options);
  for (std::size_t k = 0; k < 3; ++k) {
    const RowMatrix back = columns.transpose() * other.w[k] * rows;
    CHECK((back - one.w[k]).cwiseAbs().maxCoeff() < 1e-3 * one.w[k].cwiseAbs().maxCoeff());
  }
  const Unrolled signs = train_one_bit(one, a, e, options).expanded(a),
                 others = train_one_bit(other, b, f, options).expanded(b);
  Eigen::Index alike = 0, all = 0;
  for (std::size_t k = 0; k < 3; ++k) {
    const RowMatrix back = columns.transpose() * others.w[k] * rows;
    alike += (back.array() * signs.w[k].array() > 0).count();
    all += (signs.w[k].array() != 0).count();
  }
  CHECK(static_cast<double>(alike) >= 0.99 * static_cast<double>(all));
}
