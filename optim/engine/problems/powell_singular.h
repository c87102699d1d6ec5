// Powell's singular function,
//   f = (a + 10 b)^2 + 5 (c - d)^2 + (b - 2 c)^4 + 10 (a - d)^4,
// minimum 0 at the origin, where Hessian and Jacobian are singular: Newton and Gauss-Newton converge
// linearly. M. J. D. Powell, "An iterative method for finding stationary values of a function of several
// variables", 1962.
#pragma once

#include "optim/engine/problems/sum_of_squares.h"

namespace raphson::optim::problems {

struct PowellSingular : SumOfSquares<PowellSingular> {
  static Vector start() { return Vector{{3.0, -1.0, 0.0, 1.0}}; }
  static Vector minimum() { return Vector::Zero(4); }

  static void residuals(const Vector& x, Vector& r) {
    const double bc = x[1] - 2 * x[2], ad = x[0] - x[3];
    r = Vector{{x[0] + 10 * x[1], std::sqrt(5.0) * (x[2] - x[3]), bc * bc, std::sqrt(10.0) * ad * ad}};
  }
  static void jacobian(const Vector& x, Matrix& j) {
    const double bc = x[1] - 2 * x[2], ad = std::sqrt(10.0) * (x[0] - x[3]), s = std::sqrt(5.0);
    j = Matrix{{1, 10, 0, 0}, {0, 0, s, -s}, {0, 2 * bc, -4 * bc, 0}, {2 * ad, 0, 0, -2 * ad}};
  }
  static void add_curvature(const Vector&, const Vector& w, Matrix& h) {
    h(1, 1) += 2 * w[2];
    h(2, 2) += 8 * w[2];
    add_symmetric(h, 1, 2, -4 * w[2]);
    const double ad = 2 * std::sqrt(10.0) * w[3];
    h(0, 0) += ad;
    h(3, 3) += ad;
    add_symmetric(h, 0, 3, -ad);
  }
};

} // namespace raphson::optim::problems
