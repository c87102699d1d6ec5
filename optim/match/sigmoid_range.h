// A bounded parameter behind a sigmoid, so that a solver may move freely:
//   p = lo + (hi - lo) sigma(z), or p = lo (hi/lo)^sigma(z) where the parameter is spaced logarithmically.
#pragma once

#include "dsp/chain/parameter.h"

#include <algorithm>
#include <cmath>
#include <concepts>

namespace raphson::optim::match {

class SigmoidRange {
public:
  explicit SigmoidRange(const dsp::Parameter& p) : SigmoidRange(p.minimum, p.maximum, p.scale) {}
  SigmoidRange(double minimum, double maximum, dsp::Scale scale)
      : logarithmic_(scale == dsp::Scale::logarithmic), minimum_(minimum), maximum_(maximum),
        low_(logarithmic_ ? std::log(minimum) : minimum), high_(logarithmic_ ? std::log(maximum) : maximum) {}

  /// The parameter at z, for double or Jet.
  template <class S> S physical(const S& z) const {
    using std::exp;
    const S p = S(low_) + S(high_ - low_) / (S(1.0) + exp(-z));
    const S value = logarithmic_ ? S(exp(p)) : p;
    if constexpr (std::same_as<S, double>)
      return std::clamp(value, minimum_, maximum_); // rounding may leave the range by a digit
    else
      return value;
  }

  /// The z of a parameter; one at or beyond an end comes out a little inside it (|z| <= 14).
  double unconstrained(double physical) const {
    const double p = logarithmic_ ? std::log(std::max(physical, 1e-300)) : physical;
    const double share = (p - low_) / (high_ - low_);
    return share <= 0 ? -14 : share >= 1 ? 14 : std::clamp(std::log(share / (1 - share)), -14.0, 14.0);
  }

  /// Whether a fit has run into an end of the range: within 0.1% of it.
  bool at_end(double physical) const { return std::abs(unconstrained(physical)) > 6.9; }

private:
  bool logarithmic_;
  double minimum_, maximum_, low_, high_;
};

} // namespace raphson::optim::match
