#include "optim/engine/gauss_legendre.h"

#include "catch.h"

#include <cmath>

using raphson::optim::gauss_legendre;
using raphson::optim::Quadrature;

TEST_CASE("Gauss-Legendre: n nodes integrate powers up to 2 n - 1 over [0, 1], and no further") {
  for (const std::size_t n : {1u, 2u, 3u, 8u, 25u}) {
    const Quadrature q = gauss_legendre(n);
    const auto integral = [&](std::size_t power) {
      double sum = 0;
      for (std::size_t k = 0; k < n; ++k)
        sum += q.weights[k] * std::pow(q.nodes[k], static_cast<double>(power));
      return sum;
    };
    for (std::size_t power = 0; power < 2 * n; ++power)
      CHECK(integral(power) == Approx(1 / static_cast<double>(power + 1)).epsilon(1e-13));
    if (n <= 3) CHECK(std::abs(integral(2 * n) * static_cast<double>(2 * n + 1) - 1) > 1e-4);
  }
}

TEST_CASE("Gauss-Legendre: many nodes keep their digits, near 1 as complements") {
  for (const std::size_t n : {1000u, 4001u}) {
    const Quadrature q = gauss_legendre(n);
    double one = 0, steep = 0;
    for (std::size_t k = 0; k < n; ++k) {
      one += q.weights[k];
      steep += q.weights[k] * std::exp(static_cast<double>(n) * std::log1p(-q.complements[k]));
      if (k > 0) CHECK(q.nodes[k] > q.nodes[k - 1]);
      CHECK(q.nodes[k] + q.complements[k] == Approx(1).epsilon(1e-15));
    }
    CHECK(one == Approx(1).epsilon(1e-12));
    CHECK(steep == Approx(1 / static_cast<double>(n + 1)).epsilon(1e-11));
  }
}
