#include "optim/autodiff/kernels/product.h"

#include "optim/autodiff/kernels/product_count.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace raphson::optim {

RAPHSON_DECLARE_COPIES(ProductKernel<float>, product_kernel_float);
RAPHSON_DECLARE_COPIES(ProductKernel<double>, product_kernel_double);

namespace {

template <class T> const ProductKernel<T>& product_kernel(dsp::Isa isa) {
  if constexpr (sizeof(T) == sizeof(float))
    return RAPHSON_COPY_FOR(isa, product_kernel_float);
  else
    return RAPHSON_COPY_FOR(isa, product_kernel_double);
}

/// Room for a packed block, kept from call to call, at a cache line's boundary.
template <class T> T* packing_room(std::size_t values) {
  constexpr std::size_t line = 64 / sizeof(T);
  thread_local std::vector<T> room;
  if (room.size() < values + line) room.resize(values + line);
  const auto address = reinterpret_cast<std::uintptr_t>(room.data());
  return room.data() + (64 - address % 64) % 64 / sizeof(T);
}

thread_local std::int64_t products = 0;

} // namespace

std::int64_t products_on_this_thread() { return products; }

template <class T>
void product(Index m, Index n, Index k, MatrixView<T> a, MatrixView<T> b, T* c, Index row_stride, Store store,
             dsp::Isa isa) {
  if (k == 0 && store == Store::overwrite)
    for (Index i = 0; i < m; ++i) std::fill_n(c + i * row_stride, n, T(0));
  if (m == 0 || n == 0 || k == 0) return;
  ++products;
  const ProductKernel<T>& kernel = product_kernel<T>(isa);
  const Index block_n = std::min(n, kernel.most_n), block_k = std::min(k, kernel.most_k);
  const Index padded_n = (block_n + kernel.panel - 1) / kernel.panel * kernel.panel;
  T* const packed = packing_room<T>(static_cast<std::size_t>(padded_n * block_k));
  for (Index j = 0; j < n; j += block_n)
    for (Index l = 0; l < k; l += block_k) {
      const MatrixView<T> a_block{a.data + l * a.column_stride, a.row_stride, a.column_stride};
      const MatrixView<T> b_block{b.data + l * b.row_stride + j * b.column_stride, b.row_stride,
                                  b.column_stride};
      kernel.block(m, std::min(block_n, n - j), std::min(block_k, k - l), a_block, b_block, c + j, row_stride,
                   l > 0 ? Store::add : store, packed);
    }
}

template void product(Index, Index, Index, MatrixView<float>, MatrixView<float>, float*, Index, Store,
                      dsp::Isa);
template void product(Index, Index, Index, MatrixView<double>, MatrixView<double>, double*, Index, Store,
                      dsp::Isa);

} // namespace raphson::optim
