// Generalised linear models: each row's y explained by eta = x^T theta through the loss of a family,
//
//   linear    1/2 (y - eta)^2                         any y
//   logistic  log(1 + e^eta) - y eta                  y in {0, 1}
//   probit    -log Phi(s eta), s = 2 y - 1            y in {0, 1}
//   poisson   e^eta - y eta                           y a count
//
// and their sum over weighted rows as an objective with closed derivatives,
//
//   F(theta) = scale sum_i c_i l(y_i, x_i^T theta) + ridge/2 |theta|^2 .
//
// All of them are convex. An intercept is a column of ones. McCullagh & Nelder, Generalized Linear Models,
// 2nd ed. 1989.
#pragma once

#include "optim/engine/types.h"

#include <string>
#include <string_view>

namespace raphson::optim {

enum class GlmFamily { linear, logistic, probit, poisson };

/// "logistic". "gaussian" and "logit" are read as linear and logistic; anything else throws InputError.
const char* name_of(GlmFamily family);
GlmFamily parse_glm_family(std::string_view name);

/// A row's loss with its derivatives by eta, exact to rounding for any finite eta.
struct GlmLoss {
  double value, first, second;
};
GlmLoss glm_loss(GlmFamily family, double y, double eta);
double glm_loss_value(GlmFamily family, double y, double eta); ///< the same value alone, in less time
double glm_mean(GlmFamily family, double eta);                 ///< of y

/// The eta whose mean this is; infinite at the ends of the family's range.
double glm_link(GlmFamily family, double mean);

/// Throws InputError, naming `what` and the row (from 1), where the family has no such y.
void check_glm_target(GlmFamily family, const Vector& y, const std::string& what);

struct GlmOptions {
  GlmFamily family = GlmFamily::logistic;
  Vector weights = {}; ///< c, one a row, not negative; empty: 1
  double scale = 1;
  double ridge = 0;
};

class GlmObjective {
public:
  /// Keeps references to x (n x d) and y (n). Throws InputError where sizes differ.
  GlmObjective(const Matrix& x, const Vector& y, GlmOptions options);

  Eigen::Index rows() const { return x_.rows(); }
  Eigen::Index parameters() const { return x_.cols(); }
  const Matrix& x() const { return x_; }
  const Vector& y() const { return y_; }
  GlmFamily family() const { return options_.family; }

  double value(const Vector& theta) const;
  double value_and_gradient(const Vector& theta, Vector& gradient) const;
  double value_gradient_and_hessian(const Vector& theta, Vector& gradient, Matrix& hessian) const;
  Vector hessian_product(const Vector& theta, const Vector& v) const;

  /// With other weights than its own. Rows of weight 0 cost next to nothing.
  double weighted_value(const Vector& theta, const Vector& weights) const;
  double weighted_derivatives(const Vector& theta, const Vector& weights, Vector& gradient,
                              Matrix& hessian) const;

private:
  const Matrix& x_;
  const Vector& y_;
  GlmOptions options_;
};

/// The minimum of (1/n) sum l + ridge/2 |theta|^2, by Newton until every gradient entry is below the
/// tolerance. Where there are more columns than rows it works in the span of the rows: with the thin QR
/// X^T = Q R the minimum is theta = Q v, v that of the model on R^T. A warm start may be given.
struct RidgeGlmFit {
  Vector theta;
  Result newton; ///< in the coordinates that were solved in
};
RidgeGlmFit fit_ridge_glm(GlmFamily family, const Matrix& x, const Vector& y, double ridge,
                          double gradient_tolerance = 1e-9);

} // namespace raphson::optim
