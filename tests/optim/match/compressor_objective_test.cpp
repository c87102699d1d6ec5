#include "catch.h"

#include "dsp/dynamics/compressor.h"
#include "optim/engine/finite_differences.h"
#include "optim/match/compressor_objective.h"
#include "tests/optim/match/reference.h"

#include <cmath>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::match;

namespace {

constexpr double sample_rate = 8000;

std::vector<Programme> two_channels(std::size_t frames) {
  return {programme(frames, 21), programme(frames, 22)};
}

Pair pair_of(const std::vector<Programme>& channels) {
  return match::pair_of(channels, sample_rate, 100, channels[0].dry.size() - 50);
}

ObjectiveOptions options(std::size_t threads = 1) {
  ObjectiveOptions o;
  o.chunks = {0.15, 0.05};
  o.threads = threads;
  return o;
}

const CompressorValues values{-30, 3, 2, 60, 1.5};

} // namespace

TEST_CASE("A match's objective has the derivatives of its values") {
  const std::vector<Programme> channels = two_channels(4000);
  const Pair pair = pair_of(channels);
  const CompressorObjective f(pair, options());
  const Vector z = CompressorObjective::unconstrained(values);
  Vector gradient, of_hessian;
  Matrix hessian;
  const double value = f.value_and_gradient(z, gradient);
  CHECK(f.value_gradient_and_hessian(z, of_hessian, hessian) == Approx(value).epsilon(1e-13));
  CHECK(f.value(z) == Approx(value).epsilon(1e-13));
  CHECK((gradient - of_hessian).norm() < 1e-12 * gradient.norm());
  CHECK((gradient - finite_difference_gradient(f, z)).norm() < 1e-7 * gradient.norm());
  const Matrix differences = finite_difference_hessian(f, z, 1e-7);
  CHECK((hessian - differences).norm() < 1e-5 * hessian.norm());
  CHECK((hessian - hessian.transpose()).norm() == 0);
}

TEST_CASE("The objective is the ratio of error to target, each scored sample once") {
  const std::vector<Programme> channels = two_channels(4000);
  const Pair pair = pair_of(channels);
  const CompressorObjective f(pair, options());
  CHECK(f.scored_samples() == 2 * (pair.scored_end - pair.scored_begin));
  const CompressorObjective whole(pair, {{10, 0}, 0.995, 1});
  const Vector z = CompressorObjective::unconstrained(values);
  // Chunks forget their start: 50 ms of warm-up against a release of 60 ms / 2.2.
  CHECK(f.value(z) == Approx(whole.value(z)).epsilon(0.05));
  // By the model itself.
  double error_energy = 0, target_energy = 0;
  for (std::size_t c = 0; c < 2; ++c) {
    const double all[] = {values[0], values[1], values[2], values[3], values[4], 0, 0, 0};
    dsp::Compressor<double> compressor(std::span<const double>(all), sample_rate);
    double u = 0, e = 0, y = 0, w = 0;
    for (std::size_t t = 0; t < pair.scored_end; ++t) {
      const double wet = pair.wet[c][t], error = compressor(double(pair.dry[c][t])) - wet;
      e = error - u + 0.995 * e;
      u = error;
      w = wet - y + 0.995 * w;
      y = wet;
      if (t < pair.scored_begin) continue;
      error_energy += e * e;
      target_energy += w * w;
    }
  }
  CHECK(whole.value(z) == Approx(error_energy / target_energy).epsilon(1e-11));
}

TEST_CASE("Gauss-Newton is the Hessian where the model fits exactly") {
  std::vector<Programme> channels = two_channels(4000);
  const double all[] = {values[0], values[1], values[2], values[3], values[4], 0, 0, 0};
  for (std::size_t c = 0; c < 2; ++c) {
    dsp::Compressor<double> compressor(std::span<const double>(all), sample_rate);
    for (std::size_t t = 0; t < channels[c].dry.size(); ++t)
      channels[c].wet[t] = static_cast<float>(compressor(double(channels[c].dry[t])));
  }
  const Pair pair = pair_of(channels);
  const CompressorObjective f(pair, {{10, 0}, 0.995, 1});
  const Vector z = CompressorObjective::unconstrained(values);
  Vector gradient;
  Matrix jtj, hessian;
  CHECK(f.value_gradient_and_gauss_newton(z, gradient, jtj) < 1e-14);
  f.value_gradient_and_hessian(z, gradient, hessian);
  CHECK((jtj - hessian).norm() < 1e-6 * hessian.norm());
  CHECK(gradient.norm() < 1e-6);
}

TEST_CASE("One thread and two give the same bits") {
  const std::vector<Programme> channels = two_channels(20000);
  const Pair pair = pair_of(channels);
  const CompressorObjective one(pair, options(1)), two(pair, options(2));
  const Vector z = CompressorObjective::unconstrained(values);
  Vector g1, g2;
  Matrix h1, h2;
  CHECK(one.value(z) == two.value(z));
  CHECK(one.value_gradient_and_hessian(z, g1, h1) == two.value_gradient_and_hessian(z, g2, h2));
  CHECK(g1 == g2);
  CHECK(h1 == h2);
}

TEST_CASE("The fitted make-up is where the error is least, of however many candidates") {
  const std::vector<Programme> channels = two_channels(4000);
  const Pair pair = pair_of(channels);
  const CompressorObjective f(pair, options());
  std::vector<CompressorValues> candidates;
  for (int i = 0; i < 11; ++i)
    candidates.push_back({values[0] + i, values[1] + 0.3 * i, values[2], values[3] + 10 * i, 0.1 * i});
  const auto fits = f.fit_makeup(candidates);
  REQUIRE(fits.size() == candidates.size());
  for (std::size_t i = 0; i < fits.size(); ++i) {
    CompressorValues at = candidates[i];
    at[4] = fits[i].makeup_db;
    Vector gradient;
    Matrix hessian;
    CHECK(f.value_gradient_and_hessian(CompressorObjective::unconstrained(at), gradient, hessian)
          == Approx(fits[i].value).epsilon(1e-12));
    CHECK(std::abs(gradient[4]) < 1e-12);
    CHECK(hessian(4, 4) > 0);
    for (const double elsewhere : {-0.5, -0.01, 0.01, 0.5}) {
      at[4] = fits[i].makeup_db + elsewhere;
      CHECK(f.value(CompressorObjective::unconstrained(at)) > fits[i].value);
    }
  }
}

TEST_CASE("Block gradients of the objective sum to its gradient") {
  const std::vector<Programme> channels = two_channels(4000);
  const Pair pair = pair_of(channels);
  const CompressorObjective f(pair, options());
  const Vector z = CompressorObjective::unconstrained(values);
  Vector gradient;
  f.value_and_gradient(z, gradient);
  const Matrix blocks = f.block_gradients(z, 0.02);
  CHECK(blocks.rows() == 5);
  CHECK(blocks.cols() > 40);
  CHECK((blocks.rowwise().sum() - gradient).norm() < 1e-12 * gradient.norm());
}

TEST_CASE("Physical values come back from the unconstrained ones") {
  for (const CompressorValues& v : {values, {-79, 1.01, 0.06, 4000, -59}, {-1, 90, 400, 2, 50}}) {
    const CompressorValues back = CompressorObjective::physical(CompressorObjective::unconstrained(v));
    for (int i = 0; i < 5; ++i) CHECK(back[i] == Approx(v[i]).epsilon(1e-12));
  }
}
