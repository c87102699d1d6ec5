// The loss kernel of compressor_kernel.h for one instruction set.
#include "optim/match/compressor_passes.h"

#include "dsp/dynamics/compressor_block.h"

namespace raphson::optim::match {
namespace {

constexpr dsp::Isa isa = dsp::Isa::RAPHSON_ISA;
using Exact = CompressorPasses<double, isa>;
using Single = CompressorPasses<float, isa>;

/// The value of a single chunk: with one lane in use, the static gain of several samples at a time is faster.
double value_of_one(const ChunkView& chunk, const CompressorCoordinates& k, double pole) {
  static const dsp::CompressorBlockGain block_gain = dsp::compressor_block_gain(isa);
  const dsp::CompressorBlockCoefficients coefficients{k.log_threshold, k.slope, k.attack, k.release};
  const double makeup = dsp::math::exp(k.log_makeup);
  constexpr std::size_t block = 256;
  double x[block], gain[block];
  double g = 1, u = 0, v = 0, loss = 0;
  for (std::size_t from = 0; from < chunk.count; from += block) {
    const std::size_t n = chunk.count - from < block ? chunk.count - from : block;
    for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<double>(chunk.dry[from + i]);
    block_gain(x, gain, n, coefficients, g);
    for (std::size_t i = 0; i < n; ++i)
      x[i] = makeup * gain[i] * x[i] - static_cast<double>(chunk.wet[from + i]);
    for (std::size_t i = 0; i < n; ++i) {
      v = (x[i] - u) + pole * v;
      u = x[i];
      if (from + i >= chunk.first_scored) loss += v * v;
    }
  }
  return 0.5 * loss;
}

double evaluate_value(const ChunkView* chunks, int count, const CompressorCoordinates& k, double pole) {
  if (count == 1) return value_of_one(chunks[0], k, pole);
  LossDerivatives out;
  Exact::evaluate<Order::value>(chunks, count, k, pole, out);
  return out.loss;
}

} // namespace

extern const CompressorKernel RAPHSON_FOR_ISA(compressor_kernel) = {
    .isa = isa,
    .lanes = Exact::lanes,
    .value = evaluate_value,
    .gradient = Exact::evaluate<Order::gradient>,
    .gauss_newton = Exact::evaluate<Order::gauss_newton>,
    .hessian = Exact::evaluate<Order::hessian>,
    .hessian_each = Exact::evaluate_each<Order::hessian>,
    .block_gradients = Exact::block_gradients,
    .compare = Exact::compare,
    .single_lanes = Single::lanes,
    .single_hessian = Single::evaluate<Order::hessian>};

} // namespace raphson::optim::match
