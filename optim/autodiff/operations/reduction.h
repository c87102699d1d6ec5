// Sums and means on the tape.
#pragma once

#include "optim/autodiff/tape.h"

namespace raphson::optim {

/// Of all values, a scalar.
template <class T> Var<T> sum(Var<T> x);
template <class T> Var<T> mean(Var<T> x);

enum class Keep { no, yes }; ///< the axis stays with an extent of 1, to be spread again

template <class T> Var<T> sum(Var<T> x, int axis, Keep keep = Keep::no);
template <class T> Var<T> mean(Var<T> x, int axis, Keep keep = Keep::no);

/// Sums what spreading a tensor of this shape would repeat.
template <class T> Var<T> sum_to(Var<T> x, const Shape& shape);
/// Repeats along axes of extent 1 or missing in front.
template <class T> Var<T> broadcast_to(Var<T> x, const Shape& shape);

} // namespace raphson::optim
