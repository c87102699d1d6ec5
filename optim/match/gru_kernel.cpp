#include "optim/match/gru_kernel.h"

namespace raphson::optim::match {

RAPHSON_DECLARE_COPIES(GruKernel<float>, gru_kernel_float);
RAPHSON_DECLARE_COPIES(GruKernel<double>, gru_kernel_double);

std::size_t gru_scratch(int units) {
  // r, z, n, q and the states around each step; four errors; two sums of a step.
  return static_cast<std::size_t>(units) * gru_lanes * (9 * gru_tile + 3);
}

template <> const GruKernel<float>& gru_kernel(dsp::Isa isa) {
  return RAPHSON_COPY_FOR(isa, gru_kernel_float);
}
template <> const GruKernel<double>& gru_kernel(dsp::Isa isa) {
  return RAPHSON_COPY_FOR(isa, gru_kernel_double);
}

} // namespace raphson::optim::match
