#include "optim/tools/solvers/free_lunch_bootstrap.h"

#include "dsp/error.h"
#include "optim/engine/newton.h"
#include "optim/engine/statistics.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;
constexpr double flag_correlation = 0.5;

void check(const RowObjective& f, const Vector& start, const FreeLunchOptions& o, Index units) {
  if (!(o.gamma > 0 && o.gamma <= 1)) throw InputError("--gamma: the learning rate must lie in (0, 1]");
  if (!(o.level > 0 && o.level < 1)) throw InputError("--level: it must lie between 0 and 1");
  if (o.draws < 200)
    throw InputError("--draws: " + std::to_string(o.draws)
                     + " are too few for an interval; 200 or more are not");
  if (o.burn_in < -1) throw InputError("--burn-in: it must be 0 or more");
  if (start.size() != f.parameters)
    throw InputError("the start has " + std::to_string(start.size()) + " values, the model "
                     + std::to_string(f.parameters) + " parameters");
  const Index m = o.batch == 0 ? units : o.batch;
  if (m < 5 * f.parameters)
    throw InputError((o.batch == 0 ? "there are " : "--batch: ") + std::to_string(m)
                     + " rows or clusters to a batch, fewer than five for each of the "
                     + std::to_string(f.parameters) + " parameters");
}

/// One batch after the other: the chain theta_b, and what its batches were.
class Chain {
public:
  Chain(const RowObjective& f, const FreeLunchOptions& o, Resampler& resampler, Index m, Vector start,
        FreeLunchResult& result)
      : f_(f), o_(o), resampler_(resampler), m_(m), theta_(std::move(start)), out_(result) {}

  const Vector& theta() const { return theta_; }
  const Vector& counts() const { return counts_; }
  double gradient_norm() const { return gradient_norm_; }
  /// H_b^-1 G_b of the last step: the innovation is e_b = theta_b-1 - that.
  const Vector& direction() const { return direction_; }

  void step(bool counted) {
    resampler_.draw(m_, weights_, counts_);
    const double value = f_.derivatives(theta_, weights_, gradient_, hessian_);
    ++out_.evaluations;
    if (!std::isfinite(value) || !gradient_.allFinite() || !hessian_.allFinite())
      throw InputError(
          "the objective of a batch is not finite; a smaller --gamma or a better start may help");
    out_.treated += newton_direction(hessian_, gradient_, direction_) && counted;
    gradient_norm_ = gradient_.norm();
    theta_ -= o_.gamma * direction_;
  }

private:
  const RowObjective& f_;
  const FreeLunchOptions& o_;
  Resampler& resampler_;
  Index m_;
  Vector theta_, weights_, counts_, gradient_, direction_;
  Matrix hessian_;
  double gradient_norm_ = 0;
  FreeLunchResult& out_;
};

/// Until the gradients of the batches no longer get smaller from one stretch to the next.
void settle(Chain& chain, int stretch) {
  double before = std::numeric_limits<double>::infinity();
  for (int k = 0; k < 200; ++k) {
    std::vector<double> norms;
    for (int b = 0; b < std::max(stretch, 20); ++b) {
      chain.step(false);
      norms.push_back(chain.gradient_norm());
    }
    std::nth_element(norms.begin(), norms.begin() + static_cast<std::ptrdiff_t>(norms.size() / 2),
                     norms.end());
    const double median = norms[norms.size() / 2];
    if (median > 0.8 * before) return;
    before = median;
  }
  throw InputError("--cold: the run does not settle; without it Newton finds the minimum first");
}

/// Sums for the covariances of counts and innovations, with the first draw as origin.
class InfluenceSums {
public:
  InfluenceSums(Index units, Index parameters)
      : ce_(Matrix::Zero(units, parameters)), c_(Vector::Zero(units)), cc_(Vector::Zero(units)),
        e_(Vector::Zero(parameters)), ee_(Vector::Zero(parameters)) {}

  void add(const Vector& counts, const Vector& innovation) {
    ce_.noalias() += counts * innovation.transpose();
    c_ += counts;
    cc_ += counts.cwiseAbs2();
    e_ += innovation;
    ee_ += innovation.cwiseAbs2();
    ++n_;
  }

