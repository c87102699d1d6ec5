#include "optim/tools/signals/sparse_baselines.h"

#include "optim/engine/elastic_net.h"
#include "optim/engine/orthogonal_matching_pursuit.h"
#include "optim/engine/ridge.h"

#include <cmath>
#include <limits>

namespace raphson::optim::tools {
namespace {

/// The candidate that is nearest the truth.
class Nearest {
public:
  explicit Nearest(const Vector& truth) : truth_(truth) {}
  void offer(const Vector& candidate) {
    const double distance = (candidate - truth_).squaredNorm();
    if (!(distance < least_)) return;
    least_ = distance;
    best_ = candidate;
  }
  const Vector& best() const { return best_; }

private:
  const Vector& truth_;
  double least_ = std::numeric_limits<double>::infinity();
  Vector best_;
};

} // namespace

Matrix oracle_least_squares(const Matrix& a, const Matrix& y, const std::vector<Eigen::Index>& support) {
  const RowMajorMatrix chosen = a(Eigen::all, support);
  const Ridge ridge(chosen, 0, RidgeSide::parameters);
  Matrix x = Matrix::Zero(a.cols(), y.cols());
  x(support, Eigen::all) = ridge.solve_columns(y);
  return x;
}

Vector matching_pursuit(const Matrix& a, const Vector& y, Eigen::Index nonzeros) {
  const DenseDictionary dictionary(a);
  const OrthogonalMatchingPursuit pursuit(dictionary);
  return Matrix(pursuit.code(y, {.nonzeros = nonzeros})).col(0);
}

Vector best_lasso(const Matrix& a, const Vector& y, const Vector& truth, int weights) {
  ElasticNetSettings settings{.intercept = false};
  double weight = ElasticNetProblem(a, y, settings).largest_l1();
  Vector parameters = Vector::Zero(a.cols() + 1);
  Nearest nearest(truth);
  for (int k = 0; k < weights; ++k) {
    weight *= std::pow(10, -0.25);
    settings.l1 = weight;
    parameters = minimise(ElasticNetProblem(a, y, settings), parameters,
                          CoordinateDescentOptions{.maximum_sweeps = 300, .tolerance = 1e-3})
                     .x;
    nearest.offer(parameters.head(a.cols()));
  }
  return nearest.best();
}

Vector best_ridge(const Matrix& a, const Vector& y, const Vector& truth) {
  const RowMajorMatrix rows = a;
  const double unit = a.squaredNorm() / static_cast<double>(a.rows());
  Nearest nearest(truth);
  for (int power = -8; power <= 0; ++power)
    nearest.offer(Ridge(rows, unit * std::pow(10, power), RidgeSide::rows).solve(y));
  return nearest.best();
}

} // namespace raphson::optim::tools
