#include "optim/engine/gauss_legendre.h"

#include <cmath>
#include <numbers>

namespace raphson::optim {
namespace {

struct Legendre {
  double value, slope;
};

/// P_n and P_n' at x in (-1, 1) by the recurrence (k + 1) P_{k+1} = (2 k + 1) x P_k - k P_{k-1}.
Legendre legendre(std::size_t n, double x) {
  double before = 1, now = x;
  for (std::size_t k = 1; k < n; ++k) {
    const double share = static_cast<double>(k) / static_cast<double>(k + 1);
    const double next = (1 + share) * x * now - share * before;
    before = now;
    now = next;
  }
  return {now, static_cast<double>(n) * (before - x * now) / ((1 - x) * (1 + x))};
}

} // namespace

Quadrature gauss_legendre(std::size_t n) {
  Quadrature result{std::vector<double>(n), std::vector<double>(n), std::vector<double>(n)};
  const auto count = static_cast<double>(n);
  for (std::size_t k = 0; 2 * k < n; ++k) { // x from 1 down to 0; the others mirror them
    const double theta = std::numbers::pi * (4 * static_cast<double>(k) + 3) / (4 * count + 2);
    double x = 2 * k + 1 == n ? 0 : (1 - (count - 1) / (8 * count * count * count)) * std::cos(theta);
    for (int i = 0; i < 10; ++i) {
      const Legendre p = legendre(n, x);
      const double step = p.value / p.slope;
      x -= step;
      if (std::abs(step) < 1e-15) break;
    }
    const double slope = legendre(n, x).slope;
    const double weight = 1 / ((1 - x) * (1 + x) * slope * slope);
    const double near = (1 - x) / 2, far = (1 + x) / 2;
    result.nodes[k] = result.complements[n - 1 - k] = near;
    result.complements[k] = result.nodes[n - 1 - k] = far;
    result.weights[k] = result.weights[n - 1 - k] = weight;
  }
  return result;
}

} // namespace raphson::optim
