// Operations of the tape that move values without computing.
#pragma once

#include "optim/autodiff/tape.h"

#include <span>

namespace raphson::optim {

/// The same values in another shape of the same size; costs nothing.
template <class T> Var<T> reshape(Var<T> x, const Shape& shape);

/// Entries begin to begin + count of an axis. Along the first axis it costs nothing.
template <class T> Var<T> slice(Var<T> x, int axis, Index begin, Index count);

/// One behind the other along an axis; all other extents agree.
template <class T> Var<T> concatenate(std::span<const Var<T>> parts, int axis);

/// Axis i of the result is axis axes[i] of x.
template <class T> Var<T> permute(Var<T> x, std::span<const int> axes);
/// A matrix's transpose; of more axes, the last two change places.
template <class T> Var<T> transpose(Var<T> x);

/// x[indices[i]] along the first axis: rows of a matrix, an embedding table's entries. The result's first
/// axes are `shape`, of as many values as there are indices. The indices are copied. An index outside the
/// table throws.
template <class T> Var<T> gather(Var<T> x, std::span<const int> indices, const Shape& shape);

} // namespace raphson::optim
