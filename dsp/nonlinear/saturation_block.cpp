#include "dsp/nonlinear/saturation_block.h"

namespace raphson::dsp {

RAPHSON_DECLARE_COPIES(SaturationBlock, saturation_block);

SaturationBlock saturation_block(Isa isa) { return RAPHSON_COPY_FOR(isa, saturation_block); }

} // namespace raphson::dsp
