#include "optim/engine/gradient_regularisation.h"

namespace raphson::optim {

void check(const GradientRegularisation& o) {
  if (!(o.gamma >= 0) || !std::isfinite(o.gamma))
    throw InputError("gradient regularisation: gamma must be finite and at least 0");
  if (o.mode != GradientDifference::double_backprop && (!(o.epsilon > 0) || !std::isfinite(o.epsilon)))
    throw InputError("gradient regularisation: epsilon must be finite and above 0");
}

} // namespace raphson::optim
