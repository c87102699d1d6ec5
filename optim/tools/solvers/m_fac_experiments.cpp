#include "optim/tools/solvers/m_fac_experiments.h"

#include "optim/data/digits.h"
#include "optim/data/image_transforms.h"
#include "optim/engine/random.h"
#include "optim/engine/stopwatch.h"
#include "optim/nn/train.h"

#include <Eigen/Cholesky>

#include <algorithm>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;

Vector random_vector(Index size, RandomStream& random) {
  Vector x(size);
  for (double& entry : x) entry = random.normal();
  return x;
}

} // namespace

InverseErrors inverse_errors(Index d, Index m, double lambda, Index pushes, std::uint64_t seed) {
  RandomStream random(seed, "inverse errors");
  SlidingInverseFisher sliding(d, m, lambda);
  RowMatrix latest = RowMatrix::Zero(m, d);
  for (Index k = 0; k < pushes; ++k) {
    const Vector g = random_vector(d, random);
    sliding.push(g);
    latest.row(k % m) = g.transpose();
  }
  const Vector x = random_vector(d, random);
  const Matrix f = lambda * Matrix::Identity(d, d) + latest.transpose() * latest / static_cast<double>(m);
  const Eigen::LLT<Matrix> dense(f);
  const Vector product = dense.solve(x), diagonal = dense.solve(Matrix::Identity(d, d)).diagonal();
  const InverseFisher fixed(latest, lambda);
  return {.sliding = (sliding.product(x) - product).norm() / product.norm(),
          .fixed = (fixed.product(x) - product).norm() / product.norm(),
          .diagonal = std::max((sliding.diagonal() - diagonal).norm(), (fixed.diagonal() - diagonal).norm())
                      / diagonal.norm()};
}

PushCost push_cost(Index d, Index m, std::uint64_t seed) {
  RandomStream random(seed, "push cost");
  SlidingInverseFisher sliding(d, m, 0.01);
  const Vector g = random_vector(d, random);
  Vector u(d);
  for (Index k = 0; k < m; ++k) sliding.push(g);
  const VectorWork before = sliding.work();
  const Stopwatch stopwatch;
  constexpr int times = 8;
  for (int k = 0; k < times; ++k) {
    sliding.push(g);
    sliding.product_of_newest(u);
  }
  return {{(sliding.work().dot_products - before.dot_products) / times,
           (sliding.work().additions - before.additions) / times},
          stopwatch.seconds() / times};
}

DigitNetwork digit_network(std::size_t training, std::size_t held_out, int steps, std::uint64_t seed) {
  DigitNetwork result{
      .digits = data::digits_split(training, held_out, seed), .network = {}, .parameters = {}};
  for (data::Dataset* part : {&result.digits.training, &result.digits.held_out})
    *part = data::pool(*part, 14, 14);
  result.network = std::make_unique<TableNetwork>(
      result.digits.training, TableNetworkOptions{.model = TableModel::mlp, .hidden = {40, 20}});
  const auto objective = result.network->objective<float>(result.digits.training);
  result.parameters = nn::train<float>(*objective, result.network->layout(), result.network->start(seed),
                                       {.rule = AdamSettings{.learning_rate = 3e-3},
                                        .batch_size = 100,
                                        .steps = steps,
                                        .schedule = cosine(steps),
                                        .seed = seed})
                          .parameters;
  return result;
}

} // namespace raphson::optim::tools
