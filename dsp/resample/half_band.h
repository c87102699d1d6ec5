// Twice the sample rate and back, by linear-phase half-band filters: 4 M + 1 taps about their centre, of
// which every second is 0 but the centre's 1/2. With the others, b_j at the distances 2j + 1,
//
//   up    y[2n] = x[n - M],  y[2n + 1] = 2 sum_j b_j (x[n - M - j] + x[n - M + 1 + j])
//   down  y[n] = 1/2 v[2n - 2M] + sum_j b_j (v[2n - 2M - 2j - 1] + v[2n - 2M + 2j + 1]),
//
// each late by M samples of the lower rate. The window is Kaiser's (J. F. Kaiser, "Nonrecursive Digital
// Filter Design Using the I0-sinh Window Function", ISCAS 1974): the stop band lies 100 dB down and the pass
// band ripples by as little, up to 1/4 - 0.82 / M cycles a sample of the higher rate, for M of 12 or more.
#pragma once

#include "dsp/resample/symmetric_fir.h"

#include <cstddef>
#include <vector>

namespace raphson::dsp {

/// b_0 .. b_(M-1).
std::vector<double> half_band_branch(std::size_t half_length);

/// One channel. Construction and prepare() allocate, the rest is real-time safe.
class HalfBandUpsampler {
public:
  explicit HalfBandUpsampler(std::size_t half_length);

  /// For blocks of up to `maximum` samples in.
  void prepare(std::size_t maximum);
  void reset();

  /// 2 * count samples out of count; out may not overlap in.
  void process(const double* in, std::size_t count, double* out);

private:
  std::vector<double> taps_;    ///< 2 b
  std::vector<double> history_; ///< the last 2 M samples, then the block
  std::vector<double> between_;
  SymmetricFir fir_ = symmetric_fir();
};

/// One channel. Construction and prepare() allocate, the rest is real-time safe.
class HalfBandDownsampler {
public:
  explicit HalfBandDownsampler(std::size_t half_length);

  /// For blocks of up to `maximum` samples out.
  void prepare(std::size_t maximum);
  void reset();

  /// count samples out of 2 * count; out may be in.
  void process(const double* in, std::size_t count, double* out);

private:
  std::vector<double> taps_;
  std::vector<double> even_, odd_; ///< the last 2 M samples of each phase, then the block
  std::vector<double> sum_;
  SymmetricFir fir_ = symmetric_fir();
};

} // namespace raphson::dsp
