// Conversions between the units that people use and those that formulas use, for every scalar.
#pragma once

#include "dsp/math/elementary.h"

namespace raphson::dsp {

inline constexpr double nepers_per_db = 0.11512925464970228420; // ln 10 / 20

/// 10^(db / 20).
template <class S> S db_to_gain(S db) {
  using math::exp;
  return exp(db * S(nepers_per_db));
}

/// 20 log10 gain, for a positive gain.
template <class S> S gain_to_db(S gain) {
  using math::log;
  return log(gain) * S(1 / nepers_per_db);
}

/// The one-pole coefficient of a time in ms: c = 1 - exp(-2200 / (sample_rate tau)), torchcomp's convention,
/// in which tau is about the time from 10% to 90% of a step (2.2 time constants).
template <class S> S coefficient_from_ms(S ms, double sample_rate) {
  using math::exp;
  return S(1.0) - exp(S(-2200.0 / sample_rate) / ms);
}

template <class S> S ms_from_coefficient(S coefficient, double sample_rate) {
  using math::log;
  return S(-2200.0 / sample_rate) / log(S(1.0) - coefficient);
}

} // namespace raphson::dsp
