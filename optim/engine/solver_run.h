// What the loops of all solvers share: the current point, the observer, the clock, stagnation, and the
// Result.
#pragma once

#include "optim/engine/stopwatch.h"
#include "optim/engine/types.h"

namespace raphson::optim {

// A point with its derivatives; the Hessian stays empty in solvers that have none.
struct Point {
  Vector x{};
  double value = 0;
  Vector gradient{};
  Matrix hessian{};

  bool is_finite() const;
};

class SolverRun {
public:
  // Throws InputError unless the start has coordinates and they are finite. The evaluations are read at every
  // report, so they must outlive the run.
  SolverRun(const Vector& start, const Evaluations& evaluations, const Observer& observer);

  const Vector& x() const { return at_.x; }
  const Point& at() const { return at_; }
  int iterations() const { return iterations_; }

  // Takes the evaluated start and reports it. Throws InputError if it is not finite. False: cancelled.
  bool begin(Point start);
  // Takes the next point and reports it as one more iteration. False: cancelled.
  bool move_to(Point next);
  // The same without a copy or an allocation: next gets the former point's storage. Such moves do not count
  // in stagnated().
  bool exchange(Point& next);
  // The last `patience` moves each lowered the value by no more than noise * |value|.
  bool stagnated(double noise, int patience) const;

  Result stop(StopReason reason) const;

private:
  bool report(double step_length) const;

  Point at_;
  const Evaluations& evaluations_;
  const Observer& observer_;
  Stopwatch stopwatch_;
  int iterations_ = 0;
  std::vector<double> relative_decreases_;
};

// The largest t >= 0 such that no coordinate of t * direction exceeds maximum_step.
double longest_step(const Vector& direction, double maximum_step);

} // namespace raphson::optim
