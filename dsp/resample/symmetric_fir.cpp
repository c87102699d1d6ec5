#include "dsp/resample/symmetric_fir.h"

namespace raphson::dsp {

RAPHSON_DECLARE_COPIES(SymmetricFir, symmetric_fir);

SymmetricFir symmetric_fir(Isa isa) { return RAPHSON_COPY_FOR(isa, symmetric_fir); }

} // namespace raphson::dsp
