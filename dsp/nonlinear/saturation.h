// A channel through the saturation's curve (saturation_curve.h), sample by sample, and blocks of double
// several samples at a time (saturation_block.h).
#pragma once

#include "dsp/chain/parameter.h"
#include "dsp/nonlinear/saturation_block.h"
#include "dsp/nonlinear/saturation_curve.h"

#include <array>
#include <concepts>
#include <span>

namespace raphson::dsp {

inline constexpr std::array<Parameter, 2> saturation_parameters{{
    {"drive_db", "drive", "dB", -40, 30, -15, Scale::linear},
    {"bias", "bias", "", -1.5, 1.5, 0.1, Scale::linear},
}};

template <class S> class Saturation {
public:
  static constexpr std::span<const Parameter> parameters() { return saturation_parameters; }

  /// values as in saturation_parameters.
  Saturation(std::span<const S> values, double) { set(values); }

  /// Other values; the last sample stays.
  void set(std::span<const S> values) {
    curve_ = SaturationCurve<S>::of(values[0], values[1]);
    log_cosh_last_ = curve_.log_cosh(last_);
  }

  void reset() {
    last_ = S(0.0);
    log_cosh_last_ = curve_.log_cosh(last_);
  }

  RAPHSON_INLINE S operator()(S x) {
    const S log_cosh = curve_.log_cosh(x);
    const S y = curve_.output(x, last_, log_cosh, log_cosh_last_);
    last_ = x;
    log_cosh_last_ = log_cosh;
    return y;
  }

  void process(std::span<S> audio) {
    if constexpr (std::same_as<S, double>)
      block_(audio.data(), audio.size(), curve_, last_, log_cosh_last_);
    else
      for (S& x : audio) x = (*this)(x);
  }

private:
  SaturationCurve<S> curve_;
  S last_ = S(0.0), log_cosh_last_ = S(0.0);
  SaturationBlock block_ = saturation_block();
};

} // namespace raphson::dsp
