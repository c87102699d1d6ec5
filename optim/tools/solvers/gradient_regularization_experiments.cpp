#include "optim/tools/solvers/gradient_regularization_experiments.h"

#include "optim/autodiff/kernels/product_count.h"
#include "optim/data/digits.h"
#include "optim/data/image_transforms.h"
#include "optim/engine/random.h"
#include "optim/tools/solvers/table_network.h"

#include <cmath>
#include <numeric>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;
using Network = nn::NetworkObjective<double>;

std::vector<std::size_t> first_rows(std::size_t count) {
  std::vector<std::size_t> rows(count);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

data::Dataset small_digits(std::size_t count, std::uint64_t seed) {
  return data::pool(data::digits(count, seed), 14, 14);
}

} // namespace

SparseProblem sparse_problem(Index rows, Index columns, std::uint64_t seed) {
  RandomStream random(seed, "sparse problem");
  Matrix x(rows, columns);
  for (double& entry : x.reshaped<Eigen::RowMajor>()) entry = 5 + std::sqrt(5.0) * random.normal();
  Vector beta = Vector::Zero(columns);
  beta.head(5).setConstant(1 / std::sqrt(5.0));
  const Vector y = x * beta;
  return {DiagonalNetwork(std::move(x), y), beta};
}

Consequences consequences(std::uint64_t seed) {
  const data::Dataset digits = small_digits(200, seed);
  const TableNetwork network(digits, {.model = TableModel::mlp, .hidden = {12}});
  const auto f = network.objective<double>(digits);
  const Vector x = network.start(seed);
  const std::vector<std::size_t> batch = first_rows(50);
  const auto gradient_at = [&](const Vector& at) {
    Vector g;
    f->value_and_gradient(at, batch, g);
    return g;
  };
  const Vector g = gradient_at(x);
  const auto direction = [&](GradientDifference mode, double gamma, double epsilon) {
    Vector d;
    regularised(*f, {.gamma = gamma, .epsilon = epsilon, .mode = mode}).value_and_gradient(x, batch, d);
    return d;
  };
  const auto difference = [&](GradientDifference mode, double epsilon) {
    return Vector(direction(mode, 1, epsilon) - g);
  };
  using enum GradientDifference;
  const Vector exact = f->hessian_product(x, batch, g);
  const auto one_sided = [&](double epsilon) { return (difference(forward, epsilon) - exact).norm(); };
  const auto averaged = [&](double epsilon) {
    return (0.5 * (difference(forward, epsilon) + difference(backward, epsilon)) - exact).norm();
  };
  const double eta = 0.1, step = 0.01;
  const auto flood_step = [&](const Vector& at, double level) {
    Vector d;
    flooded(*f, level).value_and_gradient(at, batch, d);
    return Vector(at - eta * d);
  };
  const double never = -1, always = 1e9;
  const Vector down_up = flood_step(flood_step(x, never), always) - x,
               up_down = flood_step(flood_step(x, always), never) - x;
  const Vector by_b = -eta * eta * difference(backward, eta), by_f = -eta * eta * difference(forward, eta);
  return {.sam = (direction(forward, 0.7, 0.7) - gradient_at(x + 0.7 * g)).norm() / g.norm(),
          .none = (direction(forward, 0, 0.7) - g).norm(),
          .one_sided = one_sided(step) / one_sided(step / 2),
          .averaged = averaged(step) / averaged(step / 2),
          .flood_down_up = (down_up - by_b).norm() / by_b.norm(),
          .flood_up_down = (up_down - by_f).norm() / by_f.norm()};
}

ProductCounts product_counts(int layers) {
  const data::Dataset digits = small_digits(50, 1);
  const TableNetwork network(digits,
                             {.model = TableModel::mlp,
                              .hidden = std::vector<Index>(static_cast<std::size_t>(layers - 1), Index{8}),
                              .activation = nn::Activation::relu});
  const auto f = network.objective<double>(digits);
  const Vector x = network.start(1);
  const std::vector<std::size_t> batch = first_rows(50);
  const auto count = [&](const auto& objective) {
    Vector g;
    const std::int64_t before = products_on_this_thread();
    objective.value_and_gradient(x, batch, g);
    return products_on_this_thread() - before;
  };
  const auto of = [&](GradientDifference mode) { return count(regularised(*f, {.mode = mode})); };
  return {.plain = count(*f),
          .forward = of(GradientDifference::forward),
          .backward = of(GradientDifference::backward),
          .double_backprop = of(GradientDifference::double_backprop)};
}

} // namespace raphson::optim::tools
