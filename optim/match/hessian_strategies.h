// Ways to the loss, gradient and Hessian of the compressor, to be chosen between and compared
// (raphson_bench hessian). n samples, p = 5 parameters; memory is what an evaluation needs beyond the audio.
//
//   forward                   second-order recursions derived by hand (compressor_kernel.h)   O(1)
//   forward_jets              the plain recursion on second-order Jets                        O(1)
//   forward_over_reverse      the adjoint on first-order Jets, all p directions at once       O(n p)
//   checkpointed_reverse      the same, each segment of the recording played twice            O(sqrt n p)
//   gauss_newton              J^T J in place of the Hessian: the residual's curvature missing O(1)
//   finite_differences        central differences of the kernel's gradient, 2 p of them       O(1)
//   adjoint_gradient          loss and gradient alone by the adjoint: the cost to compare     O(n)
//
// All are by the natural coordinates of compressor_kernel.h, on the machine's vector units, a chunk a lane,
// groups of chunks spread over threads. "Exact" is up to the loss's kinks: where an attack turns into a
// release or a level crosses the threshold its gradient has small jumps, which finite differences may
// straddle.
#pragma once

#include "optim/match/compressor_kernel.h"

#include <array>
#include <span>

namespace raphson::optim::match {

enum class HessianStrategy {
  forward,
  forward_jets,
  forward_over_reverse,
  checkpointed_reverse,
  gauss_newton,
  finite_differences,
  adjoint_gradient,
};

inline constexpr std::array hessian_strategies{
    HessianStrategy::forward,
    HessianStrategy::forward_jets,
    HessianStrategy::forward_over_reverse,
    HessianStrategy::checkpointed_reverse,
    HessianStrategy::gauss_newton,
    HessianStrategy::finite_differences,
    HessianStrategy::adjoint_gradient,
};

/// "forward over reverse".
const char* to_string(HessianStrategy strategy);

struct SecondOrder {
  double loss = 0;
  std::array<double, 5> gradient{};
  std::array<double, 15> hessian{}; ///< packed as Jet's; zero from adjoint_gradient
};

/// The sums over all chunks. `isa` is the machine's or a lesser one.
SecondOrder evaluate(HessianStrategy strategy, std::span<const ChunkView> chunks,
                     const CompressorCoordinates& coordinates, double pole, std::size_t threads = 1,
                     dsp::Isa isa = dsp::detect_isa());

/// Loss, gradient and the Hessian's product with a direction, by forward over reverse.
struct HessianProduct {
  double loss = 0;
  std::array<double, 5> gradient{}, product{};
};
HessianProduct hessian_product(std::span<const ChunkView> chunks, const CompressorCoordinates& coordinates,
                               const std::array<double, 5>& direction, double pole, std::size_t threads = 1,
                               dsp::Isa isa = dsp::detect_isa());

/// What one instruction set offers; every function adds the sums of up to `lanes` chunks.
/// segment_samples as in CompressorPass::gradient.
struct StrategyKernel {
  int lanes;
  void (*forward_jets)(const ChunkView* chunks, int count, const CompressorCoordinates&, double pole,
                       SecondOrder&);
  void (*forward_over_reverse)(const ChunkView* chunks, int count, const CompressorCoordinates&, double pole,
                               std::size_t segment_samples, SecondOrder&);
  void (*adjoint_gradient)(const ChunkView* chunks, int count, const CompressorCoordinates&, double pole,
                           std::size_t segment_samples, SecondOrder&);
  void (*hessian_product)(const ChunkView* chunks, int count, const CompressorCoordinates&,
                          const double* direction, double pole, std::size_t segment_samples,
                          HessianProduct&);
};

} // namespace raphson::optim::match
