#include "dsp/resample/symmetric_fir.h"

namespace raphson::dsp {

extern const SymmetricFir symmetric_fir_baseline;
#if defined(__x86_64__)
extern const SymmetricFir symmetric_fir_avx2;
extern const SymmetricFir symmetric_fir_avx512;
#endif

SymmetricFir symmetric_fir(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::avx512) return symmetric_fir_avx512;
  if (isa == Isa::avx2) return symmetric_fir_avx2;
#endif
  (void)isa;
  return symmetric_fir_baseline;
}

} // namespace raphson::dsp
