#include "optim/match/compressor_kernel.h"

namespace raphson::optim::match {

extern const CompressorKernel compressor_kernel_baseline;
#if defined(__x86_64__)
extern const CompressorKernel compressor_kernel_avx2;
extern const CompressorKernel compressor_kernel_avx512;
#endif

const CompressorKernel& compressor_kernel(dsp::Isa isa) {
#if defined(__x86_64__)
  if (isa == dsp::Isa::avx512) return compressor_kernel_avx512;
  if (isa == dsp::Isa::avx2) return compressor_kernel_avx2;
#endif
  (void)isa;
  return compressor_kernel_baseline;
}

} // namespace raphson::optim::match
