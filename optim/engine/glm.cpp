#include "optim/engine/glm.h"

#include "dsp/error.h"
#include "optim/engine/newton.h"

#include <Eigen/QR>

#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace raphson::optim {
namespace {

using Eigen::Index;
constexpr std::array<const char*, 4> names{"linear", "logistic", "probit", "poisson"};

/// phi(t) / Phi(t). Far below 0 the continued fraction of Mills' ratio: erfc has run out of digits there.
double inverse_mills(double t) {
  if (t > -25) {
    const double density = std::exp(-0.5 * t * t) / std::sqrt(2 * std::numbers::pi);
    return density / (0.5 * std::erfc(-t / std::numbers::sqrt2));
  }
  double fraction = -t;
  for (int k = 12; k >= 1; --k) fraction = -t + k / fraction;
  return fraction;
}

double log_normal_distribution(double t) {
  if (t > 5) return std::log1p(-0.5 * std::erfc(t / std::numbers::sqrt2));
  if (t > -25) return std::log(0.5 * std::erfc(-t / std::numbers::sqrt2));
  return -0.5 * t * t - 0.5 * std::log(2 * std::numbers::pi) - std::log(inverse_mills(t));
}

/// log(1 + e^eta) without overflow.
double softplus(double eta) { return std::max(eta, 0.0) + std::log1p(std::exp(-std::abs(eta))); }

/// Rows with a weight, or all where that is not much fewer.
struct UsedRows {
  Matrix x;
  Vector y, weights;

  UsedRows(const Matrix& all, const Vector& target, const Vector& c, Index count)
      : x(count, all.cols()), y(count), weights(count) {
    std::vector<Index> rows;
    rows.reserve(static_cast<std::size_t>(count));
    for (Index i = 0; i < c.size(); ++i)
      if (c[i] != 0) rows.push_back(i);
    x = all(rows, Eigen::all);
    y = target(rows);
    weights = c(rows);
  }
};

double weighted_sum(GlmFamily family, const Vector& y, const Vector& eta, const Vector& c) {
  double sum = 0;
  for (Index i = 0; i < y.size(); ++i)
    if (c.size() == 0)
      sum += glm_loss_value(family, y[i], eta[i]);
    else if (c[i] != 0)
      sum += c[i] * glm_loss_value(family, y[i], eta[i]);
  return sum;
}

/// The sum of c l with its derivatives by theta, before scale and ridge.
double derivatives(GlmFamily family, const Matrix& x, const Vector& y, const Vector& c, const Vector& theta,
                   Vector& gradient, Matrix* hessian) {
  const Vector eta = x * theta;
  Vector first(y.size()), root(y.size());
  double sum = 0;
  for (Index i = 0; i < y.size(); ++i) {
    const double weight = c.size() == 0 ? 1 : c[i];
    const GlmLoss loss = glm_loss(family, y[i], eta[i]);
    if (weight != 0) sum += weight * loss.value;
    first[i] = weight == 0 ? 0 : weight * loss.first;
    root[i] = weight == 0 ? 0 : std::sqrt(weight * loss.second);
  }
  gradient.noalias() = x.transpose() * first;
  if (hessian) {
    const Matrix scaled = (root.asDiagonal() * x).transpose();
    hessian->setZero(x.cols(), x.cols());
    hessian->selfadjointView<Eigen::Lower>().rankUpdate(scaled);
    hessian->triangularView<Eigen::StrictlyUpper>() = hessian->transpose();
  }
  return sum;
}

} // namespace

const char* name_of(GlmFamily family) { return names[static_cast<std::size_t>(family)]; }

GlmFamily parse_glm_family(std::string_view name) {
  if (name == "gaussian") return GlmFamily::linear;
  if (name == "logit") return GlmFamily::logistic;
  for (std::size_t k = 0; k < names.size(); ++k)
    if (name == names[k]) return static_cast<GlmFamily>(k);
  throw InputError("'" + std::string(name) + "' is no family: linear, logistic, probit or poisson is");
}

GlmLoss glm_loss(GlmFamily family, double y, double eta) {
  switch (family) {
  case GlmFamily::linear:
    return {0.5 * (y - eta) * (y - eta), eta - y, 1};
  case GlmFamily::logistic: {
    const double small = std::exp(-std::abs(eta)), one = 1 / (1 + small);
    const double mean = eta >= 0 ? one : small * one;
    // 1 - mean without cancellation: a saturated row keeps its slope
    const double first = y == 1 ? -(eta >= 0 ? small * one : one) : mean - y;
    return {std::max(eta, 0.0) + std::log1p(small) - y * eta, first, small * one * one};
  }
  case GlmFamily::probit: {
    const double s = y > 0.5 ? 1 : -1, t = s * eta, mills = inverse_mills(t);
    return {-log_normal_distribution(t), -s * mills, mills * (t + mills)};
  }
  case GlmFamily::poisson: {
    const double mean = std::exp(eta);
    return {mean - y * eta, mean - y, mean};
  }
  }
  return {};
}

double glm_loss_value(GlmFamily family, double y, double eta) {
  switch (family) {
  case GlmFamily::linear:
    return 0.5 * (y - eta) * (y - eta);
  case GlmFamily::logistic:
    return softplus(eta) - y * eta;
  case GlmFamily::probit:
    return -log_normal_distribution(y > 0.5 ? eta : -eta);
  case GlmFamily::poisson:
    return std::exp(eta) - y * eta;
  }
  return 0;
}

double glm_mean(GlmFamily family, double eta) {
  switch (family) {
  case GlmFamily::linear:
    return eta;
  case GlmFamily::logistic:
    return eta >= 0 ? 1 / (1 + std::exp(-eta)) : std::exp(eta) / (1 + std::exp(eta));
  case GlmFamily::probit:
    return 0.5 * std::erfc(-eta / std::numbers::sqrt2);
  case GlmFamily::poisson:
    return std::exp(eta);
  }
  return 0;
}

