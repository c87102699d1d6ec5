// Values that move on a grid of samples: a Ramp goes to its target in even steps, one a cell of the grid, in
// the value itself or in its logarithm (dsp::Scale); a Line leads through the samples of a cell.
#pragma once

#include "dsp/chain/parameter.h"

#include <cmath>

namespace raphson::dsp {

/// start + slope t, t counted in samples.
struct Line {
  double start, slope = 0;

  double at(double t) const { return start + slope * t; }
  bool still() const { return slope == 0; }
  bool always(double value) const { return start == value && still(); }
  /// The same seen from sample t on.
  Line from(double t) const { return {at(t), slope}; }
  /// The same with `factor` samples in the place of one.
  Line stretched(double factor) const { return {start, slope / factor}; }

  /// Through a cell: `end` is reached with its last sample.
  static Line through(double begin, double end, int samples) {
    const double slope = (end - begin) / samples;
    return slope == 0 ? Line{end} : Line{begin + slope, slope};
  }
};

class Ramp {
public:
  /// A logarithmic ramp takes values above 0.
  explicit Ramp(double value = 0, Scale scale = Scale::linear) : scale_(scale) { jump(value); }

  /// Is there at once.
  void jump(double value) {
    before_ = value_ = target_ = value;
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

  /// One step on.
  void advance() {
    before_ = value_;
    if (left_ == 0) return;
    --left_;
    at_ = left_ == 0 ? scaled(target_) : at_ + step_;
    value_ = left_ == 0 ? target_ : scale_ == Scale::logarithmic ? std::exp(at_) : at_;
  }

  double value() const { return value_; }   ///< after the last step
  double before() const { return before_; } ///< before it
  double target() const { return target_; }
  /// In the last step, or in one to come.
  bool moving() const { return left_ > 0 || before_ != value_; }

private:
  double scaled(double value) const { return scale_ == Scale::logarithmic ? std::log(value) : value; }

  Scale scale_;
  double before_, value_, target_, at_, step_ = 0;
  int left_ = 0;
};

} // namespace raphson::dsp
