#include "optim/tools/solvers/margin_model.h"

#include "dsp/error.h"
#include "optim/engine/glm.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;

double upper_tail(double z) { return 0.5 * std::erfc(z / std::numbers::sqrt2); }

} // namespace

void check(const MarginModel& m) {
  if (m.dimensions < 2) throw InputError("--d: at least 2 dimensions are needed");
  if (!(m.sigma > 0) || !std::isfinite(m.sigma) || !std::isfinite(m.mu))
    throw InputError("--sigma: it must be positive and finite, and --mu finite");
  if (!(m.gamma >= 0) || !(upper_tail((m.gamma - m.mu) / m.sigma) > 1e-300))
    throw InputError("--gamma: it must be 0 or more, and within 37 sigma of mu");
}

LabelledPool draw_margin_model(const MarginModel& m, std::size_t rows, std::uint64_t seed) {
  check(m);
  RandomStream random(seed, "margin data");
  const auto n = static_cast<Index>(rows);
  LabelledPool pool{Matrix(n, m.dimensions), std::vector<int>(rows), 2};
  const double tail = upper_tail((m.gamma - m.mu) / m.sigma); // P(a > gamma), of the normal
  for (Index i = 0; i < n; ++i) {
    const int y = random.uniform() < 0.5;
    // by the upper quantile, which keeps its digits far out
    const double above = std::min(tail * (1 - random.uniform()), 1 - 1e-16);
    const double a = m.mu - m.sigma * normal_quantile(above);
    pool.labels[static_cast<std::size_t>(i)] = y;
    pool.x(i, 0) = (y ? 1 : -1) * std::max(a, m.gamma);
    for (Index j = 1; j < m.dimensions; ++j) pool.x(i, j) = random.normal();
  }
  return pool;
}

/// Simpson's rule over the 10 sigma that matter.
double expected_over_distance(const MarginModel& m, const std::function<double(double)>& f) {
  check(m);
  const double low = std::max(m.gamma, m.mu - 10 * m.sigma);
  const double high = std::max(m.mu, low) + 10 * m.sigma;
  constexpr int intervals = 2000;
  const double step = (high - low) / intervals;
  double sum = 0, weight_sum = 0;
  for (int k = 0; k <= intervals; ++k) {
    const double a = low + k * step, z = (a - m.mu) / m.sigma, z0 = (low - m.mu) / m.sigma;
    const double simpson = k == 0 || k == intervals ? 1 : k % 2 ? 4 : 2;
    const double density = simpson * std::exp(-0.5 * (z * z - std::max(z0, 0.0) * z0));
    sum += density * f(a);
    weight_sum += density;
  }
  return sum / weight_sum;
}

double exact_error(const MarginModel& m, const Vector& w) {
  const double slope = w[0] / w.tail(w.size() - 1).norm();
  return expected_over_distance(m, [&](double a) { return upper_tail(a * slope); });
}

double predicted_error(const MarginModel& m, std::size_t n, double a_bar) {
  const double slope = a_bar * std::sqrt(static_cast<double>(n) / static_cast<double>(m.dimensions));
  return expected_over_distance(m, [&](double a) { return upper_tail(a * slope); });
}

double mean_distance(const LabelledPool& pool, const std::vector<std::size_t>& rows) {
  double sum = 0;
  for (const std::size_t row : rows) sum += std::abs(pool.x(static_cast<Index>(row), 0));
  return sum / static_cast<double>(rows.size());
}

} // namespace raphson::optim::tools