namespace {

/// Newton on log Phi, from the logistic quantile: three to five steps.
double normal_link(double mean) {
  if (mean <= 0 || mean >= 1)
    return mean <= 0 ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  double t = std::log(mean / (1 - mean)) / 1.7;
  for (int k = 0; k < 50; ++k) {
    const double step = (log_normal_distribution(t) - std::log(mean)) / inverse_mills(t);
    t -= step;
    if (std::abs(step) < 1e-14 * (1 + std::abs(t))) break;
  }
  return t;
}

} // namespace

double glm_link(GlmFamily family, double mean) {
  switch (family) {
  case GlmFamily::linear:
    return mean;
  case GlmFamily::logistic:
    return std::log(mean / (1 - mean));
  case GlmFamily::probit:
    return normal_link(mean);
  case GlmFamily::poisson:
    return std::log(mean);
  }
  return 0;
}

void check_glm_target(GlmFamily family, const Vector& y, const std::string& what) {
  for (Index i = 0; i < y.size(); ++i) {
    const auto fail = [&](const char* right) {
      throw InputError(what + ": row " + std::to_string(i + 1) + " holds " + std::to_string(y[i]) + ", but "
                       + name_of(family) + " takes " + right);
    };
    if (!std::isfinite(y[i])) fail("finite numbers");
    const bool binary = family == GlmFamily::logistic || family == GlmFamily::probit;
    if (binary && y[i] != 0 && y[i] != 1) fail("0 and 1 alone");
    if (family == GlmFamily::poisson && (y[i] < 0 || y[i] != std::floor(y[i]))) fail("counts: 0, 1, 2, ...");
  }
}

GlmObjective::GlmObjective(const Matrix& x, const Vector& y, GlmOptions options)
    : x_(x), y_(y), options_(std::move(options)) {
  if (y.size() != x.rows())
    throw InputError("the target has " + std::to_string(y.size()) + " rows, the table "
                     + std::to_string(x.rows()));
  if (options_.weights.size() != 0 && options_.weights.size() != x.rows())
    throw InputError("there are " + std::to_string(options_.weights.size()) + " weights for "
                     + std::to_string(x.rows()) + " rows");
}

double GlmObjective::value(const Vector& theta) const { return weighted_value(theta, options_.weights); }

double GlmObjective::value_and_gradient(const Vector& theta, Vector& gradient) const {
  const double sum = derivatives(options_.family, x_, y_, options_.weights, theta, gradient, nullptr);
  gradient = options_.scale * gradient + options_.ridge * theta;
  return options_.scale * sum + 0.5 * options_.ridge * theta.squaredNorm();
}

double GlmObjective::value_gradient_and_hessian(const Vector& theta, Vector& gradient,
                                                Matrix& hessian) const {
  return weighted_derivatives(theta, options_.weights, gradient, hessian);
}

Vector GlmObjective::hessian_product(const Vector& theta, const Vector& v) const {
  const Vector eta = x_ * theta;
  Vector along = x_ * v;
  for (Index i = 0; i < along.size(); ++i)
    along[i] *= (options_.weights.size() == 0 ? 1 : options_.weights[i])
                * glm_loss(options_.family, y_[i], eta[i]).second;
  return options_.scale * (x_.transpose() * along) + options_.ridge * v;
}

double GlmObjective::weighted_value(const Vector& theta, const Vector& weights) const {
  const Vector eta = x_ * theta;
  return options_.scale * weighted_sum(options_.family, y_, eta, weights)
         + 0.5 * options_.ridge * theta.squaredNorm();
}

double GlmObjective::weighted_derivatives(const Vector& theta, const Vector& weights, Vector& gradient,
                                          Matrix& hessian) const {
  const Index used = weights.size() == 0 ? rows() : (weights.array() != 0).count();
  double sum = 0;
  if (5 * used < 4 * rows()) {
    const UsedRows part(x_, y_, weights, used);
    sum = derivatives(options_.family, part.x, part.y, part.weights, theta, gradient, &hessian);
  } else {
    sum = derivatives(options_.family, x_, y_, weights, theta, gradient, &hessian);
  }
  gradient = options_.scale * gradient + options_.ridge * theta;
  hessian *= options_.scale;
  hessian.diagonal().array() += options_.ridge;
  return options_.scale * sum + 0.5 * options_.ridge * theta.squaredNorm();
}

RidgeGlmFit fit_ridge_glm(GlmFamily family, const Matrix& x, const Vector& y, double ridge,
                          double gradient_tolerance) {
  const NewtonOptions options{.maximum_iterations = 200,
                              .gradient_tolerance = gradient_tolerance,
                              .decrement_tolerance = 0,
                              .maximum_step = std::numeric_limits<double>::infinity(),
                              .convex = true};
  const GlmOptions glm{
      .family = family, .weights = {}, .scale = 1 / static_cast<double>(x.rows()), .ridge = ridge};
  if (x.cols() <= x.rows()) {
    Result r = minimise(GlmObjective(x, y, glm), Vector::Zero(x.cols()), options);
    return {r.x, std::move(r)};
  }
  const Eigen::HouseholderQR<Matrix> qr(x.transpose());
  const Matrix z = qr.matrixQR().topRows(x.rows()).triangularView<Eigen::Upper>().transpose();
  Result r = minimise(GlmObjective(z, y, glm), Vector::Zero(x.rows()), options);
  Vector padded = Vector::Zero(x.cols());
  padded.head(x.rows()) = r.x;
  return {qr.householderQ() * padded, std::move(r)};
}

} // namespace raphson::optim
