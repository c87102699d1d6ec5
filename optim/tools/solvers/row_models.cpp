#include "optim/tools/solvers/row_models.h"

#include "dsp/error.h"
#include "optim/report/text.h"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;

std::string list(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t k = 0; k < names.size(); ++k)
    text += (k == 0 ? "" : k + 1 == names.size() ? " and " : ", ") + names[k];
  return text;
}

std::vector<std::string> taking_part(const Vector& direction, const std::vector<std::string>& names) {
  std::vector<std::string> part;
  for (Index j = 0; j < direction.size(); ++j)
    if (std::abs(direction[j]) > 0.05) part.push_back(names[static_cast<std::size_t>(j)]);
  return part;
}

} // namespace

RowObjective row_objective(const GlmObjective& glm) {
  return {glm.rows(), glm.parameters(),
          [&glm](const Vector& theta, const Vector& weights) { return glm.weighted_value(theta, weights); },
          [&glm](const Vector& theta, const Vector& weights, Vector& gradient, Matrix& hessian) {
            return glm.weighted_derivatives(theta, weights, gradient, hessian);
          }};
}

void check_collinear(const Matrix& x, const std::vector<std::string>& names) {
  if (x.cols() > x.rows())
    throw InputError("there are " + std::to_string(x.cols()) + " columns, the intercept included, for "
                     + std::to_string(x.rows()) + " rows; leave some out");
  const Vector size = x.colwise().norm();
  for (Index j = 0; j < x.cols(); ++j)
    if (!(size[j] > 0))
      throw InputError("column '" + names[static_cast<std::size_t>(j)] + "' is 0 throughout");
  const Matrix unit = x * size.cwiseInverse().asDiagonal();
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(unit.transpose() * unit);
  if (eigen.eigenvalues()[0] > 1e-12 * eigen.eigenvalues()[x.cols() - 1]) return;
  throw InputError("the columns " + list(taking_part(eigen.eigenvectors().col(0), names))
                   + " are collinear: leave one of them out");
}

void check_separated(const Matrix& x, const Vector& y, const Vector& fitted,
                     const std::vector<std::string>& names) {
  const Vector eta = x * fitted;
  double least = std::numeric_limits<double>::infinity();
  for (Index i = 0; i < y.size(); ++i) least = std::min(least, (y[i] > 0.5 ? 1 : -1) * eta[i]);
  Index farthest = 0;
  const Vector spread =
      ((x.rowwise() - x.colwise().mean()).colwise().norm() / std::sqrt(x.rows())).transpose();
  const double reach = fitted.cwiseProduct(spread).cwiseAbs().maxCoeff(&farthest);
  if (least <= 0 && reach < 20) return; // a finite estimate, as far as one can see
  for (Index j = 0; j < x.cols(); ++j) {
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    for (Index i = 0; i < y.size(); ++i) {
      const int c = y[i] > 0.5;
      low[c] = std::min(low[c], x(i, j));
      high[c] = std::max(high[c], x(i, j));
    }
    if (spread[j] > 0 && (high[0] <= low[1] || high[1] <= low[0]))
      throw InputError(
          "column '" + names[static_cast<std::size_t>(j)]
          + "' separates the two classes of the target: no finite estimate exists; leave it out");
  }
  const Vector direction = fitted.cwiseProduct(spread) / std::max(reach, 1e-300);
  throw InputError("the columns " + list(taking_part(direction, names))
                   + " together separate the two classes of the target, '"
                   + names[static_cast<std::size_t>(farthest)] + "' most: no finite estimate exists");
}

FormulaModel::FormulaModel(const Expression& formula, const std::vector<std::string>& columns,
                           const Matrix& x, const Vector& y)
    : formula_(formula), x_(x), y_(y) {
  for (const std::string& name : formula.names()) {
    const auto column = std::find(columns.begin(), columns.end(), name);
    if (column != columns.end()) {
      source_.push_back(static_cast<int>(column - columns.begin()));
    } else {
      source_.push_back(-1 - static_cast<int>(parameters_.size()));
      parameters_.push_back(name);
    }
  }
  if (parameters_.empty())
    throw InputError("--expr: '" + formula.text() + "' has no parameters: all its names are columns");
  if (parameters_.size() > most_parameters)
    throw InputError("--expr: it has " + std::to_string(parameters_.size()) + " parameters ("
                     + list(parameters_) + "), at most " + std::to_string(most_parameters)
                     + " are possible; names of columns count as variables");
}

