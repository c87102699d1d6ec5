// Small systems of linear equations on the tape.
#pragma once

#include "optim/autodiff/tape.h"

namespace raphson::optim {

/// x of A x = b for symmetric positive definite A {batch, k, k} (its lower triangle is read) and b {batch,
/// k}, by Cholesky's factors written out in elementwise operations over the batch: for small k, about k^3 / 3
/// of them. NaN or infinity where A is not positive definite.
template <class T> Var<T> solve_positive(Var<T> a, Var<T> b);

} // namespace raphson::optim
