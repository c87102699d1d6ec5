#include "dsp/dynamics/linked_gain.h"

namespace raphson::dsp {

extern const LinkedGain linked_gain_baseline;
#if defined(__x86_64__)
extern const LinkedGain linked_gain_avx2;
extern const LinkedGain linked_gain_avx512;
#endif

LinkedGain linked_gain(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::avx512) return linked_gain_avx512;
  if (isa == Isa::avx2) return linked_gain_avx2;
#endif
  (void)isa;
  return linked_gain_baseline;
}

} // namespace raphson::dsp
