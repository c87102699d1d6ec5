// The loss of any chain over many chunks of audio, with derivatives by Jets: slower than the
// compressor's own kernel (compressor_kernel.h), but for every chain and with any of its parameters free.
//
//   forward   e = H(chain(x) - y)
//   inverse   e = H(x - y / gain(x)), gain that of a chain which is one compressor (Yu & Fazekas' public
//   code) loss = 1/2 sum of e^2 over the scored samples
#pragma once

#include "dsp/chain/chain.h"
#include "dsp/simd/isa.h"
#include "optim/match/compressor_kernel.h"

#include <array>
#include <span>

namespace raphson::optim::match {

constexpr int most_free_parameters = 32;

struct ChainProblem {
  const dsp::ChainSettings& settings; ///< which blocks
  std::span<const double> values;     ///< of all parameters, physical
  std::span<const std::size_t> free;  ///< indices of those that derivatives are taken by
  double sample_rate;
  double pre_emphasis_pole; ///< 1: none
  bool inverse;
};

/// Derivatives with respect to the free parameters in physical units; matrices packed as Jet's Hessian.
struct ChainLossDerivatives {
  double loss = 0;
  std::array<double, most_free_parameters> gradient{};
  std::array<double, most_free_parameters*(most_free_parameters + 1) / 2> gauss_newton{}, curvature{};
};

/// All take up to `lanes` chunks, a lane each, and add to the result: gauss_newton_each to as many results as
/// there are chunks. The curvature is left alone.
struct ChainKernel {
  int lanes;
  void (*value)(const ChunkView* chunks, int count, const ChainProblem&, ChainLossDerivatives&);
  void (*gauss_newton)(const ChunkView* chunks, int count, const ChainProblem&, ChainLossDerivatives&);
  void (*gauss_newton_each)(const ChunkView* chunks, int count, const ChainProblem&, ChainLossDerivatives*);
};

const ChainKernel& chain_kernel(dsp::Isa isa = dsp::detect_isa());

} // namespace raphson::optim::match
