// Loops of the tape's operations on rows, the values along the last axis: softmax and its relatives, and
// normalisation. For a row x of n values,
//   softmax            p = exp(x - max x) / sum exp(x - max x)
//   log_softmax        x - max x - log sum exp(x - max x)
//   cross_entropy      -log_softmax(x)[label]; p is kept for the way back
//   normalise          r (x - mean x), r = 1 / sqrt(var x + epsilon); of root mean square, without the mean
#pragma once

#include "optim/autodiff/kernels/plane.h"

namespace raphson::optim {

enum class Centre { mean, none };

template <class T> struct RowKernels {
  void (*softmax)(Index rows, Index n, Plane<const T> x, Plane<T> p);
  void (*softmax_back)(Index rows, Index n, Plane<const T> p, Plane<const T> p_bar, Plane<T> x_bar);
  void (*log_softmax)(Index rows, Index n, Plane<const T> x, Plane<T> y);
  void (*log_softmax_back)(Index rows, Index n, Plane<const T> y, Plane<const T> y_bar, Plane<T> x_bar);
  /// loss and loss_bar: one a row.
  void (*cross_entropy)(Index rows, Index n, Plane<const T> x, const int* labels, Plane<T> p, Plane<T> loss);
  void (*cross_entropy_back)(Index rows, Index n, Plane<const T> p, const int* labels,
                             Plane<const T> loss_bar, Plane<T> x_bar);
  /// r: one a row.
  void (*normalise)(Index rows, Index n, T epsilon, Centre, Plane<const T> x, Plane<T> y, Plane<T> r);
  void (*normalise_back)(Index rows, Index n, Centre, Plane<const T> y, Plane<const T> r,
                         Plane<const T> y_bar, Plane<T> x_bar);
};

/// For T float and double, of this machine's instruction set.
template <class T> const RowKernels<T>& row_kernels();

} // namespace raphson::optim
