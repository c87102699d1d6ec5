// C = A B or C += A B for dense matrices, at the speed of the machine's multiply-adds: what training a
// network spends its time in.
//
// B is packed, a block of rows at a time, into panels as wide as a tile of C; A is read where it lies. A tile
// of C stays in registers while a block of k passes by (K. Goto & R. van de Geijn, "Anatomy of
// high-performance matrix multiplication", ACM Trans. Math. Software 34, 2008; without the packing of A,
// whose rows are few in a minibatch). `raphson_bench nn` holds it against Eigen's product.
#pragma once

#include "dsp/simd/isa.h"
#include "optim/autodiff/kernels/plane.h"

#include <cstddef>

namespace raphson::optim {

/// A matrix anywhere in memory; its transpose swaps the strides.
template <class T> struct MatrixView {
  const T* data;
  Index row_stride, column_stride;

  MatrixView transposed() const { return {data, column_stride, row_stride}; }
};

template <class T> MatrixView<T> row_major(const T* data, Index columns) { return {data, columns, 1}; }

enum class Store { overwrite, add };

/// c [m][n] with rows `row_stride` apart; a is m x k, b is k x n. k = 0 gives zero, or adds nothing. Threads
/// may call at once.
template <class T>
void product(Index m, Index n, Index k, MatrixView<T> a, MatrixView<T> b, T* c, Index row_stride, Store store,
             dsp::Isa isa = dsp::detect_isa());

/// For one instruction set: product_block of product.isa.cpp.
template <class T> struct ProductKernel {
  Index most_k, most_n; ///< of b, that one call takes
  Index panel;          ///< columns of a packed panel: n is padded to a multiple of it
  /// packed: room for k * (n rounded up to a panel) values.
  void (*block)(Index m, Index n, Index k, MatrixView<T> a, MatrixView<T> b, T* c, Index row_stride,
                Store store, T* packed);
};

} // namespace raphson::optim
