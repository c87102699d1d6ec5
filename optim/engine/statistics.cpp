#include "optim/engine/statistics.h"

#include "dsp/error.h"
#include "optim/engine/rank_correlation.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim {
namespace {
void need(const Vector& sample, Eigen::Index values) {
  if (sample.size() < values)
    throw InputError("statistics: a sample of " + std::to_string(sample.size()) + " values, at least "
                     + std::to_string(values) + " are needed");
}
} // namespace

double sample_variance(const Vector& sample) {
  need(sample, 2);
  return (sample.array() - sample.mean()).square().sum() / static_cast<double>(sample.size() - 1);
}

double sample_deviation(const Vector& sample) { return std::sqrt(sample_variance(sample)); }

double standard_error(const Vector& sample) {
  return std::sqrt(sample_variance(sample) / static_cast<double>(sample.size()));
}

double quantile(const Vector& sample, double level) {
  need(sample, 1);
  if (!(level >= 0 && level <= 1)) throw InputError("statistics: the level of a quantile is in [0, 1]");
  Vector values = sample;
  const double at = level * static_cast<double>(values.size() - 1);
  const auto below = static_cast<Eigen::Index>(at);
  std::nth_element(values.begin(), values.begin() + below, values.end());
  const double low = values[below];
  if (below + 1 == values.size()) return low;
  const double high = *std::min_element(values.begin() + below + 1, values.end());
  return low + (at - static_cast<double>(below)) * (high - low);
}

double median(const Vector& sample) { return quantile(sample, 0.5); }

double autocorrelation(const Vector& sample, Eigen::Index lag) {
  need(sample, lag + 1);
  if (lag < 0) throw InputError("statistics: the lag of an autocorrelation is at least 0");
  const Vector x = sample.array() - sample.mean();
  return x.head(x.size() - lag).dot(x.tail(x.size() - lag)) / x.squaredNorm();
}

double effective_sample_size(const Vector& sample) {
  need(sample, 2);
  double sum = 0;
  for (Eigen::Index lag = 0; lag + 1 < sample.size(); lag += 2) {
    const double pair = autocorrelation(sample, lag) + autocorrelation(sample, lag + 1);
    if (!(pair > 0)) break;
    sum += pair;
  }
  return static_cast<double>(sample.size()) / std::max(2 * sum - 1, 1 / static_cast<double>(sample.size()));
}

// Mann and Whitney's U over the number of pairs, from the ranks of both together.
double area_under_roc(const Vector& positives, const Vector& negatives) {
  need(positives, 1);
  need(negatives, 1);
  Vector both(positives.size() + negatives.size());
  both << positives, negatives;
  const auto n = static_cast<double>(positives.size()), m = static_cast<double>(negatives.size());
  return (ranks_of(both).head(positives.size()).sum() - n * (n + 1) / 2) / (n * m);
}

} // namespace raphson::optim
