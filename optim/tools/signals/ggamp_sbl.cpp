#include "optim/tools/signals/ggamp_sbl.h"

#include "dsp/error.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

/// A and y as they are told apart from their units.
struct Scale {
  double power; // mean y^2
  double unit;  // of gamma: power / mean squared norm of A's rows
};

Scale checked_scale(const LinearOperator& a, const Matrix& y, const GgampSblOptions& o,
                    const Vector& energies) {
  if (a.cols() < 2) throw InputError("A has " + std::to_string(a.cols()) + " columns, at least 2 are needed");
  if (y.cols() < 1) throw InputError("y has no column");
  if (!y.allFinite() || !energies.allFinite()) throw InputError("A or y holds a value that is not finite");
  if (o.noise && !(*o.noise > 0 && std::isfinite(*o.noise)))
    throw InputError("noise " + std::to_string(*o.noise) + ": a variance above 0 is needed");
  const double power = y.squaredNorm() / static_cast<double>(y.size());
  const double rows_energy = energies.sum() / static_cast<double>(a.rows());
  if (!(power > 0)) throw InputError("y is zero everywhere: there is nothing to recover");
  if (!(rows_energy > 0)) throw InputError("A is zero everywhere: y does not depend on x");
  return {power, power / rows_energy};
}

/// EM from the start with one theta. False where it diverged: x overflows or is NaN, or A x is ten times as
/// large as y, which no posterior mean is: its residual is never above y.
bool run(Ggamp& ggamp, const GgampSblOptions& o, const Scale& scale, double theta, GgampSblResult& r) {
  r.gamma.setConstant(10 * scale.unit);
  r.noise = o.noise.value_or(0.01 * scale.power);
  r.steps = 0;
  r.converged = false;
  r.history.clear();
  ggamp.start(r.gamma);
  const double overflow = 1e200 * scale.unit;
  const auto count = static_cast<double>(ggamp.x().cols() * ggamp.rows()); // of measurements
  Matrix before;
  while (r.steps < o.maximum_steps && !r.converged) {
    before = ggamp.x();
    for (int k = 0; k < o.maximum_sweeps; ++k) {
      const double change = ggamp.sweep(r.gamma, r.noise, theta), size = ggamp.x().squaredNorm();
      if (!(size < overflow)) return false;
      if (change <= o.sweep_tolerance * size) break;
    }
    ++r.steps;
    const double size = ggamp.x().squaredNorm();
    const double change = (ggamp.x() - before).squaredNorm();
    r.converged = change <= o.tolerance * size;
    const double residual = ggamp.squared_residual();
    if (!(residual < 100 * count * scale.power)) return false;
    r.gamma = ggamp.expected_gamma().cwiseMax(1e-14 * scale.unit);
    if (!o.noise)
      r.noise = std::max((residual + r.noise * ggamp.degrees_of_freedom()) / count, 1e-12 * scale.power);
    r.history.push_back({r.steps, ggamp.sweeps(), size > 0 ? change / size : 0, r.noise});
    if (o.observer) o.observer(r.history.back());
  }
  return true;
}

} // namespace

GgampSblResult ggamp_sbl(const LinearOperator& a, const Matrix& y, const GgampSblOptions& o) {
  const Vector energies = a.column_energies();
  const double beta = y.cols() > 1 ? o.beta : 0;
  Ggamp ggamp(a, y, beta);
  const Scale scale = checked_scale(a, y, o, energies);

  GgampSblResult r;
  r.beta = beta;
  r.gamma.resize(a.cols());
  for (Eigen::Index n = 0; n < a.cols(); ++n)
    if (ggamp.is_zero(n)) r.zero_columns.push_back(n);
  constexpr int power_iterations = 100;
  if (o.theta) {
    r.damping.theta = *o.theta;
  } else {
    const auto present = static_cast<double>(a.cols() - std::ssize(r.zero_columns));
    r.damping = safe_damping(squared_norm(a, power_iterations) / energies.sum(),
                             static_cast<double>(a.rows()), present, column_coupling(y.cols(), beta));
    r.multiplications = 2 * power_iterations * a.multiplications();
  }
  while ((r.diverged = !run(ggamp, o, scale, r.damping.theta, r)) && o.halve_on_divergence
         && r.restarts < 10) {
    r.damping.theta *= 0.5;
    ++r.restarts;
  }
  r.x = ggamp.x();
  r.tau_x = ggamp.tau_x();
  for (const Eigen::Index n : r.zero_columns) {
    r.x.row(n).setZero();
    r.tau_x.row(n).setZero();
    r.gamma[n] = 0;
  }
  r.sweeps = ggamp.sweeps();
  r.multiplications += ggamp.multiplications();
  return r;
}

GgampSblResult ggamp_sbl_auto(const LinearOperator& a, const Matrix& y, GgampSblOptions o) {
  o.beta = 0;
  GgampSblResult first = ggamp_sbl(a, y, o);
  double product = 0, earlier = 0, later = 0; // squares of x(t-1) and of x(t)
  for (Eigen::Index t = 1; t < y.cols(); ++t)
    for (Eigen::Index n = 0; n < a.cols(); ++n)
      if (first.in_support(n, t) && first.in_support(n, t - 1)) {
        product += first.x(n, t) * first.x(n, t - 1);
        earlier += first.x(n, t - 1) * first.x(n, t - 1);
        later += first.x(n, t) * first.x(n, t);
      }
  if (!(product > 0)) return first;
  o.beta = std::min(product / std::max(earlier, later), largest_found_beta);
  GgampSblResult second = ggamp_sbl(a, y, o);
  second.sweeps += first.sweeps;
  second.multiplications += first.multiplications;
  return second;
}

} // namespace raphson::optim::tools
