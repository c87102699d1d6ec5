#include "optim/match/chain_kernel.h"

namespace raphson::optim::match {

extern const ChainKernel chain_kernel_baseline;
#if defined(__x86_64__)
extern const ChainKernel chain_kernel_avx2;
extern const ChainKernel chain_kernel_avx512;
#endif

const ChainKernel& chain_kernel(dsp::Isa isa) {
#if defined(__x86_64__)
  if (isa == dsp::Isa::avx512) return chain_kernel_avx512;
  if (isa == dsp::Isa::avx2) return chain_kernel_avx2;
#endif
  (void)isa;
  return chain_kernel_baseline;
}

} // namespace raphson::optim::match
