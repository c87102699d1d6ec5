// Models of a table's rows for the free-lunch bootstrap: generalised linear ones and any formula by least
// squares; and what makes a table unfit for them, found before a run and named.
#pragma once

#include "optim/autodiff/expression.h"
#include "optim/engine/glm.h"
#include "optim/tools/solvers/free_lunch_bootstrap.h"

#include <string>
#include <vector>

namespace raphson::optim::tools {

/// Keeps a reference to the objective.
RowObjective row_objective(const GlmObjective& glm);

/// Throws InputError where columns are linear combinations of others, naming those that take part, or where
/// there are more columns than rows.
void check_collinear(const Matrix& x, const std::vector<std::string>& names);

/// Throws InputError where the classes can be told apart by a column alone, which it names, or by several
/// together: then no finite estimate exists. `fitted` is where Newton ended.
void check_separated(const Matrix& x, const Vector& y, const Vector& fitted,
                     const std::vector<std::string>& names);

/// Least squares of y against a formula of columns and parameters: q_i = (y_i - f(x_i, theta))^2 / 2, exact
/// derivatives by Jets. Names that are columns are variables, the others parameters, at most eight.
class FormulaModel {
public:
  static constexpr int most_parameters = 8;

  /// Throws InputError for a formula without parameters or with too many.
  FormulaModel(const Expression& formula, const std::vector<std::string>& columns, const Matrix& x,
               const Vector& y);

  const std::vector<std::string>& parameters() const { return parameters_; }
  RowObjective objective() const; ///< refers to this object

private:
  template <class T> T residual(Eigen::Index row, const std::vector<T>& theta, std::vector<T>& values) const;
  template <int N>
  double derivatives(const Vector& theta, const Vector& weights, Vector& gradient, Matrix& hessian) const;

  Expression formula_;
  std::vector<std::string> parameters_;
  std::vector<int> source_; ///< of each name: a column of x_, or -1 - the parameter's number
  Matrix x_;
  Vector y_;
};

/// Throws InputError where the Hessian of the full fit has an eigenvalue next to 0: the combination of
/// parameters that the rows do not determine is named.
void check_identified(const Matrix& hessian, const std::vector<std::string>& names);

} // namespace raphson::optim::tools
