// product.h for one instruction set.
#include "optim/autodiff/kernels/product.h"

#include "dsp/simd/transpose.h"

namespace raphson::optim {
namespace {

constexpr dsp::Isa isa = dsp::Isa::RAPHSON_ISA;

/// Registers: 12 x 2 sums of 32 (AVX-512), 6 x 2 of 16 (AVX2), 4 x 2 of 16 without fused multiply-add.
constexpr int tile_rows = isa == dsp::Isa::avx512 ? 12 : isa == dsp::Isa::avx2 ? 6 : 4;
constexpr int tile_vectors = 2;

template <class T> struct Product {
  static constexpr int width = dsp::lane_count<T>(isa);
  static constexpr int panel = tile_vectors * width;
  using V = dsp::Lanes<T, width, isa>;

  /// C tile of `rows` x `vectors` registers: += a's rows times the panel. unit_rows: a's rows lie side by
  /// side.
  template <int rows, int vectors, bool unit_rows>
  static RAPHSON_INLINE void multiply(Index k, const T* a, Index a_row, Index a_column, const T* panel_of_b,
                                      V (&sum)[rows][vectors]) {
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < vectors; ++j) sum[i][j] = V(T(0));
    for (Index l = 0; l < k; ++l, a += a_column, panel_of_b += panel) {
      V b[vectors];
      for (int j = 0; j < vectors; ++j) b[j] = V::load(panel_of_b + j * width);
      for (int i = 0; i < rows; ++i) {
        const V from(a[unit_rows ? i : i * a_row]);
        for (int j = 0; j < vectors; ++j) sum[i][j] += from * b[j];
      }
    }
  }

  template <int rows, int vectors>
  static void tile(Index k, MatrixView<T> a, const T* panel_of_b, T* c, Index row_stride, Index columns,
                   Store store) {
    V sum[rows][vectors];
    if (a.row_stride == 1)
      multiply<rows, vectors, true>(k, a.data, 1, a.column_stride, panel_of_b, sum);
    else
      multiply<rows, vectors, false>(k, a.data, a.row_stride, a.column_stride, panel_of_b, sum);
    for (int i = 0; i < rows; ++i, c += row_stride)
      for (int j = 0; j < vectors; ++j) {
        T* const to = c + j * width;
        if ((j + 1) * width <= columns) {
          (store == Store::add ? V::load(to) + sum[i][j] : sum[i][j]).store(to);
        } else {
          T part[width];
          sum[i][j].store(part);
          for (int lane = 0; lane < columns - j * width; ++lane)
            to[lane] = store == Store::add ? to[lane] + part[lane] : part[lane];
        }
      }
  }

  template <int rows>
  static void tile(Index k, MatrixView<T> a, const T* panel_of_b, T* c, Index row_stride, Index columns,
                   Store store) {
    if (columns > width)
      tile<rows, 2>(k, a, panel_of_b, c, row_stride, columns, store);
    else
      tile<rows, 1>(k, a, panel_of_b, c, row_stride, columns, store);
  }

  /// A panel's columns of b, row after row, zeros where b ends.
  static void pack(Index columns, Index k, MatrixView<T> b, T* packed) {
    if (b.column_stride == 1) {
      for (Index l = 0; l < k; ++l, packed += panel) {
        const T* const from = b.data + l * b.row_stride;
        if (columns == panel) {
          for (int j = 0; j < tile_vectors; ++j) V::load(from + j * width).store(packed + j * width);
        } else {
          for (Index j = 0; j < panel; ++j) packed[j] = j < columns ? from[j] : T(0);
        }
      }
      return;
    }
    Index l = 0;
    if (b.row_stride == 1 && columns == panel)
      for (; l + width <= k; l += width)
        for (int j = 0; j < tile_vectors; ++j) {
          V square[width];
          for (int i = 0; i < width; ++i) square[i] = V::load(b.data + l + (j * width + i) * b.column_stride);
          transpose(square);
          for (int i = 0; i < width; ++i) square[i].store(packed + (l + i) * panel + j * width);
        }
    for (; l < k; ++l)
      for (Index j = 0; j < panel; ++j)
        packed[l * panel + j] = j < columns ? b.data[l * b.row_stride + j * b.column_stride] : T(0);
  }

  static void block(Index m, Index n, Index k, MatrixView<T> a, MatrixView<T> b, T* c, Index row_stride,
                    Store store, T* packed) {
    for (Index j = 0; j < n; j += panel)
      pack(n - j < panel ? n - j : panel, k, {b.data + j * b.column_stride, b.row_stride, b.column_stride},
           packed + j * k);
    for (Index i0 = 0; i0 < m; i0 += rows_at_once)
      for (Index j = 0; j < n; j += panel) {
        const Index end = i0 + rows_at_once < m ? i0 + rows_at_once : m;
        const Index columns = n - j < panel ? n - j : panel;
        Index i = i0;
        const auto tiles = [&]<int rows>() {
          for (; i + rows <= end; i += rows)
            tile<rows>(k, {a.data + i * a.row_stride, a.row_stride, a.column_stride}, packed + j * k,
                       c + i * row_stride + j, row_stride, columns, store);
        };
        tiles.template operator()<tile_rows>();
        if constexpr (tile_rows > 8) tiles.template operator()<8>();
        if constexpr (tile_rows > 4) tiles.template operator()<4>();
        tiles.template operator()<2>();
        tiles.template operator()<1>();
      }
  }

  static constexpr Index rows_at_once = 16 * tile_rows; ///< of a, that stay in the second cache
  static constexpr Index most_k = 1024 / static_cast<Index>(sizeof(T)); ///< a panel fits the first cache
  static constexpr Index most_n = 1024;

  static constexpr ProductKernel<T> kernel{most_k, most_n, panel, block};
};

} // namespace

extern const ProductKernel<float> RAPHSON_FOR_ISA(product_kernel_float);
const ProductKernel<float> RAPHSON_FOR_ISA(product_kernel_float) = Product<float>::kernel;
extern const ProductKernel<double> RAPHSON_FOR_ISA(product_kernel_double);
const ProductKernel<double> RAPHSON_FOR_ISA(product_kernel_double) = Product<double>::kernel;

} // namespace raphson::optim
