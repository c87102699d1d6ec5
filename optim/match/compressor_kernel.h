// The hot loop of a match: the feed-forward compressor over many chunks of audio, one chunk a lane, with the
// loss and its exact first and second derivatives, in one pass and without storing anything per sample.
//
// Model (Yu & Fazekas, AES AIMLA 2025), in the coordinates the recursion likes:
//   u_t = ln max(|x_t|, 1e-8) - theta          theta = ln threshold
//   f_t = min(1, exp(-s u_t))                  s = 1 - 1/ratio, the slope
//   g_t = (1 - c_t) g_{t-1} + c_t f_t          c_t = a (attack) if f_t < g_{t-1}, else r (release)
//   e   = H(m g x - y)                         m = exp(mu), H(z) = (1 - z^-1)/(1 - pole z^-1)
//   loss = 1/2 sum of e_t^2 over the scored samples
//
// Derivatives by the recursions' own: every dg/dp obeys the same recursion as g with another input. Two
// identities save six of the twenty: with phi = (dg/dtheta)/s driven by c f [u > 0],
//   d2g/dtheta2 = s^2 phi     d2g/dtheta ds = phi + s dg/ds     d2g/dmu dp = dg/dp     d2g/dmu2 = g.
#pragma once

#include "dsp/simd/isa.h"

#include <array>
#include <cstddef>

namespace raphson::optim::match {

/// The five parameters in natural coordinates.
struct CompressorCoordinates {
  double log_threshold, slope, attack, release, log_makeup;
};
constexpr int compressor_parameters = 5;

/// One chunk of one channel: [0, count) is played, [first_scored, count) enters the loss. With a stripe,
/// which chain objectives know, only every second stretch of that many samples does, the even or the odd
/// ones: so that a fit can be scored on what lies between.
struct ChunkView {
  const float* dry = nullptr;
  const float* wet = nullptr;
  std::size_t count = 0, first_scored = 0;
  std::size_t stripe = 0;
  bool odd = false;

  bool is_scored(std::size_t t) const {
    return t >= first_scored && (stripe == 0 || (((t - first_scored) / stripe) % 2 == 1) == odd);
  }
};

/// Loss and derivatives with respect to (log_threshold, slope, attack, release, log_makeup).
struct LossDerivatives {
  double loss = 0;
  std::array<double, 5> gradient{};
  std::array<double, 15> gauss_newton{}; ///< sum of e_i e_j, packed as Jet's Hessian
  std::array<double, 15> curvature{};    ///< sum of e e_ij; the exact Hessian is the sum of the two
};

/// Sums over the scored samples of p^2, p q and q^2, p the pre-emphasised output and q the pre-emphasised
/// target.
struct OutputComparison {
  double output_energy = 0, correlation = 0, target_energy = 0;
};

/// What one instruction set offers. Every function takes up to `lanes` chunks and adds to the result; `pole`
/// is that of the pre-emphasis, and 1 makes H(z) = 1.
struct CompressorKernel {
  dsp::Isa isa;
  int lanes;
  double (*value)(const ChunkView* chunks, int count, const CompressorCoordinates&, double pole);
  void (*gradient)(const ChunkView* chunks, int count, const CompressorCoordinates&, double pole,
                   LossDerivatives&);
  void (*gauss_newton)(const ChunkView* chunks, int count, const CompressorCoordinates&, double pole,
                       LossDerivatives&);
  void (*hessian)(const ChunkView* chunks, int count, const CompressorCoordinates&, double pole,
                  LossDerivatives&);
  /// The Hessian of each chunk by itself, out[i] that of chunks[i].
  void (*hessian_each)(const ChunkView* chunks, int count, const CompressorCoordinates&, double pole,
                       LossDerivatives* out);
  /// The gradient of one chunk in parts: blocks[5 b + i] gets parameter i's share of the block_samples
  /// samples from b block_samples on (to the tile).
  void (*block_gradients)(const ChunkView& chunk, const CompressorCoordinates&, double pole,
                          std::size_t block_samples, double* blocks);
  /// Up to `lanes` candidates on one chunk, one a lane: how a search tries many. Attack must be faster than
  /// release.
  void (*compare)(const ChunkView& chunk, const CompressorCoordinates* candidates, int count, double pole,
                  OutputComparison* out);
  /// The Hessian in single precision, over twice the chunks at once: right to some 1e-6, enough to find the
  /// way.
  int single_lanes;
  void (*single_hessian)(const ChunkView* chunks, int count, const CompressorCoordinates&, double pole,
                         LossDerivatives&);
};

/// The kernel for this machine (dsp::detect_isa), or for one instruction set that it has.
const CompressorKernel& compressor_kernel(dsp::Isa isa = dsp::detect_isa());

} // namespace raphson::optim::match
