#include "optim/engine/elastic_net.h"

#include "dsp/error.h"
#include "optim/engine/penalties.h"
#include "optim/engine/solver_run.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim {

ElasticNetProblem::ElasticNetProblem(const Matrix& x, const Vector& y, ElasticNetSettings settings)
    : x_(x), y_(y), settings_(std::move(settings)) {
  const Vector& d = settings_.weights;
  if (x.rows() != y.size() || (d.size() > 0 && d.size() != y.size()))
    throw InputError("elastic net: " + std::to_string(x.rows()) + " rows, " + std::to_string(y.size())
                     + " targets and " + std::to_string(d.size())
                     + " weights, there must be as many of each");
  if (d.size() > 0 && !(d.allFinite() && d.minCoeff() >= 0 && d.maxCoeff() > 0))
    throw InputError("elastic net: row weights must be finite and at least 0, and one above 0");
  if (!(settings_.l1 >= 0 && settings_.l2 >= 0) || !std::isfinite(settings_.l1 + settings_.l2))
    throw InputError("elastic net: l1 and l2 must be finite and at least 0");
  check_glm_target(settings_.family, y, "elastic net: the target");
}

namespace {
/// sum_i d_i f(i).
template <class Term> double weighted_sum(const ElasticNetProblem& problem, Term term) {
  double sum = 0;
  for (Eigen::Index i = 0; i < problem.y().size(); ++i)
    if (const double d = problem.weight(i); d > 0) sum += d * term(i);
  return sum;
}
double mean_target(const ElasticNetProblem& problem) {
  return weighted_sum(problem, [&](auto i) { return problem.y()[i]; })
         / weighted_sum(problem, [](auto) { return 1.0; });
}
} // namespace

Vector ElasticNetProblem::start() const {
  Vector parameters = Vector::Zero(coefficients() + 1);
  if (settings_.intercept) {
    const double link = glm_link(settings_.family, mean_target(*this));
    if (!std::isfinite(link))
      throw InputError("elastic net: the target is the same in every row of weight above 0, it must vary");
    parameters[coefficients()] = link;
  }
  return parameters;
}

double ElasticNetProblem::largest_l1() const {
  const double mean = settings_.intercept ? mean_target(*this) : glm_mean(settings_.family, 0);
  Vector centred = y_.array() - mean;
  for (Eigen::Index i = 0; i < centred.size(); ++i) centred[i] *= weight(i);
  return (x_.transpose() * centred).lpNorm<Eigen::Infinity>();
}

Vector ElasticNetProblem::predictor(const Vector& parameters) const {
  return (x_ * parameters.head(coefficients())).array() + parameters[coefficients()];
}
double ElasticNetProblem::value(const Vector& parameters) const {
  return value_at(parameters, predictor(parameters));
}
Vector ElasticNetProblem::optimality_residual(const Vector& parameters) const {
  return residual_at(parameters, predictor(parameters));
}

double ElasticNetProblem::value_at(const Vector& parameters, const Vector& eta) const {
  const auto w = parameters.head(coefficients());
  return weighted_sum(*this, [&](auto i) { return glm_loss_value(settings_.family, y_[i], eta[i]); })
         + settings_.l1 * w.lpNorm<1>() + 0.5 * settings_.l2 * w.squaredNorm();
}

Vector ElasticNetProblem::residual_at(const Vector& parameters, const Vector& eta) const {
  const auto p = coefficients();
  Vector slope(eta.size());
  for (Eigen::Index i = 0; i < eta.size(); ++i)
    slope[i] = weight(i) * glm_loss(settings_.family, y_[i], eta[i]).first;
  Vector residual(p + 1);
  residual.head(p) = x_.transpose() * slope + settings_.l2 * parameters.head(p);
  for (Eigen::Index j = 0; j < p; ++j)
    residual[j] = parameters[j] != 0 ? residual[j] + std::copysign(settings_.l1, parameters[j])
                                     : soft_threshold(residual[j], settings_.l1);
  residual[p] = settings_.intercept ? slope.sum() : 0;
  return residual;
}

/// The quadratic model at a point, and sweeps over its coordinates.
class CoordinateDescent {
public:
  CoordinateDescent(const ElasticNetProblem& problem, const Vector& parameters, const Vector& eta)
      : problem_(problem), o_(problem.settings()), x_(problem.x()), parameters_(parameters), h_(eta.size()),
        pull_(eta.size()) {
    for (Eigen::Index i = 0; i < eta.size(); ++i) {
      const GlmLoss loss = glm_loss(o_.family, problem.y()[i], eta[i]);
      h_[i] = problem.weight(i) * std::max(loss.second, 1e-6); // flat tails would send a row anywhere
      pull_[i] = -problem.weight(i) * loss.first;
    }
    curvature_ = x_.cwiseAbs2().transpose() * h_;
  }