  void finish(FreeLunchResult& r) const {
    const double n = n_;
    r.influence = ce_ / n - (c_ / n) * (e_ / n).transpose();
    const Vector sd_c = (cc_ / n - (c_ / n).cwiseAbs2()).cwiseMax(0).cwiseSqrt();
    const Vector sd_e = (ee_ / n - (e_ / n).cwiseAbs2()).cwiseMax(0).cwiseSqrt();
    r.correlation = Matrix::Zero(ce_.rows(), ce_.cols());
    for (Index i = 0; i < ce_.rows(); ++i)
      for (Index j = 0; j < ce_.cols(); ++j)
        if (sd_c[i] > 0 && sd_e[j] > 0) r.correlation(i, j) = r.influence(i, j) / (sd_c[i] * sd_e[j]);
  }

private:
  Matrix ce_;
  Vector c_, cc_, e_, ee_;
  double n_ = 0;
};

void summarise(const FreeLunchOptions& o, double share, FreeLunchResult& r) {
  const auto count = static_cast<double>(r.draws.rows());
  const double phi = o.gamma / (2 - o.gamma);
  r.scale = std::sqrt(share / phi);
  r.estimate = r.draws.colwise().mean();
  const Matrix centred = r.draws.rowwise() - r.estimate.transpose();
  r.covariance = r.scale * r.scale * (centred.transpose() * centred) / (count - 1);
  r.standard_error = r.covariance.diagonal().cwiseSqrt();
  const Index d = r.draws.cols();
  r.low.resize(d);
  r.high.resize(d);
  r.autocorrelation.resize(d);
  const double tail = 0.5 * (1 - o.level);
  for (Index j = 0; j < d; ++j) {
    r.low[j] = r.estimate[j] + r.scale * (quantile(r.draws.col(j), tail) - r.estimate[j]);
    r.high[j] = r.estimate[j] + r.scale * (quantile(r.draws.col(j), 1 - tail) - r.estimate[j]);
    r.autocorrelation[j] = autocorrelation(r.draws.col(j), 1);
  }
  r.effective_draws = count * phi;
  r.se_error = 1 / std::sqrt(2 * r.effective_draws);
  for (const Index unit : r.by_influence())
    if (r.correlation.row(unit).cwiseAbs().maxCoeff() > flag_correlation) r.flagged.push_back(unit);
}

void warn(const FreeLunchOptions& o, Index units, Index m, FreeLunchResult& r) {
  if (m > units && o.warn_of_large_batches)
    r.warnings.push_back("batches of " + std::to_string(m) + " are larger than the data, "
                         + std::to_string(units) + ": that costs time and gains little");
  if (static_cast<double>(m) < 3 * std::sqrt(static_cast<double>(units)))
    r.warnings.push_back("batches of " + std::to_string(m) + " are small against the square root of "
                         + std::to_string(units) + ": the estimate is biased by about 1/m");
  if (r.treated > 0.01 * o.draws)
    r.warnings.push_back(std::to_string(r.treated) + " of " + std::to_string(o.draws)
                         + " batches had a Hessian that is not positive definite or nearly singular: the "
                           "intervals are not to be trusted");
}

} // namespace

Resampler::Resampler(Index rows, const ResamplingUnits& units, std::uint64_t seed, std::string_view stream)
    : rows_(rows), block_(units.block), units_(rows), cluster_(units.cluster), random_(seed, stream) {
  if (!cluster_.empty() && block_ > 0) throw InputError("--block: it does not go with --cluster");
  if (block_ < 0 || block_ > rows) throw InputError("--block: it must be between 1 and the number of rows");
  if (!cluster_.empty()) {
    if (static_cast<Index>(cluster_.size()) != rows)
      throw InputError("there are " + std::to_string(cluster_.size()) + " cluster numbers for "
                       + std::to_string(rows) + " rows");
    units_ = *std::max_element(cluster_.begin(), cluster_.end()) + 1;
    if (units_ < 10)
      throw InputError("--cluster: " + std::to_string(units_)
                       + " clusters are too few, at least 10 are needed");
  } else if (block_ > 0) {
    units_ = (rows + block_ - 1) / block_;
    if (units_ < 10)
      throw InputError("--block: " + std::to_string(units_) + " blocks are too few, at least 10 are needed");
  }
}

