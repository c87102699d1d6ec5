// The feed-forward compressor of Yu & Fazekas (AES AIMLA 2025), templated on its scalar:
//
//   level      |x|, or a running root mean square of x over rms_ms          (detector.h)
//   static     u = ln(level / threshold), f = exp(-(1 - 1/ratio) overshoot(u))  (gain_curve.h)
//   ballistics g <- g + c (f - g), c of attack if f < g, else of release    (ballistics.h)
//   output     y = makeup g x, x delayed by the look-ahead                  (look_ahead.h)
//
// With knee 0, rms 0 and look-ahead 0 it is the paper's five-parameter model. Times are milliseconds and
// become coefficients at the sample rate in hand. Nothing is allocated after construction.
#pragma once

#include "dsp/chain/parameter.h"
#include "dsp/dynamics/ballistics.h"
#include "dsp/dynamics/compressor_block.h"
#include "dsp/dynamics/detector.h"
#include "dsp/dynamics/gain_curve.h"
#include "dsp/dynamics/look_ahead.h"
#include "dsp/math/value_of.h"
#include "dsp/units.h"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <span>

namespace raphson::dsp {

inline constexpr std::array<Parameter, 8> compressor_parameters{{
    {"threshold_db", "threshold", "dB", -80, 0, -24, Scale::linear},
    {"ratio", "ratio", ":1", 1, 100, 4, Scale::logarithmic},
    {"attack_ms", "attack", "ms", 0.05, 500, 5, Scale::logarithmic},
    {"release_ms", "release", "ms", 1, 5000, 200, Scale::logarithmic},
    {"makeup_db", "make-up", "dB", -60, 60, 0, Scale::linear},
    {"knee_db", "knee", "dB", 0, 40, 0, Scale::linear},
    {"rms_ms", "RMS window", "ms", 0, 200, 0, Scale::linear},
    {"look_ahead_ms", "look-ahead", "ms", 0, 20, 0, Scale::linear},
}};

template <class S> class Compressor {
public:
  static constexpr std::span<const Parameter> parameters() { return compressor_parameters; }

  /// values as in compressor_parameters; the look-ahead is rounded to whole samples.
  Compressor(std::span<const S> values, double sample_rate)
      : log_threshold_(values[0] * S(nepers_per_db)), slope_(S(1.0) - S(1.0) / values[1]),
        ballistics_(coefficient_from_ms(values[2], sample_rate), coefficient_from_ms(values[3], sample_rate)),
        makeup_(db_to_gain(values[4])),
        hard_knee_(is_zero(values[5])), soft_knee_{hard_knee_ ? S(1.0) : values[5] * S(nepers_per_db)},
        peak_(is_zero(values[6])), rms_(peak_ ? S(1.0) : coefficient_from_ms(values[6], sample_rate)) {
    look_ahead_.prepare(look_ahead_samples(values[7], sample_rate));
  }

  void reset() {
    ballistics_.reset();
    rms_.reset();
    look_ahead_.reset();
  }

  /// Samples by which the output is late.
  std::size_t latency_samples() const { return look_ahead_.samples(); }

  /// The smoothed gain, make-up not included, after hearing x.
  S gain(S x) {
    using namespace math;
    const S level = peak_ ? PeakDetector{}(x) : rms_(x);
    const S u = log(level) - log_threshold_;
    return ballistics_(hard_knee_ ? HardKnee{}.gain(u, slope_) : soft_knee_.gain(u, slope_));
  }

  /// The same with the make-up.
  S output_gain(S x) { return makeup_ * gain(x); }

  S operator()(S x) {
    const S g = output_gain(x);
    return g * look_ahead_(x);
  }

  /// The gains of a block, make-up not included, and in place the audio that they turn, late by the
  /// look-ahead.
  void gains(std::span<S> audio, S* gain) {
    if constexpr (std::same_as<S, double>)
      if (hard_knee_ && peak_) return gains_fast(audio, gain);
    for (S& x : audio) {
      *gain++ = this->gain(x);
      x = look_ahead_(x);
    }
  }
  const S& makeup() const { return makeup_; }

  /// A block in place; the fast path where the model is the paper's, of the same values to rounding.
  void process(std::span<S> audio) {
    if constexpr (std::same_as<S, double>)
      if (hard_knee_ && peak_) return process_fast(audio);
    for (S& x : audio) x = (*this)(x);
  }

private:
  void process_fast(std::span<double> audio) {
    std::array<double, 256> gain;
    for (std::size_t from = 0; from < audio.size(); from += gain.size()) {
      const auto block = audio.subspan(from, std::min(gain.size(), audio.size() - from));
      gains_fast(block, gain.data());
      for (std::size_t i = 0; i < block.size(); ++i) block[i] *= makeup_ * gain[i];
    }
  }

  void gains_fast(std::span<double> audio, double* gain) {
    const CompressorBlockCoefficients k{log_threshold_, slope_, ballistics_.attack(), ballistics_.release()};
    double state = ballistics_.gain();
    block_gain_(audio.data(), gain, audio.size(), k, state);
    ballistics_.reset(state);
    if (look_ahead_.samples() > 0)
      for (double& x : audio) x = look_ahead_(x);
  }

  static bool is_zero(const S& a) { return math::value_of(a) == 0.0; }
  static std::size_t look_ahead_samples(const S& ms, double sample_rate) {
    return static_cast<std::size_t>(math::value_of(ms) * 0.001 * sample_rate + 0.5);
  }

  S log_threshold_, slope_;
  AttackRelease<S> ballistics_;
  S makeup_;
  bool hard_knee_;
  SoftKnee<S> soft_knee_;
  bool peak_;
  RmsDetector<S> rms_;
  LookAhead<S> look_ahead_;
  CompressorBlockGain block_gain_ = compressor_block_gain();
};

} // namespace raphson::dsp
