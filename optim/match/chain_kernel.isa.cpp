// The chain kernel for one instruction set: a chunk a lane.
#include "optim/match/chain_gradient.h"

namespace raphson::optim::match {
namespace {

constexpr dsp::Isa isa = dsp::Isa::RAPHSON_ISA;
using V = dsp::Lanes<double, dsp::lane_count<double>(isa), isa>;

void derivatives(const ChunkView* chunks, int count, const ChainProblem& problem, ChainLossDerivatives* out,
                 bool each) {
  if (problem.inverse) // one compressor and its five parameters
    chain_derivatives<Jet<V, 8, 1>, V>(chunks, count, problem, out, each);
  else
    chain_gauss_newton<V>(chunks, count, problem, out, each);
}

void gauss_newton(const ChunkView* chunks, int count, const ChainProblem& problem,
                  ChainLossDerivatives& out) {
  derivatives(chunks, count, problem, &out, false);
}

void gauss_newton_each(const ChunkView* chunks, int count, const ChainProblem& problem,
                       ChainLossDerivatives* out) {
  derivatives(chunks, count, problem, out, true);
}

} // namespace

extern const ChainKernel RAPHSON_FOR_ISA(chain_kernel) = {V::count, chain_value<V>, gauss_newton,
                                                          gauss_newton_each};

} // namespace raphson::optim::match
