// Products of matrices on the tape.
#pragma once

#include "optim/autodiff/tape.h"

namespace raphson::optim {

struct Transposed {
  bool a = false, b = false; ///< the last two axes change places before the product
};

/// y = a b over the last two axes, m x k times k x n. b is one matrix for all of a's leading axes, or both
/// have the same leading axes and are multiplied pair by pair. A weight with gradients of each example is b.
template <class T> Var<T> matmul(Var<T> a, Var<T> b, Transposed transposed = {});

} // namespace raphson::optim
