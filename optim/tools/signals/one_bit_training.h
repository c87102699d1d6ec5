// Trains the unrolled network of unrolling.h in two stages. A. Eamaz, F. Yeganegi & M. Soltanalian,
// "Unlocking efficient large inference models: one-bit unrolling tips the scales", arXiv 2502.01908 (2025).
//
// Stage 1, full precision: from W_k = A^T / |A|^2, zero wherever A^T is, Adam on the mean of |x_L - x|^2.
// Conversion: lambda = the mean |W_ij| over all layers and supported entries, which is the least-squares
// scale for W ~ lambda sign W; latent V_k = clip(W_k / lambda, -1.5, 1.5).
// Stage 2: W_k = lambda B_k, B_k = sign V_k on the support (sign 0 = 1). The gradient passes straight through
// the sign: that of V_k is lambda times that of W_k, that of lambda is sum_k <dloss / dW_k, B_k>.
//
// Rates fall as half a cosine; gradients have their norm clipped to 5; theta stays >= 0. Inside, unknowns
// are in units of the root mean square of those that are not zero, and A in that of its columns' norms, so
// that rates suit any input.
#pragma once

#include "optim/tools/signals/unrolling.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace raphson::optim::tools {

struct Examples {
  RowMatrix x = {}, y = {}; ///< an example a row
};

struct UnrollingOptions {
  std::size_t layers = 10;
  Prior prior = Prior::sparse;
  int epochs = 15; ///< of each stage
  std::size_t batch_size = 128;
  double rate = 2e-3;        ///< V's is 20 times, lambda's a tenth of it
  bool scale_trained = true; ///< lambda in stage 2
  bool dense = false;        ///< stage 1 ignores A's zeros: the network that is compared with
  std::uint64_t seed = 0;
  std::function<void(int stage, int epoch, double loss)> observer = {}; ///< may throw to stop
};

/// The signs of the supported entries and the one scale.
struct OneBitNetwork {
  float scale = 0;                           ///< lambda
  std::vector<float> theta = {};             ///< a layer each
  std::vector<std::vector<bool>> signs = {}; ///< [layer][supported entry of A^T, row by row], true: +
  Unrolled expanded(const RowMatrix& a) const;
};

/// Stage 1. Throws InputError for sizes that do not go together, no examples, all of them zero, a y that is
/// not of x's size, and where training stops being finite.
Unrolled train_full_precision(const RowMatrix& a, const Examples& examples, const UnrollingOptions& options);

/// The conversion alone: signs as stage 1 left them.
OneBitNetwork to_one_bit(const Unrolled& network, const RowMatrix& a);

/// Stage 2.
OneBitNetwork train_one_bit(const Unrolled& stage1, const RowMatrix& a, const Examples& examples,
                            const UnrollingOptions& options);

/// The rival: dense weights of -1, 0 and 1 times the layer's mean |W| (round(W / mean |W|), clipped;
/// S. Ma et al., "The era of 1-bit LLMs", 2024), straight through, from a dense stage 1.
Unrolled train_ternary(const Unrolled& stage1, const RowMatrix& a, const Examples& examples,
                       const UnrollingOptions& options);

} // namespace raphson::optim::tools
