#include "optim/match/compressor_kernel.h"

namespace raphson::optim::match {

RAPHSON_DECLARE_COPIES(CompressorKernel, compressor_kernel);

const CompressorKernel& compressor_kernel(dsp::Isa isa) { return RAPHSON_COPY_FOR(isa, compressor_kernel); }

} // namespace raphson::optim::match
