// A value on its way to its target in even steps, in the value itself or in its logarithm (dsp::Scale). A
// step is one cell of a grid of samples; within it a Line leads from one value to the next.
#pragma once

#include "dsp/chain/parameter.h"

#include <cmath>

namespace raphson::dsp {

/// start + slope t, t counted in samples.
struct Line {
  double start, slope = 0;

  double at(double t) const { return start + slope * t; }
  bool still() const { return slope == 0; }
};

class Ramp {
public:
  /// A logarithmic ramp takes values above 0.
  explicit Ramp(double value = 0, Scale scale = Scale::linear) : scale_(scale) { jump(value); }

  /// Is there at once.
  void jump(double value) {
    value_ = target_ = value;
    at_ = scaled(value);
    left_ = 0;
  }

  /// Will be there after `steps` more; a target already pursued keeps its time.
  void aim(double target, int steps) {
    if (target == target_) return;
    target_ = target;
    step_ = (scaled(target) - at_) / steps;
    left_ = steps;
  }

  bool moving() const { return left_ > 0; }
  double value() const { return value_; }
  double target() const { return target_; }

  /// One step on.
  double advance() {
    if (left_ == 0) return value_;
    --left_;
    at_ = left_ == 0 ? scaled(target_) : at_ + step_;
    return value_ = left_ == 0 ? target_ : scale_ == Scale::logarithmic ? std::exp(at_) : at_;
  }

private:
  double scaled(double value) const { return scale_ == Scale::logarithmic ? std::log(value) : value; }

  Scale scale_;
  double value_, target_, at_, step_ = 0;
  int left_ = 0;
};

} // namespace raphson::dsp
