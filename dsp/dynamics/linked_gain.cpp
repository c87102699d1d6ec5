#include "dsp/dynamics/linked_gain.h"

namespace raphson::dsp {

RAPHSON_DECLARE_COPIES(LinkedGain, linked_gain);

LinkedGain linked_gain(Isa isa) { return RAPHSON_COPY_FOR(isa, linked_gain); }

} // namespace raphson::dsp
