#include "optim/match/chain_kernel.h"

namespace raphson::optim::match {

RAPHSON_DECLARE_COPIES(ChainKernel, chain_kernel);

const ChainKernel& chain_kernel(dsp::Isa isa) { return RAPHSON_COPY_FOR(isa, chain_kernel); }

} // namespace raphson::optim::match