void Resampler::draw(Index m, Vector& weights, Vector& counts) {
  const Index starts = block_ > 0 ? rows_ - block_ + 1 : units_;
  counts.setZero(starts);
  for (Index k = 0; k < m; ++k)
    counts[static_cast<Index>(random_.index(static_cast<std::size_t>(starts)))] += 1;
  if (block_ > 0) {
    weights.setZero(rows_);
    for (Index s = 0; s < starts; ++s)
      if (counts[s] > 0) weights.segment(s, block_).array() += counts[s];
  } else if (!cluster_.empty()) {
    weights.resize(rows_);
    for (Index i = 0; i < rows_; ++i) weights[i] = counts[cluster_[static_cast<std::size_t>(i)]];
  } else {
    weights = counts;
  }
}

double Resampler::share(Index m) const {
  const double drawn = static_cast<double>(m) * (block_ > 0 ? static_cast<double>(block_) : 1);
  return drawn / static_cast<double>(block_ > 0 ? rows_ : units_);
}

Matrix Resampler::unit_sums(const Matrix& by_row) const {
  if (cluster_.empty() && block_ == 0) return by_row;
  Matrix sums = Matrix::Zero(by_row.rows(), units_);
  for (Index i = 0; i < rows_; ++i)
    sums.col(block_ > 0 ? i / block_ : cluster_[static_cast<std::size_t>(i)]) += by_row.col(i);
  return sums;
}

bool newton_direction(const Matrix& hessian, const Vector& gradient, Vector& direction) {
  const Eigen::LLT<Matrix> factor(hessian);
  if (factor.info() == Eigen::Success && factor.rcond() > 1e-10) {
    direction = factor.solve(gradient);
    return false;
  }
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(hessian);
  const double largest = eigen.eigenvalues().cwiseAbs().maxCoeff();
  const bool treated = !(eigen.eigenvalues()[0] > 1e-12 * largest);
  const Eigen::ArrayXd magnitude =
      treated ? eigen.eigenvalues().array().abs().max(std::max(1e-8 * largest, 1e-300)).eval()
              : eigen.eigenvalues().array().eval();
  direction =
      eigen.eigenvectors() * ((eigen.eigenvectors().transpose() * gradient).array() / magnitude).matrix();
  return treated;
}

std::vector<Index> FreeLunchResult::by_influence() const {
  std::vector<Index> order(static_cast<std::size_t>(correlation.rows()));
  std::iota(order.begin(), order.end(), Index{0});
  const Vector largest = correlation.cwiseAbs().rowwise().maxCoeff();
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return largest[a] > largest[b]; });
  return order;
}

FreeLunchResult free_lunch_bootstrap(const RowObjective& f, const Vector& start, const FreeLunchOptions& o) {
  Resampler resampler(f.rows, o.units, o.seed, "free-lunch resampling");
  check(f, start, o, resampler.units());
  const Index m = o.batch == 0 ? resampler.units() : o.batch;
  FreeLunchResult r;
  Vector from = start;
  if (o.from_minimum) r.minimum = start;
  if (!o.cold && !o.from_minimum) {
    const FullFit fit = fit_rows(f, start, Vector::Ones(f.rows));
    from = r.minimum = fit.theta;
    r.preliminary_evaluations = r.evaluations = fit.evaluations;
  }
  r.burn_in = o.burn_in >= 0   ? o.burn_in
              : o.gamma == 1.0 ? 15
                               : static_cast<int>(std::ceil(std::log(0.001) / std::log(1 - o.gamma))) + 10;
  Chain chain(f, o, resampler, m, from, r);
  if (o.cold) settle(chain, r.burn_in);
  for (int b = 0; b < r.burn_in; ++b) chain.step(false);

  r.draws.resize(o.draws, f.parameters);
  Vector origin = chain.theta();
  std::optional<InfluenceSums> sums;
  for (int b = 0; b < o.draws; ++b) {
    const Vector before = chain.theta();
    chain.step(true);
    r.draws.row(b) = chain.theta();
    if (!sums) sums.emplace(chain.counts().size(), f.parameters);
    sums->add(chain.counts(), before - chain.direction() - origin); // e_b, apart from a constant
    if (o.progress && b % 32 == 0) o.progress(b, o.draws);
  }
  sums->finish(r);
  summarise(o, resampler.share(m), r);
  warn(o, resampler.units(), m, r);
  return r;
}

