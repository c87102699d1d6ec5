#include "catch.h"

#include "optim/engine/newton.h"
#include "optim/engine/problems/rosenbrock.h"
#include "optim/engine/progress.h"

#include <algorithm>
#include <sstream>

using namespace raphson::optim;

namespace {

Step step_at(int iteration, double seconds, double gradient_norm, const Vector& x) {
  return {.iteration = iteration,
          .value = 1,
          .gradient_norm = gradient_norm,
          .step_length = 0,
          .x = x,
          .evaluations = {},
          .seconds = seconds};
}

std::size_t occurrences(const std::string& text, char c) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), c));
}

} // namespace

TEST_CASE("On a terminal the bar is redrawn no faster than its interval and ends in one line") {
  std::ostringstream out;
  Progress progress(out, {.label = "match", .gradient_tolerance = 1e-8, .width = 8, .terminal = true});
  const Observer observer = progress.observer();
  const Vector x = Vector::Zero(1);
  observer(step_at(0, 0.00, 1, x));
  observer(step_at(1, 0.05, 1e-2, x)); // too soon
  observer(step_at(2, 0.10, 1e-4, x));
  observer(step_at(3, 0.25, 1e-3, x)); // the bar does not go back
  CHECK(occurrences(out.str(), '\r') == 3);
  CHECK(occurrences(out.str(), '\n') == 0);
  CHECK(out.str().find("match [........]") != std::string::npos);
  const auto half = out.str().find("[####....] iteration 2");
  CHECK(half != std::string::npos);
  CHECK(out.str().find("[####....] iteration 3") > half);
  CHECK(out.str().find("[####....] iteration 3") != std::string::npos);
  Result result;
  result.stop_reason = StopReason::converged_gradient;
  progress.finish(result);
  CHECK(out.str().ends_with("\n"));
  CHECK(out.str().find("gradient below its tolerance") != std::string::npos);
}

TEST_CASE("Elsewhere a short run prints its final line alone, a long one a line now and then") {
  std::ostringstream out;
  Progress progress(out, {.label = "match"});
  const Result result =
      minimise(problems::Rosenbrock{}, problems::Rosenbrock::start(), NewtonOptions{}, progress.observer());
  CHECK(out.str().empty());
  progress.finish(result);
  CHECK(occurrences(out.str(), '\n') == 1);
  CHECK(occurrences(out.str(), '\r') == 0);

  std::ostringstream slow;
  Progress long_run(slow, {.label = "match"});
  const Observer observer = long_run.observer();
  const Vector x = Vector::Zero(1);
  for (int i = 0; i <= 20; ++i) observer(step_at(i, i, 1, x));
  CHECK(occurrences(slow.str(), '\n') == 4); // at 5, 10, 15 and 20 seconds
  CHECK(!is_terminal(slow));
}
