// Softmax and the losses that belong to it, along the last axis unless one is named, in the forms that
// neither overflow nor lose small probabilities (kernels/rows.h).
#pragma once

#include "optim/autodiff/tape.h"

#include <span>

namespace raphson::optim {

template <class T> Var<T> softmax(Var<T> x);
/// Along any axis: over a set, over time.
template <class T> Var<T> softmax(Var<T> x, int axis);
template <class T> Var<T> log_softmax(Var<T> x);

/// -log softmax(logits)[label], one a row of the last axis; the result has the other axes. The labels are
/// copied. Throws InputError for a label outside 0 ... classes - 1.
template <class T> Var<T> cross_entropy(Var<T> logits, std::span<const int> labels);

/// -sum p log softmax(logits) with probabilities p as a tensor of the logits' shape.
template <class T> Var<T> cross_entropy(Var<T> logits, Var<T> probabilities);

/// log(1 + e^x) - t x, elementwise: the cross-entropy of sigmoid(x) with a target t in [0, 1].
template <class T> Var<T> binary_cross_entropy(Var<T> logits, Var<T> targets);

} // namespace raphson::optim
