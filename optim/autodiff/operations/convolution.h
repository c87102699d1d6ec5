// Convolution and pooling on the tape, for signals {batch, channels, length} and images {batch, channels,
// rows, columns}: y[o] = sum over c and the kernel of w[o][c] x[c], as networks have it (no reversal), as one
// product of matrices an example.
#pragma once

#include "optim/autodiff/tape.h"

namespace raphson::optim {

struct Window {
  Index stride = 1;
  Index padding = 0; ///< zeros on either side
};

/// w {outputs, channels, rows, columns}; a weight may have gradients of each example.
template <class T> Var<T> convolution_2d(Var<T> x, Var<T> w, Window window = {});
/// w {outputs, channels, length}.
template <class T> Var<T> convolution_1d(Var<T> x, Var<T> w, Window window = {});

/// The mean or the largest of each size x size window of an image, windows side by side; what is left over at
/// the ends is dropped. Of equal values the first has the slope.
template <class T> Var<T> average_pool(Var<T> x, Index size);
template <class T> Var<T> max_pool(Var<T> x, Index size);

} // namespace raphson::optim
