#include "dsp/dynamics/dynamics_block.h"

namespace raphson::dsp {

RAPHSON_DECLARE_COPIES(DynamicsBlockPasses, dynamics_block_passes);

const DynamicsBlockPasses& dynamics_block_passes(Isa isa) {
  return RAPHSON_COPY_FOR(isa, dynamics_block_passes);
}

} // namespace raphson::dsp
