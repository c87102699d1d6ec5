#include "optim/rl/advantages.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/engine/random.h"
#include "optim/rl/ridge_critic.h"

#include <cmath>
#include <numeric>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::rl;

namespace {

using Values = std::vector<double>;

Values drawn(RandomStream& random, std::size_t count) {
  Values values(count);
  for (auto& x : values) x = random.normal();
  return values;
}

} // namespace

TEST_CASE("Generalised advantages are the weighted sum of all n-step advantages") {
  RandomStream random(1, "advantages test");
  const Values r = drawn(random, 7), v = drawn(random, 7);
  const double gamma = 0.9, lambda = 0.7;
  Values a(7);
  generalised_advantages(r, v, {.gamma = gamma, .lambda = lambda}, a);
  for (std::size_t t = 0; t < 7; ++t) {
    double sum = 0; // of (gamma lambda)^k delta_{t + k}, written out
    for (std::size_t k = t; k < 7; ++k) {
      const double next = k + 1 < 7 ? v[k + 1] : 0;
      sum += std::pow(gamma * lambda, static_cast<double>(k - t)) * (r[k] + gamma * next - v[k]);
    }
    CHECK(a[t] == Approx(sum).margin(1e-12));
  }
}

TEST_CASE("Generalised advantages: lambda 1 is the return less the value, lambda 0 the one-step error") {
  RandomStream random(2, "advantages test");
  const Values r = drawn(random, 5), v = drawn(random, 5);
  Values a(5), returns(5);
  discounted_returns(r, 1, returns);
  generalised_advantages(r, v, {.gamma = 1, .lambda = 1}, a);
  for (std::size_t t = 0; t < 5; ++t) {
    CHECK(returns[t] == Approx(std::accumulate(r.begin() + static_cast<std::ptrdiff_t>(t), r.end(), 0.0)));
    CHECK(a[t] == Approx(returns[t] - v[t]).margin(1e-12));
  }
  generalised_advantages(r, v, {.gamma = 1, .lambda = 0}, a);
  CHECK(a[1] == Approx(r[1] + v[2] - v[1]));
  CHECK(a[4] == Approx(r[4] - v[4]));
}

TEST_CASE("Whitened values have mean 0 and deviation 1; of a constant nothing is left") {
  RandomStream random(3, "advantages test");
  Values x = drawn(random, 100);
  for (auto& value : x) value = 3 + 5 * value;
  whiten(x);
  const double mean = std::accumulate(x.begin(), x.end(), 0.0) / 100;
  double squares = 0;
  for (const double value : x) squares += value * value / 100;
  CHECK(mean == Approx(0).margin(1e-12));
  CHECK(squares == Approx(1).epsilon(1e-7));
  Values constant(10, 0.1);
  whiten(constant);
  CHECK(constant == Values(10, 0.0));
}

TEST_CASE("A ridge critic solves its penalised least squares for each objective, and starts at 0") {
  RandomStream random(4, "advantages test");
  data::RowMatrix x(30, 4), y(30, 2);
  for (auto& value : x.reshaped()) value = random.normal();
  for (auto& value : y.reshaped()) value = random.normal();
  RidgeCritic critic(4, 2, 0.5);
  CHECK(critic.values(x).isZero(0));
  critic.fit(x, y);
  const Matrix stationary = x.transpose() * (x * critic.weights() - y) + 0.5 * critic.weights();
  CHECK(stationary.norm() < 1e-10);
  CHECK_THROWS_AS(RidgeCritic(4, 2, 0), InputError);
}
