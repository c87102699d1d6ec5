// Jets and the adjoint for one instruction set (hessian_strategies.h).
#include "optim/match/hessian_strategies.h"

#include "optim/match/compressor_pass.h"

namespace raphson::optim::match {
namespace {

constexpr dsp::Isa isa = dsp::Isa::RAPHSON_ISA;
constexpr int lanes = dsp::lane_count<double>(isa);
using V = dsp::Lanes<double, lanes, isa>;

/// The coordinates as the Jets' variables.
template <class J> std::array<J, 5> variables(const CompressorCoordinates& k) {
  const double values[] = {k.log_threshold, k.slope, k.attack, k.release, k.log_makeup};
  std::array<J, 5> all;
  for (int i = 0; i < 5; ++i) all[i] = J::variable(V(values[i]), i);
  return all;
}

void forward_jets(const ChunkView* chunks, int count, const CompressorCoordinates& k, double pole,
                  SecondOrder& out) {
  using J = Jet<V, 5, 2>;
  const J loss = CompressorPass<J>(ChunkLanes<V>(chunks, count), variables<J>(k), pole).loss();
  out.loss += sum(loss.v);
  for (int i = 0; i < 5; ++i) out.gradient[i] += sum(loss.g[i]);
  for (int p = 0; p < 15; ++p) out.hessian[p] += sum(loss.h[p]);
}

void forward_over_reverse(const ChunkView* chunks, int count, const CompressorCoordinates& k, double pole,
                          std::size_t segment_samples, SecondOrder& out) {
  using J = Jet<V, 5, 1>;
  const auto r =
      CompressorPass<J>(ChunkLanes<V>(chunks, count), variables<J>(k), pole).gradient(segment_samples);
  out.loss += sum(r.loss.v);
  for (int i = 0, p = 0; i < 5; ++i) {
    out.gradient[i] += sum(r.gradient[i].v);
    for (int j = 0; j <= i; ++j, ++p) out.hessian[p] += sum(r.gradient[i].g[j]);
  }
}

void adjoint_gradient(const ChunkView* chunks, int count, const CompressorCoordinates& k, double pole,
                      std::size_t segment_samples, SecondOrder& out) {
  const std::array<V, 5> values{V(k.log_threshold), V(k.slope), V(k.attack), V(k.release), V(k.log_makeup)};
  const auto r = CompressorPass<V>(ChunkLanes<V>(chunks, count), values, pole).gradient(segment_samples);
  out.loss += sum(r.loss);
  for (int i = 0; i < 5; ++i) out.gradient[i] += sum(r.gradient[i]);
}

void product(const ChunkView* chunks, int count, const CompressorCoordinates& k, const double* direction,
             double pole, std::size_t segment_samples, HessianProduct& out) {
  using J = Jet<V, 1, 1>;
  std::array<J, 5> along{J(k.log_threshold), J(k.slope), J(k.attack), J(k.release), J(k.log_makeup)};
  for (int i = 0; i < 5; ++i) along[i].g[0] = V(direction[i]);
  const auto r = CompressorPass<J>(ChunkLanes<V>(chunks, count), along, pole).gradient(segment_samples);
  out.loss += sum(r.loss.v);
  for (int i = 0; i < 5; ++i) {
    out.gradient[i] += sum(r.gradient[i].v);
    out.product[i] += sum(r.gradient[i].g[0]);
  }
}

} // namespace

extern const StrategyKernel RAPHSON_FOR_ISA(strategy_kernel) = {lanes, forward_jets, forward_over_reverse,
                                                                adjoint_gradient, product};

} // namespace raphson::optim::match