template <class T>
T FormulaModel::residual(Index row, const std::vector<T>& theta, std::vector<T>& values) const {
  for (std::size_t k = 0; k < source_.size(); ++k)
    values[k] = source_[k] >= 0 ? T(x_(row, source_[k])) : theta[static_cast<std::size_t>(-1 - source_[k])];
  return formula_.evaluate<T>(values) - T(y_[row]);
}

template <int N>
double FormulaModel::derivatives(const Vector& theta, const Vector& weights, Vector& gradient,
                                 Matrix& hessian) const {
  using J = Jet<double, N>;
  std::vector<J> at, values(source_.size());
  for (int j = 0; j < N; ++j) at.push_back(J::variable(theta[j], j));
  J sum(0.0);
  for (Index i = 0; i < y_.size(); ++i) {
    if (weights[i] == 0) continue;
    const J r = residual<J>(i, at, values);
    sum += J(0.5 * weights[i]) * r * r;
  }
  gradient.resize(N);
  hessian.resize(N, N);
  for (int i = 0; i < N; ++i) {
    gradient[i] = sum.g[static_cast<std::size_t>(i)];
    for (int j = 0; j < N; ++j) hessian(i, j) = sum.hessian(i, j);
  }
  return sum.v;
}

RowObjective FormulaModel::objective() const {
  const auto value = [this](const Vector& theta, const Vector& weights) {
    const std::vector<double> at(theta.begin(), theta.end());
    std::vector<double> values(source_.size());
    double sum = 0;
    for (Index i = 0; i < y_.size(); ++i) {
      if (weights[i] == 0) continue;
      const double r = residual<double>(i, at, values);
      sum += 0.5 * weights[i] * r * r;
    }
    return sum;
  };
  const auto derivatives_of = [this](const Vector& theta, const Vector& weights, Vector& g, Matrix& h) {
    switch (parameters_.size()) {
    case 1:
      return derivatives<1>(theta, weights, g, h);
    case 2:
      return derivatives<2>(theta, weights, g, h);
    case 3:
      return derivatives<3>(theta, weights, g, h);
    case 4:
      return derivatives<4>(theta, weights, g, h);
    case 5:
      return derivatives<5>(theta, weights, g, h);
    case 6:
      return derivatives<6>(theta, weights, g, h);
    case 7:
      return derivatives<7>(theta, weights, g, h);
    default:
      return derivatives<8>(theta, weights, g, h);
    }
  };
  return {y_.size(), static_cast<Index>(parameters_.size()), value, derivatives_of};
}

void check_identified(const Matrix& hessian, const std::vector<std::string>& names) {
  const Vector size = hessian.diagonal().cwiseAbs().cwiseMax(1e-300).cwiseSqrt();
  const Matrix unit = size.cwiseInverse().asDiagonal() * hessian * size.cwiseInverse().asDiagonal();
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(unit);
  const Vector magnitude = eigen.eigenvalues().cwiseAbs();
  Index least = 0;
  if (magnitude.minCoeff(&least) > 1e-10 * magnitude.maxCoeff()
      && hessian.diagonal().cwiseAbs().minCoeff() > 0)
    return;
  const Vector direction = (size.cwiseInverse().asDiagonal() * eigen.eigenvectors().col(least)).normalized();
  std::string combination;
  for (Index j = 0; j < direction.size(); ++j) {
    if (std::abs(direction[j]) < 0.05) continue;
    const double c = direction[j];
    combination += (combination.empty() ? (c < 0 ? "-" : "")
                    : c < 0             ? " - "
                                        : " + ")
                   + report::format_significant(std::abs(c), 2) + " " + names[static_cast<std::size_t>(j)];
  }
  throw InputError("the rows do not determine all parameters: the fit does not change along " + combination
                   + "; fix or leave out one of them");
}

} // namespace raphson::optim::tools
