// Shows the progress of a solver on a stream:
//
//   Progress progress(std::cerr, {.label = "match", .maximum_iterations = 100});
//   Result r = minimise(objective, start, options, progress.observer());
//   progress.finish(r);
//
// On a terminal, one line redrawn in place at most every interval_seconds; elsewhere, a plain line at most
// every quiet_interval_seconds; each time with the final line from finish(). Only std::cout, std::cerr and
// std::clog can be terminals. The bar shows how far |gradient| has come on a logarithmic scale from the start
// to gradient_tolerance, or the share of iterations used where that is more; it never goes back.
#pragma once

#include "optim/engine/types.h"

#include <optional>
#include <ostream>
#include <string>

namespace raphson::optim {

struct ProgressOptions {
  std::string label = "optimise";
  int maximum_iterations = 100;
  double gradient_tolerance = 1e-10;
  double interval_seconds = 0.1;
  double quiet_interval_seconds = 5;
  int width = 30;                 // of the bar, in characters
  std::optional<bool> terminal{}; // detected where absent
};

bool is_terminal(const std::ostream& stream);

class Progress {
public:
  Progress(std::ostream& stream, ProgressOptions options);

  // Refers to this object, which must outlive the solver's run.
  Observer observer();
  void finish(const Result& result);

private:
  void show(const Step& step);
  double fraction(const Step& step);

  std::ostream& stream_;
  ProgressOptions options_;
  bool terminal_;
  double first_gradient_ = 0;
  double fraction_ = 0;
  double shown_seconds_ = 0;
  std::size_t drawn_ = 0; // characters of the line on the terminal
};

} // namespace raphson::optim
