// The smoother of a compressor: attack and release in four arrangements (dynamics_structure.h), with a hold
// before the release and, as the optical cell has it, a release in two stages that depends on what was
// played.
//
// It follows a quantity v >= 0 that rises with the level. With a and r the coefficients of attack and
// release:
//
//   smooth branching   y <- y + a (v - y) where v > y, else y + w r (t - y)
//   branching          the same, t = share m
//   smooth decoupled   p <- max(v, p + w r (t - p)),  y <- y + a (p - y)
//   decoupled          the same, t = share m
//
//   hold       w = clamp(n - hold, 0, 1), n the samples since the last rise: the release waits, and begins
//              within a sample, so that the hold has a derivative
//   memory     m <- m + c (y - m), c of charge where y > m, else of discharge;  t = max(v, share m)
//              the release is fast down to a share of the memory and goes on as slowly as the memory fades.
//              Short peaks leave none (J. D. Reiss, A. McPherson, Audio Effects, 2014, ch. 6; UREI, LA-2A
//              manual: half of the release in 60 ms, the rest in 1 to 15 s)
#pragma once

#include "dsp/dynamics/dynamics_structure.h"
#include "dsp/math/elementary.h"

namespace raphson::dsp {

template <class S> struct EnvelopeCoefficients {
  S attack, release;          ///< of each sample, in (0, 1]
  S hold_samples;             ///< from 0
  S share, charge, discharge; ///< of the memory; share 0: none
  bool holds, remembers;      ///< false: as with hold_samples 0, share 0, at less cost
};

template <class S> class Envelope {
public:
  void reset() { value_ = peak_ = memory_ = since_rise_ = S(0.0); }
  S value() const { return value_; }
  void set_value(S value) { value_ = value; }

  /// Goes on from another whose samples are `samples` of these.
  void adopt(const Envelope& other, S samples) {
    *this = other;
    since_rise_ = samples * since_rise_;
  }

  template <Ballistics ballistics> RAPHSON_INLINE S step(S v, const EnvelopeCoefficients<S>& k) {
    using math::max, math::select;
    constexpr bool smooth =
        ballistics == Ballistics::smooth_branching || ballistics == Ballistics::smooth_decoupled;
    constexpr bool decoupled =
        ballistics == Ballistics::decoupled || ballistics == Ballistics::smooth_decoupled;
    S rest = smooth ? v : S(0.0);
    if (k.remembers) rest = max(rest, k.share * memory_);
    S& released = decoupled ? peak_ : value_;
    const auto rises = v > released;
    const S release = k.holds ? hold(rises, k) * k.release : k.release;
    if constexpr (decoupled) {
      peak_ = max(v, peak_ + release * (rest - peak_));
      value_ = value_ + k.attack * (peak_ - value_);
    } else {
      const S target = select(rises, v, rest);
      value_ = value_ + select(rises, k.attack, release) * (target - value_);
    }
    if (k.remembers) memory_ = memory_ + select(value_ > memory_, k.charge, k.discharge) * (value_ - memory_);
    return value_;
  }

private:
  template <class Mask> RAPHSON_INLINE S hold(const Mask& rises, const EnvelopeCoefficients<S>& k) {
    using math::max, math::min, math::select;
    since_rise_ = select(rises, S(0.0), since_rise_ + S(1.0));
    return min(max(since_rise_ - k.hold_samples, S(0.0)), S(1.0));
  }

  S value_ = S(0.0), peak_ = S(0.0), memory_ = S(0.0), since_rise_ = S(0.0);
};

} // namespace raphson::dsp
