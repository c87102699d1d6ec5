// The diagonal linear network, a model of training in which the minimum that is found can be computed:
// beta = w+^2 - w-^2 elementwise, w+ = w- = alpha at the start, L = 1/(4N) |X beta - y|^2, theta = (w+, w-),
// gradients +-w+- r with r = X^T (X beta - y) / N. Descent with gradient regularisation ends, of all beta
// with X beta = y, in the minimiser of sum_i alpha_i^2 q(beta_i / alpha_i^2), q(z) = int_0^z arcsinh(u/2) du,
// where
//   alpha_i = alpha exp(-gamma int r_i r'_i dt)
// and r' = r where the second gradient is taken: forward differences at beta' = w+^2 (1 + eps r)^2 -
// w-^2 (1 - eps r)^2, backward ones with -eps, double backpropagation with 0. A small alpha_i means a sparse
// beta. alpha_i = sqrt(w+ w-) can be read off, and log(w+ / w-) lies in the row space of X. After R. Karakida
// et al., ICML 2023, section 5; the constants are worked out for this L.
#pragma once

#include "optim/engine/gradient_regularisation.h"
#include "optim/engine/types.h"

#include <functional>

namespace raphson::optim::tools {

class DiagonalNetwork {
public:
  /// Throws InputError where rows and targets are not as many, or there are none.
  DiagonalNetwork(Matrix x, Vector y);

  Eigen::Index columns() const { return x_.cols(); }
  Vector start(double alpha) const { return Vector::Constant(2 * columns(), alpha); }
  Vector coefficients(const Vector& theta) const;
  Vector slope(const Vector& beta) const; ///< r

  double value_and_gradient(const Vector& theta, Vector& gradient) const;
  Vector hessian_product(const Vector& theta, const Vector& v) const;

  const Matrix& x() const { return x_; }

private:
  Matrix x_;
  Vector y_;
};

struct DiagonalRun {
  Vector theta;
  Vector alpha;           ///< sqrt(w+ w-)
  Vector predicted_alpha; ///< alpha exp(-gamma sum of eta r r')
  double loss = 0;
  int steps = 0; ///< less than asked for where it stopped being finite: in step `steps` + 1
};

/// Plain steps of all rows; gamma = 0: none of it. `progress` is called some hundred times.
DiagonalRun train_diagonal(const DiagonalNetwork& network, double alpha,
                           const GradientRegularisation& regularisation, double eta, int steps,
                           const std::function<void(int)>& progress = {});

/// The part of log(w+ / w-) outside the row space of X, relative.
double outside_row_space(const DiagonalNetwork& network, const Vector& theta);

} // namespace raphson::optim::tools
