#include "dsp/filters/equaliser_block.h"

namespace raphson::dsp {

extern const EqualiserBlock equaliser_block_baseline;
#if defined(__x86_64__)
extern const EqualiserBlock equaliser_block_avx2;
extern const EqualiserBlock equaliser_block_avx512;
#endif

EqualiserBlock equaliser_block(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::avx512) return equaliser_block_avx512;
  if (isa == Isa::avx2) return equaliser_block_avx2;
#endif
  (void)isa;
  return equaliser_block_baseline;
}

} // namespace raphson::dsp
