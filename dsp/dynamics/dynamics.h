// The general compressor: every arrangement of the taxonomy (dynamics_structure.h) with the same parameters,
// of which those that are "off" cost nothing.
//
//   detector   p = x'^2 or its running mean over rms_ms;  x' = x, or the last gain times x where the topology
//              is feedback, through the side-chain's low shelf (first_order_shelf.h) and the rectifier
//   curve      R(level) = s overshoot(ln(level / threshold)) nepers (gain_curve.h), s = 1 - 1/ratio; ratio -
//   1
//              for feedback, so that in both 1/ratio of what comes in above the threshold is left
//   envelope   E: attack, release, hold, memory                                   (envelope.h)
//   gain       gain      1 - E(1 - exp(-R(sqrt p)))        gain-db   exp(-E(R(sqrt p)))
//              level     exp(-R(E(sqrt p)))                power     exp(-R(sqrt E(p)))
//              level-db  exp(-R(exp E(ln sqrt p))), E's quantity counted from -120 dB
//              then a one-pole of smoothing_ms
//   output     y = makeup gain x, x delayed by the look-ahead
//
// The structure "gain, smooth-branching, feedforward" with everything off is the paper's compressor
// (compressor.h), which has faster kernels of its own. Nothing is allocated after construction.
#pragma once

#include "dsp/chain/parameter.h"
#include "dsp/dynamics/detector.h"
#include "dsp/dynamics/dynamics_structure.h"
#include "dsp/dynamics/envelope.h"
#include "dsp/dynamics/gain_curve.h"
#include "dsp/dynamics/look_ahead.h"
#include "dsp/filters/first_order_shelf.h"
#include "dsp/filters/one_pole.h"
#include "dsp/math/value_of.h"
#include "dsp/units.h"

#include <array>
#include <span>

