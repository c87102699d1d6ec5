// Gauss-Legendre quadrature: the integral over [0, 1] of a polynomial of degree 2 n - 1 or less, exact with n
// nodes,
//
//   sum_k w_k f(u_k),   u_k = (1 + x_k) / 2,   w_k = 1 / ((1 - x_k^2) P_n'(x_k)^2),
//
// x_k the roots of the Legendre polynomial P_n, by Newton's method from Tricomi's estimates (M. Abramowitz &
// I. Stegun, 25.4.29 and 22.16.6). O(n^2).
#pragma once

#include <cstddef>
#include <vector>

namespace raphson::optim {

struct Quadrature {
  std::vector<double> nodes = {};       ///< in (0, 1), ascending
  std::vector<double> complements = {}; ///< 1 - node, with all digits also near 1
  std::vector<double> weights = {};
};

/// n >= 1.
Quadrature gauss_legendre(std::size_t n);

} // namespace raphson::optim
