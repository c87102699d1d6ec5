// product.h on planes: with tangents, (A B)' = A' B + A B'.
#pragma once

#include "optim/autodiff/kernels/product.h"

namespace raphson::optim {

template <class T> struct PlaneMatrix {
  Plane<const T> x;
  Index row_stride, column_stride;

  PlaneMatrix transposed() const { return {x, column_stride, row_stride}; }
  PlaneMatrix operator+(Index offset) const { return {x + offset, row_stride, column_stride}; }
  MatrixView<T> value() const { return {x.value, row_stride, column_stride}; }
  MatrixView<T> tangent() const { return {x.tangent, row_stride, column_stride}; }
};

/// c [m][n], its rows side by side.
template <class T>
void product(Index m, Index n, Index k, const PlaneMatrix<T>& a, const PlaneMatrix<T>& b, Plane<T> c,
             Store store) {
  product<T>(m, n, k, a.value(), b.value(), c.value, n, store);
  if (!c.tangent) return;
  product<T>(m, n, k, a.tangent(), b.value(), c.tangent, n, store);
  product<T>(m, n, k, a.value(), b.tangent(), c.tangent, n, Store::add);
}

} // namespace raphson::optim
