#include "tests/bench/eigen_product.h"

namespace raphson::bench {

RAPHSON_DECLARE_COPIES(EigenProduct, eigen_product);

EigenProduct eigen_product(dsp::Isa isa) { return RAPHSON_COPY_FOR(isa, eigen_product); }

} // namespace raphson::bench
