#include "dsp/dynamics/compressor_block.h"

namespace raphson::dsp {

extern const CompressorBlockGain compressor_block_gain_baseline;
#if defined(__x86_64__)
extern const CompressorBlockGain compressor_block_gain_avx2;
extern const CompressorBlockGain compressor_block_gain_avx512;
#endif

CompressorBlockGain compressor_block_gain(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::avx512) return compressor_block_gain_avx512;
  if (isa == Isa::avx2) return compressor_block_gain_avx2;
#endif
  (void)isa;
  return compressor_block_gain_baseline;
}

} // namespace raphson::dsp
