// Wood's function,
//   f = 100 (b - a^2)^2 + (1 - a)^2 + 90 (d - c^2)^2 + (1 - c)^2 + 10 (b + d - 2)^2 + 0.1 (b - d)^2,
// minimum 0 at (1, 1, 1, 1); a saddle near (-1, 1, -1, 1), f about 7.87, holds up methods that ignore
// curvature.
#pragma once

#include "optim/engine/problems/sum_of_squares.h"

namespace raphson::optim::problems {

struct Wood : SumOfSquares<Wood> {
  static Vector start() { return Vector{{-3.0, -1.0, -3.0, -1.0}}; }
  static Vector minimum() { return Vector::Ones(4); }

  static void residuals(const Vector& x, Vector& r) {
    const double a = x[0], b = x[1], c = x[2], d = x[3];
    r = Vector{{10 * (b - a * a), 1 - a, std::sqrt(90.0) * (d - c * c), 1 - c, std::sqrt(10.0) * (b + d - 2),
                std::sqrt(0.1) * (b - d)}};
  }
  static void jacobian(const Vector& x, Matrix& j) {
    const double s90 = std::sqrt(90.0), s10 = std::sqrt(10.0), s01 = std::sqrt(0.1);
    j = Matrix{{-20 * x[0], 10, 0, 0}, {-1, 0, 0, 0},    {0, 0, -2 * s90 * x[2], s90},
               {0, 0, -1, 0},          {0, s10, 0, s10}, {0, s01, 0, -s01}};
  }
  static void add_curvature(const Vector&, const Vector& w, Matrix& h) {
    h(0, 0) += -20 * w[0];
    h(2, 2) += -2 * std::sqrt(90.0) * w[2];
  }
};

} // namespace raphson::optim::problems
