// Rosenbrock's curved valley in n >= 2 dimensions,
//   f = sum over i < n of 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2,
// minimum 0 at (1, ..., 1). From n = 4 on there is a second, local minimum near (-1, 1, ..., 1).
// H. H. Rosenbrock, "An automatic method for finding the greatest or least value of a function", 1960.
#pragma once

#include "optim/engine/problems/sum_of_squares.h"

namespace raphson::optim::problems {

struct Rosenbrock : SumOfSquares<Rosenbrock> {
  static Vector start(Eigen::Index n = 2) {
    Vector x(n);
    for (Eigen::Index i = 0; i < n; ++i) x[i] = i % 2 == 0 ? -1.2 : 1;
    return x;
  }
  static Vector minimum(Eigen::Index n = 2) { return Vector::Ones(n); }

  static void residuals(const Vector& x, Vector& r) {
    const auto n = x.size();
    r.resize(2 * (n - 1));
    for (Eigen::Index i = 0; i + 1 < n; ++i) {
      r[2 * i] = 10 * (x[i + 1] - x[i] * x[i]);
      r[2 * i + 1] = 1 - x[i];
    }
  }
  static void jacobian(const Vector& x, Matrix& j) {
    const auto n = x.size();
    j.setZero(2 * (n - 1), n);
    for (Eigen::Index i = 0; i + 1 < n; ++i) {
      j(2 * i, i) = -20 * x[i];
      j(2 * i, i + 1) = 10;
      j(2 * i + 1, i) = -1;
    }
  }
  static void add_curvature(const Vector& x, const Vector& w, Matrix& h) {
    for (Eigen::Index i = 0; i + 1 < x.size(); ++i) h(i, i) += -20 * w[2 * i];
  }
};

} // namespace raphson::optim::problems
