#include "optim/tools/solvers/soap.h"

#include "optim/engine/first_order.h"
#include "optim/engine/random.h"

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <Eigen/SVD>

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;

Matrix random_matrix(RandomStream& random, Index rows, Index columns) {
  Matrix matrix(rows, columns);
  for (double& entry : matrix.reshaped()) entry = random.normal();
  return matrix;
}

/// A matrix as the rules see it, row by row.
class Weights {
public:
  explicit Weights(const Matrix& w) : w_(w) {}
  const Matrix value() const { return w_; }
  void step(UpdateRule<double>& rule, const Matrix& gradient) {
    const RowMajor g = gradient;
    rule.step({g.data(), static_cast<std::size_t>(g.size())},
              {w_.data(), static_cast<std::size_t>(w_.size())});
  }

private:
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  RowMajor w_;
};

ParameterBlocks one_matrix(Index rows, Index columns) { return {{"w", 0, rows, columns}}; }

/// The mean squared error at the start of each step.
std::vector<double> regression_losses(const RuleSettings& settings, const Matrix& x, const Matrix& y) {
  Weights w(Matrix::Zero(x.cols(), y.cols()));
  const auto rule = make_rule<double>(settings, one_matrix(x.cols(), y.cols()));
  std::vector<double> losses;
  for (int t = 0; t < 100; ++t) {
    const Matrix error = x * w.value() - y;
    losses.push_back(error.squaredNorm() / static_cast<double>(x.rows()));
    w.step(*rule, 2 * x.transpose() * error / static_cast<double>(x.rows()));
  }
  return losses;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

} // namespace

double shampoo_is_adafactor_error(std::uint64_t seed) {
  constexpr Index rows = 6, columns = 9, count = 40;
  RandomStream random(seed, "gradients");
  std::vector<Matrix> set;
  Matrix l = Matrix::Zero(rows, rows), r = Matrix::Zero(columns, columns);
  for (Index k = 0; k < count; ++k) {
    const Matrix& g = set.emplace_back(random_matrix(random, rows, columns));
    l += g * g.transpose() / count;
    r += g.transpose() * g / count;
  }
  const Eigen::SelfAdjointEigenSolver<Matrix> on_l(l), on_r(r);
  const Matrix &ql = on_l.eigenvectors(), &qr = on_r.eigenvectors();
  Matrix squares = Matrix::Zero(rows, columns);
  for (const Matrix& g : set) squares += (ql.transpose() * g * qr).cwiseAbs2() / count;
  const Vector a = squares.rowwise().sum(), c = squares.colwise().sum().transpose();
  const Matrix rotated = ql.transpose() * set[0] * qr, second = a * c.transpose() / a.sum();
  const Matrix adafactor = ql * rotated.cwiseQuotient(second.cwiseSqrt()) * qr.transpose();
  const Matrix shampoo =
      std::sqrt(l.trace()) * on_l.operatorInverseSqrt() * set[0] * on_r.operatorInverseSqrt();
  return (adafactor - shampoo).norm() / shampoo.norm();
}

double polar_step_error(std::uint64_t seed) {
  RandomStream random(seed, "polar");
  const Matrix g = random_matrix(random, 6, 6);
  SoapRule<double> rule(one_matrix(6, 6), {.learning_rate = 1, .decoupled_decay = 0});
  Weights w(Matrix::Zero(6, 6));
  w.step(rule, g);
  w.step(rule, g);
  const Eigen::JacobiSVD<Matrix> svd(g, Eigen::ComputeFullU | Eigen::ComputeFullV);
  const Matrix polar = svd.matrixU() * svd.matrixV().transpose();
  return (w.value() + polar).norm() / polar.norm();
}

RotationErrors rotation_errors(std::uint64_t seed) {
  RandomStream random(seed, "rotation");
  const Matrix x = random_matrix(random, 40, 3), y = 3 * random_matrix(random, 40, 3);
  const Matrix turned = x * Matrix(random_matrix(random, 3, 3).householderQr().householderQ());
  const auto error = [&](const RuleSettings& rule) {
    return largest_difference(regression_losses(rule, x, y), regression_losses(rule, turned, y));
  };
  return {.soap = error(SoapSettings{.learning_rate = 0.1, .decoupled_decay = 0}),
          .soap_each_step = error(SoapSettings{.learning_rate = 0.1, .decoupled_decay = 0, .refresh = 1}),
          .adam = error(AdamSettings{.learning_rate = 0.1})};
}

double delayed_adam_error(std::uint64_t seed) {
  RandomStream random(seed, "delayed");
  SoapRule<double> soap(one_matrix(4, 6), {.learning_rate = 0.1, .decoupled_decay = 0, .max_precond_dim = 0});
  AdamRule<double> adam(one_block(24), {.learning_rate = 0.1, .beta1 = 0.95, .beta2 = 0.95});
  Weights w(Matrix::Ones(4, 6)), x(Matrix::Ones(4, 6));
  w.step(soap, random_matrix(random, 4, 6));
  for (int t = 0; t < 100; ++t) {
    const Matrix g = random_matrix(random, 4, 6);
    w.step(soap, g);
    x.step(adam, g);
  }
  return (w.value() - x.value()).lpNorm<Eigen::Infinity>();
}

} // namespace raphson::optim::tools
