#include "optim/engine/rank_correlation.h"

#include "dsp/error.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace raphson::optim {
namespace {
void check(const Vector& a, const Vector& b) {
  if (a.size() != b.size() || a.size() < 2)
    throw InputError("correlation: samples of " + std::to_string(a.size()) + " and "
                     + std::to_string(b.size()) + " values, both must have the same number, 2 at least");
}
} // namespace

Vector ranks_of(const Vector& values) {
  std::vector<Eigen::Index> order(static_cast<std::size_t>(values.size()));
  std::iota(order.begin(), order.end(), Eigen::Index{0});
  std::sort(order.begin(), order.end(), [&](auto i, auto j) { return values[i] < values[j]; });
  Vector ranks(values.size());
  for (std::size_t first = 0, last; first < order.size(); first = last) {
    for (last = first + 1; last < order.size() && values[order[last]] == values[order[first]];) ++last;
    for (std::size_t k = first; k < last; ++k) ranks[order[k]] = 0.5 * static_cast<double>(first + 1 + last);
  }
  return ranks;
}

double pearson_correlation(const Vector& a, const Vector& b) {
  check(a, b);
  const Vector x = a.array() - a.mean(), y = b.array() - b.mean();
  return x.dot(y) / std::sqrt(x.squaredNorm() * y.squaredNorm());
}

double spearman_correlation(const Vector& a, const Vector& b) {
  check(a, b);
  return pearson_correlation(ranks_of(a), ranks_of(b));
}

double kendall_correlation(const Vector& a, const Vector& b) {
  check(a, b);
  double agreement = 0, untied_a = 0, untied_b = 0;
  const auto sign = [](double d) { return static_cast<double>((d > 0) - (d < 0)); };
  for (Eigen::Index i = 0; i < a.size(); ++i)
    for (Eigen::Index j = 0; j < i; ++j) {
      const double in_a = sign(a[i] - a[j]), in_b = sign(b[i] - b[j]);
      agreement += in_a * in_b;
      untied_a += in_a * in_a;
      untied_b += in_b * in_b;
    }
  return agreement / std::sqrt(untied_a * untied_b);
}

} // namespace raphson::optim
