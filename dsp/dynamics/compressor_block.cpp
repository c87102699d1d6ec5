#include "dsp/dynamics/compressor_block.h"

namespace raphson::dsp {

RAPHSON_DECLARE_COPIES(CompressorBlockGain, compressor_block_gain);

CompressorBlockGain compressor_block_gain(Isa isa) { return RAPHSON_COPY_FOR(isa, compressor_block_gain); }

} // namespace raphson::dsp
