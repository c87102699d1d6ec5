// The range within which a match moves a parameter: its own, but of a rational block's sections what a
// recording can tell. With all that model files may hold, a fit puts a pole at a fraction of a hertz and
// follows the recording's drift with it. Real poles, a Q below 0.3, are the second section's, the lower one
// at 10 Hz at least.
#pragma once

#include "dsp/chain/chain.h"
#include "optim/match/sigmoid_range.h"

#include <string_view>

namespace raphson::optim::match {

inline SigmoidRange fitted_range(dsp::Parameter p) {
  const std::string_view name = p.name;
  if (!name.starts_with("section")) return SigmoidRange(p);
  const auto narrowed = [&p](double minimum, double maximum) {
    return SigmoidRange(minimum, maximum, p.scale);
  };
  const bool second = name.starts_with("section2");
  if (name.ends_with("_hz")) return second ? narrowed(500, 20000) : narrowed(15, 20000);
  if (name.ends_with("_q")) return second ? narrowed(0.02, 30) : narrowed(0.3, 30);
  return narrowed(-8, 8);
}

} // namespace raphson::optim::match
