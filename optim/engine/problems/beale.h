// Beale's function, f = sum over i = 1, 2, 3 of (y_i - a (1 - b^i))^2 with y = (1.5, 2.25, 2.625), minimum 0
// at (3, 0.5). Its Hessian is indefinite over much of the plane, and f flattens towards b = 1.
#pragma once

#include "optim/engine/problems/sum_of_squares.h"

namespace raphson::optim::problems {

struct Beale : SumOfSquares<Beale> {
  static Vector start() { return Vector{{1.0, 1.0}}; }
  static Vector minimum() { return Vector{{3.0, 0.5}}; }

  static void residuals(const Vector& x, Vector& r) {
    const double a = x[0], b = x[1];
    r = Vector{{1.5 - a * (1 - b), 2.25 - a * (1 - b * b), 2.625 - a * (1 - b * b * b)}};
  }
  static void jacobian(const Vector& x, Matrix& j) {
    const double a = x[0], b = x[1];
    j = Matrix{{b - 1, a}, {b * b - 1, 2 * a * b}, {b * b * b - 1, 3 * a * b * b}};
  }
  static void add_curvature(const Vector& x, const Vector& w, Matrix& h) {
    const double a = x[0], b = x[1];
    add_symmetric(h, 0, 1, w[0] + w[1] * 2 * b + w[2] * 3 * b * b);
    h(1, 1) += w[1] * 2 * a + w[2] * 6 * a * b;
  }
};

} // namespace raphson::optim::problems
