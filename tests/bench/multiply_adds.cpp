#include "tests/bench/multiply_adds.h"

#include "dsp/simd/isa.h"

namespace raphson::bench {

RAPHSON_DECLARE_COPIES(MultiplyAdds, multiply_adds);

MultiplyAdds multiply_adds() { return RAPHSON_COPY_FOR(dsp::detect_isa(), multiply_adds); }

} // namespace raphson::bench