  /// Until no coordinate's move changes its slope by more than the tolerance.
  const Vector& solve(double tolerance, int maximum_sweeps) {
    for (int sweep = 0; sweep < maximum_sweeps;) {
      if (this->sweep(true) <= tolerance) break;
      for (++sweep; sweep<maximum_sweeps&& this->sweep(false)> tolerance;) ++sweep;
    }
    return parameters_;
  }

  static double value(const ElasticNetProblem& p, const Vector& x, const Vector& eta) {
    return p.value_at(x, eta);
  }
  static Vector residual(const ElasticNetProblem& p, const Vector& x, const Vector& eta) {
    return p.residual_at(x, eta);
  }

private:
  /// Over all coordinates, or those that are not 0. The largest change of a slope.
  double sweep(bool all) {
    double largest = 0;
    for (Eigen::Index j = 0; j < x_.cols(); ++j) {
      const double old = parameters_[j], bend = curvature_[j] + o_.l2;
      if (bend == 0 || (!all && old == 0)) continue;
      const double next = soft_threshold(x_.col(j).dot(pull_) + curvature_[j] * old, o_.l1) / bend;
      if (next == old) continue;
      pull_ -= (next - old) * h_.cwiseProduct(x_.col(j));
      parameters_[j] = next;
      largest = std::max(largest, bend * std::abs(next - old));
    }
    if (o_.intercept) {
      const double slope = pull_.sum(), by = slope / h_.sum();
      pull_ -= by * h_;
      parameters_[x_.cols()] += by;
      largest = std::max(largest, std::abs(slope));
    }
    return largest;
  }

  const ElasticNetProblem& problem_;
  const ElasticNetSettings& o_;
  const Matrix& x_;
  Vector parameters_;
  Vector h_, pull_, curvature_; // pull: minus the slope of the model in each row's eta
};

Result minimise(const ElasticNetProblem& problem, const Vector& start, const CoordinateDescentOptions& o,
                const Observer& observer) {
  if (start.size() != problem.coefficients() + 1)
    throw InputError("elastic net: the start has " + std::to_string(start.size()) + " parameters, "
                     + std::to_string(problem.coefficients() + 1) + " are needed, the intercept last");
  Evaluations count;
  SolverRun run(start, count, observer);
  const auto& settings = problem.settings();
  const double tolerance =
      o.tolerance * (settings.l1 > 0 ? settings.l1 : weighted_sum(problem, [](auto) { return 1.0; }));
  Vector eta = problem.predictor(start);
  const auto evaluate = [&](Vector x, const Vector& at_eta, double value) {
    ++count.gradient;
    Point point{.x = std::move(x), .value = value};
    point.gradient = CoordinateDescent::residual(problem, point.x, at_eta);
    return point;
  };
  bool proceed = run.begin(evaluate(start, eta, CoordinateDescent::value(problem, start, eta)));
  while (proceed) {
    const Point& at = run.at();
    if (at.gradient.lpNorm<Eigen::Infinity>() <= tolerance) return run.stop(StopReason::converged_gradient);
    if (run.stagnated(1e-15, 5)) return run.stop(StopReason::stagnated);
    if (run.iterations() >= o.maximum_iterations) return run.stop(StopReason::iteration_limit);
    ++count.hessian;
    Vector next = CoordinateDescent(problem, at.x, eta).solve(0.1 * tolerance, o.maximum_sweeps);
    Vector next_eta = problem.predictor(next);
    double value = CoordinateDescent::value(problem, next, next_eta);
    for (int halvings = 0; !(value <= at.value + 1e-14 * std::abs(at.value)); ++halvings) {
      if (halvings == 60) return run.stop(StopReason::line_search_failed);
      next = 0.5 * (next + at.x);
      next_eta = 0.5 * (next_eta + eta);
      ++count.value;
      value = CoordinateDescent::value(problem, next, next_eta);
    }
    Point point = evaluate(std::move(next), next_eta, value);
    if (!point.is_finite()) return run.stop(StopReason::not_finite);
    eta = std::move(next_eta);
    proceed = run.move_to(std::move(point));
  }
  return run.stop(StopReason::cancelled);
}

} // namespace raphson::optim
