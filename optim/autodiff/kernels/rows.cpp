#include "optim/autodiff/kernels/rows.h"

#include "dsp/simd/isa.h"

namespace raphson::optim {

RAPHSON_DECLARE_COPIES(RowKernels<float>, rows_float);
RAPHSON_DECLARE_COPIES(RowKernels<double>, rows_double);

template <> const RowKernels<float>& row_kernels() { return RAPHSON_COPY_FOR(dsp::detect_isa(), rows_float); }
template <> const RowKernels<double>& row_kernels() {
  return RAPHSON_COPY_FOR(dsp::detect_isa(), rows_double);
}

} // namespace raphson::optim
