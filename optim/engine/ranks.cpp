#include "optim/engine/ranks.h"

namespace raphson::optim {

Ranks& one_rank() {
  static Ranks alone;
  return alone;
}

} // namespace raphson::optim
