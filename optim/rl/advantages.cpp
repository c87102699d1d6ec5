#include "optim/rl/advantages.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace raphson::optim::rl {

void generalised_advantages(std::span<const double> rewards, std::span<const double> values,
                            const AdvantageSettings& settings, std::span<double> advantages) {
  double next_value = 0, next_advantage = 0;
  for (std::size_t t = rewards.size(); t-- > 0;) {
    const double delta = rewards[t] + settings.gamma * next_value - values[t];
    next_advantage = delta + settings.gamma * settings.lambda * next_advantage;
    advantages[t] = next_advantage;
    next_value = values[t];
  }
}

void discounted_returns(std::span<const double> rewards, double gamma, std::span<double> returns) {
  double sum = 0;
  for (std::size_t t = rewards.size(); t-- > 0;) returns[t] = sum = rewards[t] + gamma * sum;
}

void whiten(std::span<double> values) {
  if (values.empty()) return;
  const double count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double squares = 0, largest = 0;
  for (const double x : values) {
    squares += (x - mean) * (x - mean);
    largest = std::max(largest, std::abs(x));
  }
  const double deviation = std::sqrt(squares / count);
  const bool constant = deviation <= 1e-12 * largest; // rounding of the mean alone
  for (double& x : values) x = constant ? 0 : (x - mean) / (deviation + 1e-8);
}

} // namespace raphson::optim::rl
