// How late the wet recording is against the dry one, and whether it is upside down.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace raphson::optim::match {

struct Alignment {
  double delay_samples = 0; ///< wet(n + delay) belongs to dry(n); negative where the wet one is early
  bool inverted = false;
  double correlation = 0; ///< normalised, of the pair so aligned, without sign: 1 for a pure gain
};

/// To the sample, by cross-correlation of both recordings with their spectra half whitened, which makes the
/// peak narrow whatever the music. Looks at up to `window_seconds` around the loudest part of the dry
/// recording.
Alignment align(std::span<const float> dry, std::span<const float> wet, double sample_rate,
                double maximum_delay_seconds = 1.6, double window_seconds = 15);

/// The delay of `late` against `early` near zero, to a small fraction of a sample: Newton's method on the
/// correlation of the band-limited signals,
///   c(d) = sum over w of Re(conj(E) L exp(j w d)),   c' = 0,
/// which is the delay of least squared error. Within +-2 samples; the signals are of one length.
double fractional_delay_between(std::span<const double> early, std::span<const float> late);

/// Whole samples by which `late` is late beyond what a causal filter explains: of the shifts from 8 below
/// `peak`, where they correlate most, or from `lowest` up to it, the largest at which a FIR of 64 taps leaves
/// no more than 2 % above the least error. Negative where `late` is early.
std::ptrdiff_t causal_delay(std::span<const double> early, std::span<const double> late, std::ptrdiff_t peak,
                            std::ptrdiff_t lowest);

/// No device answers before it is asked: only recordings that are early as a whole are taken to be.
inline std::ptrdiff_t lowest_causal_delay(std::ptrdiff_t peak) { return peak < 0 ? peak - 8 : 0; }

} // namespace raphson::optim::match
