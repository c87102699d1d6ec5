// A standard test problem f(x) = sum of r_i(x)^2, from its residuals, their Jacobian and second derivatives:
// gradient 2 J^T r, Hessian 2 (J^T J + sum r_i Hessian of r_i). Derived has, all static,
//   void residuals(x, r);  void jacobian(x, j);  void add_curvature(x, w, h): h += sum w_i Hessian of r_i.
// As HasResiduals means 1/2 |r|^2, residuals_and_jacobian() gives both times the square root of 2.
// Problems after J. J. More, B. S. Garbow & K. E. Hillstrom, "Testing unconstrained optimization software",
// ACM Trans. Math. Software 7 (1981).
#pragma once

#include "optim/engine/types.h"

#include <cmath>

namespace raphson::optim::problems {

template <class Derived> class SumOfSquares {
public:
  double value(const Vector& x) const {
    Vector r;
    Derived::residuals(x, r);
    return r.squaredNorm();
  }
  double value_and_gradient(const Vector& x, Vector& gradient) const {
    Vector r;
    Matrix j;
    Derived::residuals(x, r);
    Derived::jacobian(x, j);
    gradient = 2 * j.transpose() * r;
    return r.squaredNorm();
  }
  double value_gradient_and_hessian(const Vector& x, Vector& gradient, Matrix& hessian) const {
    Vector r;
    Matrix j;
    Derived::residuals(x, r);
    Derived::jacobian(x, j);
    gradient = 2 * j.transpose() * r;
    hessian = 2 * j.transpose() * j;
    Derived::add_curvature(x, 2 * r, hessian);
    return r.squaredNorm();
  }
  Vector hessian_product(const Vector& x, const Vector& v) const {
    Vector gradient;
    Matrix hessian;
    value_gradient_and_hessian(x, gradient, hessian);
    return hessian * v;
  }
  void residuals_and_jacobian(const Vector& x, Vector& r, Matrix& j) const {
    Derived::residuals(x, r);
    Derived::jacobian(x, j);
    r *= std::sqrt(2.0);
    j *= std::sqrt(2.0);
  }
};

// Adds w to both triangles of a symmetric matrix.
inline void add_symmetric(Matrix& h, Eigen::Index i, Eigen::Index j, double w) {
  h(i, j) += w;
  if (i != j) h(j, i) += w;
}

} // namespace raphson::optim::problems
