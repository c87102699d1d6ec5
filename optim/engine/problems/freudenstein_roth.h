// The function of Freudenstein and Roth,
//   f = (-13 + a + ((5 - b) b - 2) b)^2 + (-29 + a + ((b + 1) b - 14) b)^2:
// minimum 0 at (5, 4), and a local minimum with a large residual, where Gauss-Newton converges linearly only.
// With a eliminated f is half the squared difference of the residuals, 16 + 12 b + 4 b^2 - 2 b^3, stationary
// where 6 + 4 b - 3 b^2 = 0: the local minimum is at b = (2 - sqrt 22) / 3, f = 48.98...
// F. Freudenstein & B. Roth, "Numerical solutions of systems of nonlinear equations", J. ACM 10 (1963).
#pragma once

#include "optim/engine/problems/sum_of_squares.h"

namespace raphson::optim::problems {

struct FreudensteinRoth : SumOfSquares<FreudensteinRoth> {
  static Vector start() { return Vector{{0.5, -2.0}}; }
  static Vector minimum() { return Vector{{5.0, 4.0}}; }
  static Vector local_minimum() {
    const double b = (2 - std::sqrt(22.0)) / 3;
    const double a = 0.5 * (13 - ((5 - b) * b - 2) * b + 29 - ((b + 1) * b - 14) * b);
    return Vector{{a, b}};
  }

  static void residuals(const Vector& x, Vector& r) {
    const double a = x[0], b = x[1];
    r = Vector{{-13 + a + ((5 - b) * b - 2) * b, -29 + a + ((b + 1) * b - 14) * b}};
  }
  static void jacobian(const Vector& x, Matrix& j) {
    const double b = x[1];
    j = Matrix{{1, (10 - 3 * b) * b - 2}, {1, (3 * b + 2) * b - 14}};
  }
  static void add_curvature(const Vector& x, const Vector& w, Matrix& h) {
    h(1, 1) += w[0] * (10 - 6 * x[1]) + w[1] * (6 * x[1] + 2);
  }
};

} // namespace raphson::optim::problems
