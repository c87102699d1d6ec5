#include "optim/engine/types.h"

namespace raphson::optim {

const char* to_string(StopReason reason) {
  switch (reason) {
  case StopReason::converged_gradient:
    return "gradient below its tolerance";
  case StopReason::converged_decrement:
    return "promised decrease below its tolerance";
  case StopReason::stagnated:
    return "value no longer falls beyond its rounding error";
  case StopReason::iteration_limit:
    return "iteration limit reached";
  case StopReason::line_search_failed:
    return "no decrease found along the search direction";
  case StopReason::cancelled:
    return "cancelled";
  case StopReason::not_finite:
    return "value or derivatives became not finite";
  }
  return "unknown";
}

const char* name_of(StopReason reason) {
  switch (reason) {
  case StopReason::converged_gradient:
    return "converged_gradient";
  case StopReason::converged_decrement:
    return "converged_decrement";
  case StopReason::stagnated:
    return "stagnated";
  case StopReason::iteration_limit:
    return "iteration_limit";
  case StopReason::line_search_failed:
    return "line_search_failed";
  case StopReason::cancelled:
    return "cancelled";
  case StopReason::not_finite:
    return "not_finite";
  }
  return "unknown";
}

Observer observe_all(std::vector<Observer> observers) {
  return [observers = std::move(observers)](const Step& step) {
    Control control = Control::proceed;
    for (const Observer& observer : observers)
      if (observer && observer(step) == Control::cancel) control = Control::cancel;
    return control;
  };
}

} // namespace raphson::optim
