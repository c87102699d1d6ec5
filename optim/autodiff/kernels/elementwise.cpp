#include "optim/autodiff/kernels/elementwise.h"

#include "dsp/simd/isa.h"

namespace raphson::optim {

RAPHSON_DECLARE_COPIES(ElementwiseKernels<float>, elementwise_float);
RAPHSON_DECLARE_COPIES(ElementwiseKernels<double>, elementwise_double);

template <> const ElementwiseKernels<float>& elementwise() {
  return RAPHSON_COPY_FOR(dsp::detect_isa(), elementwise_float);
}
template <> const ElementwiseKernels<double>& elementwise() {
  return RAPHSON_COPY_FOR(dsp::detect_isa(), elementwise_double);
}

} // namespace raphson::optim
