#include "optim/engine/lbfgs.h"

#include "optim/engine/line_search.h"
#include "optim/engine/solver_run.h"

#include <algorithm>
#include <cmath>
#include <deque>

namespace raphson::optim::detail {
namespace {

class History {
public:
  explicit History(int length) : length_(static_cast<std::size_t>(std::max(1, length))) {}

  bool empty() const { return pairs_.empty(); }
  void clear() { pairs_.clear(); }

  // A pair without positive curvature, possible where the line search ended early, would spoil the inverse.
  void add(const Vector& step, const Vector& gradient_change) {
    const double sy = step.dot(gradient_change);
    if (!(sy > 1e-12 * step.norm() * gradient_change.norm())) return;
    if (pairs_.size() == length_) pairs_.pop_front();
    pairs_.push_back({step, gradient_change, 1 / sy});
  }

  // -H g by the two-loop recursion (Nocedal & Wright, algorithm 7.4); the start is s^T y / y^T y times
  // identity.
  Vector direction(const Vector& gradient) const {
    Vector q = gradient;
    std::vector<double> alpha(pairs_.size());
    for (std::size_t i = pairs_.size(); i-- > 0;) {
      alpha[i] = pairs_[i].rho * pairs_[i].s.dot(q);
      q -= alpha[i] * pairs_[i].y;
    }
    if (!empty()) q *= 1 / (pairs_.back().rho * pairs_.back().y.squaredNorm());
    for (std::size_t i = 0; i < pairs_.size(); ++i)
      q += (alpha[i] - pairs_[i].rho * pairs_[i].y.dot(q)) * pairs_[i].s;
    return -q;
  }

private:
  struct Pair {
    Vector s, y;
    double rho;
  };
  std::deque<Pair> pairs_;
  std::size_t length_;
};

std::optional<LinePoint> search(const ErasedObjective& f, const Point& at, const Vector& d, double first_step,
                                const LbfgsOptions& o) {
  const auto phi = [&](double t) {
    LinePoint point{.step = t, .x = at.x + t * d};
    point.value = f.value_and_gradient(point.x, point.gradient);
    point.slope = point.gradient.dot(d);
    return point;
  };
  const LinePoint origin{.value = at.value, .slope = at.gradient.dot(d), .x = at.x, .gradient = at.gradient};
  return strong_wolfe(phi, origin, first_step,
                      {.sufficient_decrease = o.sufficient_decrease,
                       .curvature = o.curvature,
                       .maximum_evaluations = o.maximum_line_evaluations,
                       .maximum_step = longest_step(d, o.maximum_step),
                       .value_noise = o.value_noise});
}

} // namespace

Result lbfgs(const ErasedObjective& f, const Vector& start, const LbfgsOptions& o, const Observer& observer) {
  SolverRun run(start, f.evaluations(), observer);
  Point first{.x = start};
  first.value = f.value_and_gradient(first.x, first.gradient);
  bool proceed = run.begin(std::move(first));
  History history(o.history);
  while (proceed) {
    const Point& at = run.at();
    const double norm = at.gradient.norm();
    if (norm <= o.gradient_tolerance) return run.stop(StopReason::converged_gradient);
    if (run.stagnated(o.value_noise, o.patience)) return run.stop(StopReason::stagnated);
    if (run.iterations() >= o.maximum_iterations) return run.stop(StopReason::iteration_limit);

    // Without a history nothing tells the scale of the problem: the first trial has length one or less.
    const bool fresh = history.empty();
    const Vector d = history.direction(at.gradient);
    auto found = search(f, at, d, fresh ? std::min(1.0, 1 / norm) : 1.0, o);
    if (!found) {
      if (!fresh) {
        history.clear();
        continue;
      }
      const bool rounding = norm * norm * 1e-6 <= o.value_noise * std::abs(at.value);
      return run.stop(rounding ? StopReason::stagnated : StopReason::line_search_failed);
    }
    Point next{.x = std::move(found->x), .value = found->value, .gradient = std::move(found->gradient)};
    if (!next.is_finite()) return run.stop(StopReason::not_finite);
    history.add(next.x - at.x, next.gradient - at.gradient);
    proceed = run.move_to(std::move(next));
  }
  return run.stop(StopReason::cancelled);
}

} // namespace raphson::optim::detail
