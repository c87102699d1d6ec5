// Error-to-signal ratio of an estimate against its target (Wright & Valimaki, DAFx 2019):
//
//   ESR = sum (t - e)^2 / sum t^2
//
// 0 is perfect, 1 is what silence scores. Sums are in double and in order, so that blocks of any size give
// the same figure as one call, to the bit. A silent target scores 0 against silence and infinity against
// anything else.
#pragma once

#include "dsp/error.h"

#include <limits>
#include <span>
#include <string>

namespace raphson::dsp {

class EsrAccumulator {
public:
  /// Two blocks of one length; InputError where they differ.
  template <class Sample> void add(std::span<const Sample> estimate, std::span<const Sample> target) {
    if (estimate.size() != target.size())
      throw InputError("an ESR needs signals of one length, not " + std::to_string(estimate.size()) + " and "
                       + std::to_string(target.size()) + " samples");
    for (std::size_t i = 0; i < target.size(); ++i) {
      const double t = static_cast<double>(target[i]);
      const double error = t - static_cast<double>(estimate[i]);
      error_energy_ += error * error;
      target_energy_ += t * t;
    }
  }

  double value() const {
    if (error_energy_ == 0) return 0;
    return target_energy_ > 0 ? error_energy_ / target_energy_ : std::numeric_limits<double>::infinity();
  }

  double error_energy() const { return error_energy_; }
  double target_energy() const { return target_energy_; }

private:
  double error_energy_ = 0;
  double target_energy_ = 0;
};

inline double esr(std::span<const float> estimate, std::span<const float> target) {
  EsrAccumulator accumulator;
  accumulator.add(estimate, target);
  return accumulator.value();
}

inline double esr(std::span<const double> estimate, std::span<const double> target) {
  EsrAccumulator accumulator;
  accumulator.add(estimate, target);
  return accumulator.value();
}

} // namespace raphson::dsp
