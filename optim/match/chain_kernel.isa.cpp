// The chain kernel for one instruction set: Jets sized for registers of eight.
#include "optim/match/chain_loss.h"

namespace raphson::optim::match {
namespace {

constexpr dsp::Isa isa = dsp::Isa::RAPHSON_ISA;
using V = dsp::Lanes<double, dsp::lane_count<double>(isa), isa>;
// Derivatives go chunk by chunk: a Jet's gradient fills the vector registers by itself, whatever the
// recording's length.
using Scalar = dsp::Lanes<double, 1, isa>;

template <int n>
void gauss_newton_of_size(const ChunkView* chunks, int count, const ChainProblem& problem,
                          ChainLossDerivatives& out) {
  for (int i = 0; i < count; ++i) chain_derivatives<Jet<Scalar, n, 1>, Scalar>(chunks + i, 1, problem, out);
}

void gauss_newton(const ChunkView* chunks, int count, const ChainProblem& problem,
                  ChainLossDerivatives& out) {
  if (problem.free.size() <= 8)
    gauss_newton_of_size<8>(chunks, count, problem, out);
  else if (problem.free.size() <= 16)
    gauss_newton_of_size<16>(chunks, count, problem, out);
  else if (problem.free.size() <= 24)
    gauss_newton_of_size<24>(chunks, count, problem, out);
  else
    gauss_newton_of_size<most_free_parameters>(chunks, count, problem, out);
}

} // namespace

extern const ChainKernel RAPHSON_FOR_ISA(chain_kernel) = {V::count, chain_value<V>, gauss_newton};

} // namespace raphson::optim::match
