// Conversions between the units that people use and those that formulas use, for every scalar, and literals
// for the places where a value is written down: db_to_gain(-12_db), coefficient_from_ms(5_ms, 44100).
#pragma once

#include "dsp/math/elementary.h"

#include <concepts>
#include <numbers>

namespace raphson::dsp {

inline constexpr double nepers_per_db = 0.11512925464970228420; // ln 10 / 20

/// A number of a formula as the scalar S, rounded where S is of floats.
template <class S> RAPHSON_INLINE S constant(double value) {
  return S(static_cast<typename math::detail::ScalarTraits<S>::Value>(value));
}

/// 10^(db / 20).
template <class S> S db_to_gain(S db) {
  using math::exp;
  return exp(db * constant<S>(nepers_per_db));
}

/// 20 log10 gain, for a positive gain.
template <class S> S gain_to_db(S gain) {
  using math::log;
  return log(gain) * constant<S>(1 / nepers_per_db);
}

/// The one-pole coefficient of a time in ms: c = 1 - exp(-2200 / (sample_rate tau)), torchcomp's convention,
/// in which tau is about the time from 10% to 90% of a step (2.2 time constants). A float goes by way of
/// double: that of 5 s at 44.1 kHz would otherwise be 0.3% off.
template <class S> S coefficient_from_ms(S ms, double sample_rate) {
  using math::exp;
  if constexpr (std::same_as<S, float>)
    return static_cast<float>(coefficient_from_ms<double>(ms, sample_rate));
  else
    return S(1.0) - exp(constant<S>(-2200.0 / sample_rate) / ms);
}

/// The time in ms of a coefficient in (0, 1).
template <class S> S ms_from_coefficient(S coefficient, double sample_rate) {
  using math::log;
  if constexpr (std::same_as<S, float>)
    return static_cast<float>(ms_from_coefficient<double>(coefficient, sample_rate));
  else
    return constant<S>(-2200.0 / sample_rate) / log(S(1.0) - coefficient);
}

/// 2 pi f / sample_rate.
template <class S> S radians_per_sample(S frequency_hz, double sample_rate) {
  return frequency_hz * constant<S>(2 * std::numbers::pi / sample_rate);
}

struct Decibels {
  double value;
  constexpr Decibels operator-() const { return {-value}; }
};
struct Milliseconds {
  double value;
};
struct Hertz {
  double value;
};

inline double db_to_gain(Decibels level) { return db_to_gain(level.value); }
inline double coefficient_from_ms(Milliseconds time, double sample_rate) {
  return coefficient_from_ms(time.value, sample_rate);
}
inline double radians_per_sample(Hertz frequency, double sample_rate) {
  return radians_per_sample(frequency.value, sample_rate);
}

namespace literals {

constexpr Decibels operator""_db(long double x) { return {static_cast<double>(x)}; }
constexpr Decibels operator""_db(unsigned long long x) { return {static_cast<double>(x)}; }
constexpr Milliseconds operator""_ms(long double x) { return {static_cast<double>(x)}; }
constexpr Milliseconds operator""_ms(unsigned long long x) { return {static_cast<double>(x)}; }
constexpr Hertz operator""_hz(long double x) { return {static_cast<double>(x)}; }
constexpr Hertz operator""_hz(unsigned long long x) { return {static_cast<double>(x)}; }

} // namespace literals

} // namespace raphson::dsp
