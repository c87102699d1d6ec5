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
//
// gain() is detect(), which hears, then gain_of(), which answers; a caller may come between the two, to link
// the levels of channels. Blocks of double go by passes (dynamics_block.h) where the topology lets them.
#pragma once

#include "dsp/chain/parameter.h"
#include "dsp/dynamics/detector.h"
#include "dsp/dynamics/dynamics_block.h"
#include "dsp/dynamics/dynamics_structure.h"
#include "dsp/dynamics/envelope.h"
#include "dsp/dynamics/gain_curve.h"
#include "dsp/dynamics/look_ahead.h"
#include "dsp/filters/first_order_shelf.h"
#include "dsp/filters/one_pole.h"
#include "dsp/math/value_of.h"
#include "dsp/units.h"

#include <algorithm>
#include <array>
#include <concepts>
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
    if (on(6) && !averages_) power_.reset(last_power_);
    averages_ = on(6);
    if (averages_) power_.set(coefficient_from_ms(v[6], sample_rate));
    envelope_coefficients_.holds = on(7);
    envelope_coefficients_.hold_samples = v[7] * constant<S>(0.001 * sample_rate);
    envelope_coefficients_.remembers = on(8);
    envelope_coefficients_.share = v[8];
    envelope_coefficients_.charge = coefficient_from_ms(v[9], sample_rate);
    envelope_coefficients_.discharge = coefficient_from_ms(v[10], sample_rate);
    if (on(11) && !smooths_) smoothed_gain_.reset(gain_);
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
    last_power_ = S(0.0);
  }

  /// Samples by which the output is late.
  std::size_t latency_samples() const { return look_ahead_.samples(); }

  const DynamicsStructure& structure() const { return structure_; }
  /// Whether what is detected is a mean square, not a magnitude.
  bool detects_power() const { return averages_; }
  /// The last gain, make-up not included.
  S last_gain() const { return gain_; }

  /// What the detector hears of x.
  RAPHSON_INLINE S heard(S x) const { return structure_.topology == Topology::feedback ? gain_ * x : x; }

  /// Its level: the magnitude, or the mean square over rms_ms.
  RAPHSON_INLINE S detect(S heard) {
    using math::abs, math::max;
    if (filters_) heard = sidechain_(heard);
    if (structure_.rectifier == Rectifier::half_wave) heard = max(heard, S(0.0));
    return averages_ ? power_(heard * heard) : abs(heard);
  }

  /// The gain at a level as detect() gives it, make-up not included.
  S gain_of(S detected) {
    switch (structure_.ballistics) {
    case Ballistics::smooth_branching:
      return gain_of<Ballistics::smooth_branching>(detected);
    case Ballistics::branching:
      return gain_of<Ballistics::branching>(detected);
    case Ballistics::smooth_decoupled:
      return gain_of<Ballistics::smooth_decoupled>(detected);
    case Ballistics::decoupled:
      return gain_of<Ballistics::decoupled>(detected);
    }
    return S(1.0);
  }

  /// The gain after hearing x, make-up not included.
  S gain(S x) { return gain_of(detect(heard(x))); }

  S operator()(S x) {
    const S g = makeup_ * gain(x);
    return g * look_ahead_(x);
  }

  /// A block in place.
  void process(std::span<S> audio) {
    if constexpr (std::same_as<S, double>)
      if (structure_.topology == Topology::feedforward) return process_in_passes(audio);
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

  /// detect() of a block; out may be heard.
  void detect(const double* heard, double* out, std::size_t count) requires std::same_as<S, double> {
    if (filters_) {
      FirstOrderLowShelf<double> filter = sidechain_; // in registers
      for (std::size_t t = 0; t < count; ++t) out[t] = filter(heard[t]);
      sidechain_ = filter;
      heard = out;
    }
    if (structure_.rectifier == Rectifier::half_wave) {
      for (std::size_t t = 0; t < count; ++t) out[t] = math::max(heard[t], 0.0);
      heard = out;
    }
    last_power_ = heard[count - 1] * heard[count - 1];
    if (averages_) {
      OnePole<double> power = power_;
      for (std::size_t t = 0; t < count; ++t) out[t] = power(heard[t] * heard[t]);
      power_ = power;
    } else {
      for (std::size_t t = 0; t < count; ++t) out[t] = math::abs(heard[t]);
    }
  }

  static constexpr int maximum_channels = 8;

  /// gain_of() of a block of channels side by side, alike in all values, in place; for feed-forward
  /// structures.
  static void gain_of(Dynamics* const* channels, int count_of_channels, double* const* block,
                      std::size_t count) requires std::same_as<S, double> {
    const Dynamics& first = **channels;
    const DynamicsStructure& s = first.structure_;
    const DynamicsCurve curve{first.log_threshold_, first.slope_, first.soft_ ? first.knee_.width : 0,
                              first.averages_};
    std::array<Envelope<double>*, maximum_channels> envelopes{};
    for (int c = 0; c < count_of_channels; ++c) {
      envelopes[static_cast<std::size_t>(c)] = &channels[c]->envelope_;
      first.passes_->followed(block[c], block[c], count, s.smoothed, curve);
    }
    first.passes_->envelope(block, count_of_channels, count, s.ballistics, first.envelope_coefficients_,
                            envelopes.data());
    for (int c = 0; c < count_of_channels; ++c) {
      first.passes_->gain(block[c], count, s.smoothed, curve);
      channels[c]->smooth(block[c], count);
    }
  }

  /// Goes on with the levels and the gain of another, at a rate at which `samples` are one of its own.
  void adopt(const Dynamics& other, S samples) {
    power_.reset(other.power_.value());
    envelope_.adopt(other.envelope_, samples);
    smoothed_gain_.reset(other.smoothed_gain_.value());
    gain_ = other.gain_;
    last_power_ = other.last_power_;
  }

  /// Where power_ begins when the averaging comes on: after blocks that went sample by sample.
  void remember(S heard) { last_power_ = heard * heard; }

private:
  template <Ballistics ballistics> void process_with(std::span<S> audio) {
    for (S& x : audio) {
      const S g = makeup_ * gain_of<ballistics>(detect(heard(x)));
      x = g * look_ahead_(x);
    }
  }

  void process_in_passes(std::span<double> audio) {
    std::array<double, 256> gain;
    Dynamics* const self = this;
    for (std::size_t from = 0; from < audio.size(); from += gain.size()) {
      const auto block = audio.subspan(from, std::min(gain.size(), audio.size() - from));
      detect(block.data(), gain.data(), block.size());
      double* const channel = gain.data();
      gain_of(&self, 1, &channel, block.size());
      for (std::size_t i = 0; i < block.size(); ++i) block[i] = makeup_ * gain[i] * look_ahead_(block[i]);
    }
  }

  void smooth(double* gain, std::size_t count) {
    if (smooths_) {
      OnePole<double> smoothed = smoothed_gain_;
      for (std::size_t t = 0; t < count; ++t) gain[t] = smoothed(gain[t]);
      smoothed_gain_ = smoothed;
    }
    gain_ = gain[count - 1];
  }

  template <Ballistics ballistics> RAPHSON_INLINE S gain_of(S detected) {
    gain_ = unsmoothed_gain<ballistics>(detected);
    if (smooths_) gain_ = smoothed_gain_(gain_);
    return gain_;
  }

  template <Ballistics ballistics> RAPHSON_INLINE S unsmoothed_gain(S detected) {
    using namespace math;
    const auto follow = [&](S v) { return envelope_.template step<ballistics>(v, envelope_coefficients_); };
    const S lowest = constant<S>(lowest_level);
    switch (structure_.smoothed) {
    case SmoothedQuantity::gain:
      return S(1.0) - follow(S(1.0) - exp(-reduction(log_level(detected))));
    case SmoothedQuantity::gain_db:
      return exp(-follow(reduction(log_level(detected))));
    case SmoothedQuantity::level: {
      const S level = averages_ ? sqrt(max(detected, lowest * lowest)) : detected;
      return exp(-reduction(log(max(follow(level), lowest))));
    }
    case SmoothedQuantity::power: {
      const S power = averages_ ? detected : detected * detected;
      return exp(-reduction(constant<S>(0.5) * log(max(follow(power), lowest * lowest))));
    }
    case SmoothedQuantity::level_db: {
      const S floor = constant<S>(-120 * nepers_per_db);
      return exp(-reduction(floor + follow(max(log_level(detected) - floor, S(0.0)))));
    }
    }
    return S(1.0);
  }

  RAPHSON_INLINE S log_level(S detected) const {
    using namespace math;
    const S lowest = constant<S>(lowest_level);
    return averages_ ? constant<S>(0.5) * log(max(detected, lowest * lowest)) : log(max(detected, lowest));
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
  S gain_ = S(1.0), last_power_ = S(0.0);
  const DynamicsBlockPasses* passes_ = &dynamics_block_passes();
};

} // namespace raphson::dsp
