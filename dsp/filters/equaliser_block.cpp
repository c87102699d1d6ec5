#include "dsp/filters/equaliser_block.h"

namespace raphson::dsp {

RAPHSON_DECLARE_COPIES(EqualiserBlock, equaliser_block);

EqualiserBlock equaliser_block(Isa isa) { return RAPHSON_COPY_FOR(isa, equaliser_block); }

} // namespace raphson::dsp
