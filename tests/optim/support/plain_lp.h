// A linear programme by the textbook's tableau, slow and short, to hold faster methods against.
#pragma once

#include "optim/engine/types.h"

#include <cmath>
#include <stdexcept>
#include <vector>

namespace raphson::optim::test {

// min c^T x with A x = b, x >= 0, for b >= 0: the big-M method with Bland's rule.
inline double plain_lp(const Matrix& a, const Vector& b, const Vector& c) {
  const Eigen::Index rows = a.rows(), columns = a.cols(), last = columns + rows;
  Matrix tableau(rows, last + 1);
  tableau << a, Matrix::Identity(rows, rows), b;
  Vector cost = Vector::Constant(last, 1e4 * (1 + c.cwiseAbs().maxCoeff()));
  cost.head(columns) = c;
  std::vector<Eigen::Index> basis;
  for (Eigen::Index r = 0; r < rows; ++r) basis.push_back(columns + r);
  for (int step = 0; step < 100000; ++step) {
    Vector basic(rows);
    for (Eigen::Index r = 0; r < rows; ++r) basic[r] = cost[basis[static_cast<std::size_t>(r)]];
    const Vector reduced = cost - tableau.leftCols(last).transpose() * basic;
    Eigen::Index enter = 0;
    while (enter < last && reduced[enter] > -1e-9) ++enter;
    if (enter == last) return basic.dot(tableau.col(last));
    Eigen::Index leave = -1;
    double ratio = INFINITY;
    for (Eigen::Index r = 0; r < rows; ++r) {
      if (tableau(r, enter) < 1e-11) continue;
      const double here = tableau(r, last) / tableau(r, enter);
      const auto index = [&](Eigen::Index row) { return basis[static_cast<std::size_t>(row)]; };
      if (here < ratio - 1e-13 || (here < ratio + 1e-13 && index(r) < index(leave))) {
        ratio = here;
        leave = r;
      }
    }
    if (leave < 0) throw std::runtime_error("unbounded");
    tableau.row(leave) /= tableau(leave, enter);
    for (Eigen::Index r = 0; r < rows; ++r) {
      if (r != leave) tableau.row(r) -= tableau(r, enter) * tableau.row(leave).eval();
    }
    basis[static_cast<std::size_t>(leave)] = enter;
  }
  throw std::runtime_error("no end");
}

// Optimal transport as such a programme.
inline double plain_transport(const Matrix& cost, const Vector& supply, const Vector& demand) {
  const Eigen::Index n = cost.rows(), m = cost.cols();
  Matrix a = Matrix::Zero(n + m, n * m);
  Vector b(n + m), c(n * m);
  for (Eigen::Index s = 0; s < n; ++s) {
    for (Eigen::Index t = 0; t < m; ++t) {
      a(s, s * m + t) = a(n + t, s * m + t) = 1;
      c[s * m + t] = cost(s, t);
    }
  }
  b << supply, demand;
  return plain_lp(a, b, c);
}

inline double plain_uniform_transport(const Matrix& cost) {
  return plain_transport(cost, Vector::Constant(cost.rows(), 1.0 / static_cast<double>(cost.rows())),
                         Vector::Constant(cost.cols(), 1.0 / static_cast<double>(cost.cols())));
}

} // namespace raphson::optim::test
