// Himmelblau's function, f = (a^2 + b - 11)^2 + (a + b^2 - 7)^2: four minima of value 0, four saddles, and a
// maximum near (-0.27, -0.92).
#pragma once

#include "optim/engine/problems/sum_of_squares.h"

#include <vector>

namespace raphson::optim::problems {

struct Himmelblau : SumOfSquares<Himmelblau> {
  static Vector start() { return Vector{{0.0, 0.0}}; }
  // The first is exact, the others to all digits given.
  static std::vector<Vector> minima() {
    return {Vector{{3.0, 2.0}}, Vector{{-2.805118, 3.131313}}, Vector{{-3.779310, -3.283186}},
            Vector{{3.584428, -1.848127}}};
  }

  static void residuals(const Vector& x, Vector& r) {
    r = Vector{{x[0] * x[0] + x[1] - 11, x[0] + x[1] * x[1] - 7}};
  }
  static void jacobian(const Vector& x, Matrix& j) { j = Matrix{{2 * x[0], 1}, {1, 2 * x[1]}}; }
  static void add_curvature(const Vector&, const Vector& w, Matrix& h) {
    h(0, 0) += 2 * w[0];
    h(1, 1) += 2 * w[1];
  }
};

} // namespace raphson::optim::problems