namespace raphson::dsp {

inline constexpr std::array<Parameter, 15> dynamics_parameters{{
    {"threshold_db", "threshold", "dB", -80, 0, -24, Scale::linear},
    {"ratio", "ratio", ":1", 1, 100, 4, Scale::logarithmic},
    {"knee_db", "knee", "dB", 0, 40, 0, Scale::linear},
    {"attack_ms", "attack", "ms", 0.05, 500, 5, Scale::logarithmic},
    {"release_ms", "release", "ms", 1, 5000, 200, Scale::logarithmic},
    {"makeup_db", "make-up", "dB", -60, 60, 0, Scale::linear},
    {"rms_ms", "RMS window", "ms", 0, 200, 0, Scale::linear},
    {"hold_ms", "hold", "ms", 0, 200, 0, Scale::linear},
    {"memory", "memory", "", 0, 1, 0, Scale::linear},
    {"memory_charge_ms", "memory charge", "ms", 10, 5000, 300, Scale::logarithmic},
    {"memory_release_ms", "memory release", "ms", 50, 20000, 1500, Scale::logarithmic},
    {"smoothing_ms", "gain smoothing", "ms", 0, 50, 0, Scale::linear},
    {"sidechain_hz", "side-chain frequency", "Hz", 20, 16000, 150, Scale::logarithmic},
    {"sidechain_low_db", "side-chain low gain", "dB", -40, 24, 0, Scale::linear},
    {"look_ahead_ms", "look-ahead", "ms", 0, 20, 0, Scale::linear},
}};

template <class S> class Dynamics {
public:
  static constexpr std::span<const Parameter> parameters() { return dynamics_parameters; }

  /// values as in dynamics_parameters; the look-ahead is rounded to whole samples.
  Dynamics(const DynamicsStructure& structure, std::span<const S> values, double sample_rate)
      : structure_(structure) {
    set(values, sample_rate);
    smoothed_gain_.reset(S(1.0));
    look_ahead_.prepare(static_cast<std::size_t>(math::value_of(values[14]) * 0.001 * sample_rate + 0.5));
  }

  /// Other values without touching the state, the look-ahead excepted, which stays. Allocates nothing.
  void set(std::span<const S> v, double sample_rate) {
    const auto on = [&](int i) { return math::value_of(v[i]) != 0.0; };
    log_threshold_ = v[0] * constant<S>(nepers_per_db);
    slope_ = structure_.topology == Topology::feedback ? v[1] - S(1.0) : S(1.0) - S(1.0) / v[1];
    soft_ = on(2);
    if (soft_) knee_.width = v[2] * constant<S>(nepers_per_db);
    envelope_coefficients_.attack = coefficient_from_ms(v[3], sample_rate);
    envelope_coefficients_.release = coefficient_from_ms(v[4], sample_rate);
    makeup_ = db_to_gain(v[5]);
    averages_ = on(6);
    if (averages_) power_.set(coefficient_from_ms(v[6], sample_rate));
    envelope_coefficients_.holds = on(7);
    envelope_coefficients_.hold_samples = v[7] * constant<S>(0.001 * sample_rate);
    envelope_coefficients_.remembers = on(8);
    envelope_coefficients_.share = v[8];
    envelope_coefficients_.charge = coefficient_from_ms(v[9], sample_rate);
    envelope_coefficients_.discharge = coefficient_from_ms(v[10], sample_rate);
    smooths_ = on(11);
    if (smooths_) smoothed_gain_.set(coefficient_from_ms(v[11], sample_rate));
    filters_ = on(13);
    if (filters_) sidechain_.set(FirstOrderLowShelf<S>(v[12], v[13], sample_rate));
  }

  void reset() {
    sidechain_.reset();
    power_.reset();
    envelope_.reset();
    smoothed_gain_.reset(S(1.0));
    look_ahead_.reset();
    gain_ = S(1.0);
  }

  /// Samples by which the output is late.
  std::size_t latency_samples() const { return look_ahead_.samples(); }

  /// The gain after hearing x, make-up not included.
  S gain(S x) {
    switch (structure_.ballistics) {
    case Ballistics::smooth_branching:
      return gain<Ballistics::smooth_branching>(x);
    case Ballistics::branching:
      return gain<Ballistics::branching>(x);
    case Ballistics::smooth_decoupled:
      return gain<Ballistics::smooth_decoupled>(x);
    case Ballistics::decoupled:
      return gain<Ballistics::decoupled>(x);
    }
    return S(1.0);
  }

  S operator()(S x) {
    const S g = makeup_ * gain(x);
    return g * look_ahead_(x);
  }

  /// A block in place.
  void process(std::span<S> audio) {
    switch (structure_.ballistics) {
    case Ballistics::smooth_branching:
      return process_with<Ballistics::smooth_branching>(audio);
    case Ballistics::branching:
      return process_with<Ballistics::branching>(audio);
    case Ballistics::smooth_decoupled:
      return process_with<Ballistics::smooth_decoupled>(audio);
    case Ballistics::decoupled:
      return process_with<Ballistics::decoupled>(audio);
    }
  }

private:
  template <Ballistics ballistics> void process_with(std::span<S> audio) {
    for (S& x : audio) {
      const S g = makeup_ * gain<ballistics>(x);
      x = g * look_ahead_(x);
    }
  }

  template <Ballistics ballistics> RAPHSON_INLINE S gain(S x) {
    using math::max;
    S heard = structure_.topology == Topology::feedback ? gain_ * x : x;
    if (filters_) heard = sidechain_(heard);
    if (structure_.rectifier == Rectifier::half_wave) heard = max(heard, S(0.0));
    gain_ = gain_of<ballistics>(heard);
    if (smooths_) gain_ = smoothed_gain_(gain_);
    return gain_;
  }

  template <Ballistics ballistics> RAPHSON_INLINE S gain_of(S heard) {
    using namespace math;
    const auto follow = [&](S v) { return envelope_.template step<ballistics>(v, envelope_coefficients_); };
    const S lowest = constant<S>(lowest_level);
    switch (structure_.smoothed) {
    case SmoothedQuantity::gain:
      return S(1.0) - follow(S(1.0) - exp(-reduction(log_level(heard))));
    case SmoothedQuantity::gain_db:
      return exp(-follow(reduction(log_level(heard))));
    case SmoothedQuantity::level: {
      const S level = averages_ ? sqrt(max(power_(heard * heard), lowest * lowest)) : abs(heard);
      return exp(-reduction(log(max(follow(level), lowest))));
    }
    case SmoothedQuantity::power: {
      const S power = averages_ ? power_(heard * heard) : heard * heard;
      return exp(-reduction(constant<S>(0.5) * log(max(follow(power), lowest * lowest))));
    }
    case SmoothedQuantity::level_db: {
      const S floor = constant<S>(-120 * nepers_per_db);
      return exp(-reduction(floor + follow(max(log_level(heard) - floor, S(0.0)))));
    }
    }
    return S(1.0);
  }

  RAPHSON_INLINE S log_level(S heard) {
    using namespace math;
    const S lowest = constant<S>(lowest_level);
    return averages_ ? constant<S>(0.5) * log(max(power_(heard * heard), lowest * lowest))
                     : log(max(abs(heard), lowest));
  }

  RAPHSON_INLINE S reduction(S log_level) const {
    const S u = log_level - log_threshold_;
    return slope_ * (soft_ ? knee_.overshoot(u) : HardKnee{}.overshoot(u));
  }

  DynamicsStructure structure_;
  S log_threshold_, slope_, makeup_;
  bool soft_ = false, averages_ = false, smooths_ = false, filters_ = false;
  SoftKnee<S> knee_{S(1.0)};
  FirstOrderLowShelf<S> sidechain_{S(1000.0), S(0.0), 48000};
  OnePole<S> power_{S(1.0)}, smoothed_gain_{S(1.0)};
  EnvelopeCoefficients<S> envelope_coefficients_{};
  Envelope<S> envelope_;
  LookAhead<S> look_ahead_;
  S gain_ = S(1.0);
};

} // namespace raphson::dsp