FreeLunchResult rescaled(FreeLunchResult r, const Vector& factor) {
  for (Vector* values : {&r.estimate, &r.standard_error, &r.low, &r.high})
    *values = values->cwiseProduct(factor);
  if (r.minimum.size() > 0) r.minimum = r.minimum.cwiseProduct(factor);
  r.covariance = factor.asDiagonal() * r.covariance * factor.asDiagonal();
  r.draws *= factor.asDiagonal();
  r.influence *= factor.asDiagonal();
  return r;
}

FullFit fit_rows(const RowObjective& f, const Vector& start, const Vector& weights) {
  struct Weighted {
    const RowObjective& f;
    const Vector& weights;
    double scale;
    double value(const Vector& theta) const { return scale * f.value(theta, weights); }
    double value_gradient_and_hessian(const Vector& theta, Vector& g, Matrix& h) const {
      const double v = f.derivatives(theta, weights, g, h);
      g *= scale;
      h *= scale;
      return scale * v;
    }
  };
  const Weighted objective{f, weights, 1 / weights.sum()};
  const Result r = minimise(objective, start,
                            NewtonOptions{.maximum_iterations = 200,
                                          .gradient_tolerance = 1e-11,
                                          .decrement_tolerance = 1e-18,
                                          .maximum_step = std::numeric_limits<double>::infinity(),
                                          .convex = true});
  if (!r.converged && r.stop_reason != StopReason::stagnated)
    throw InputError("the fit to all rows does not converge (" + std::string(to_string(r.stop_reason))
                     + "); a better start may help");
  return {r.x, r.hessian * weights.sum(), r.hessian_evaluations};
}

FullBootstrap full_bootstrap(const RowObjective& f, const Vector& minimum, int resamples,
                             const ResamplingUnits& units, std::uint64_t seed,
                             const std::function<void(int, int)>& progress) {
  Resampler resampler(f.rows, units, seed, "full bootstrap");
  FullBootstrap b{Matrix(resamples, f.parameters), {}};
  Vector weights, counts;
  for (int k = 0; k < resamples; ++k) {
    resampler.draw(resampler.units(), weights, counts);
    const FullFit fit = fit_rows(f, minimum, weights);
    b.estimates.row(k) = fit.theta;
    b.evaluations += fit.evaluations;
    if (progress) progress(k, resamples);
  }
  const Matrix centred = b.estimates.rowwise() - b.estimates.colwise().mean();
  b.standard_error = (centred.colwise().squaredNorm() / (resamples - 1.0)).cwiseSqrt();
  return b;
}

Vector sandwich_standard_errors(const RowObjective& f, const Vector& minimum, const ResamplingUnits& units) {
  Vector gradient, weights = Vector::Ones(f.rows);
  Matrix hessian, unused, scores(f.parameters, f.rows);
  f.derivatives(minimum, weights, gradient, hessian);
  weights.setZero();
  for (Index i = 0; i < f.rows; ++i) {
    weights[i] = 1;
    f.derivatives(minimum, weights, gradient, unused);
    weights[i] = 0;
    scores.col(i) = gradient;
  }
  const Matrix sums = Resampler(f.rows, units, 0, "").unit_sums(scores);
  return (hessian.ldlt().solve(sums)).rowwise().norm();
}

Vector classical_standard_errors(const RowObjective& f, const Vector& minimum, double dispersion) {
  Vector gradient;
  Matrix hessian;
  f.derivatives(minimum, Vector::Ones(f.rows), gradient, hessian);
  const Matrix inverse = hessian.ldlt().solve(Matrix::Identity(f.parameters, f.parameters));
  return (dispersion * inverse.diagonal()).cwiseMax(0).cwiseSqrt();
}

} // namespace raphson::optim::tools
