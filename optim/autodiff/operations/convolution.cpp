#include "optim/autodiff/operations/convolution.h"

#include "optim/autodiff/kernels/elementwise.h"
#include "optim/autodiff/kernels/plane_product.h"
#include "optim/autodiff/operations/arithmetic.h"
#include "optim/autodiff/operations/examples.h"
#include "optim/autodiff/operations/movement.h"
#include "optim/autodiff/operations/reduction.h"

#include <cstring>

namespace raphson::optim {
namespace {

struct Geometry {
  Index batch, channels, rows, columns; ///< of x
  Index outputs, kernel_rows, kernel_columns;
  Index out_rows, out_columns;
  Index row_stride, column_stride, row_padding, column_padding;

  Index image() const { return channels * rows * columns; }
  Index terms() const { return channels * kernel_rows * kernel_columns; }
  Index places() const { return out_rows * out_columns; }
};

/// call(term, place, begin, end, from): for one tap of the kernel and one row of the output, places `place` +
/// [begin, end) of the row lie inside the image, the first of them at `from`.
template <class Call> void for_taps(const Geometry& g, const Call& call) {
  Index term = 0;
  for (Index c = 0; c < g.channels; ++c)
    for (Index i = 0; i < g.kernel_rows; ++i)
      for (Index j = 0; j < g.kernel_columns; ++j, ++term) {
        const Index first = j - g.column_padding; // column of x under the tap at place 0
        const Index begin = first >= 0 ? 0 : (-first + g.column_stride - 1) / g.column_stride;
        const Index beyond = g.columns - first; // places p with p * stride < beyond lie inside
        const Index end = std::clamp<Index>((beyond + g.column_stride - 1) / g.column_stride, begin,
                                            std::max(begin, g.out_columns));
        for (Index r = 0; r < g.out_rows; ++r) {
          const Index row = r * g.row_stride + i - g.row_padding;
          const bool inside = row >= 0 && row < g.rows && begin < g.out_columns;
          const Index from = (c * g.rows + row) * g.columns + first + begin * g.column_stride;
          call(term, r * g.out_columns, inside ? begin : 0, inside ? end : 0, from);
        }
      }
}

/// Rows of an image are short: a call for each would cost more than the copy.
template <class T> void copy_row(const T* from, Index n, T* to) {
  constexpr Index at_once = 8;
  Index i = 0;
  for (; i + at_once <= n; i += at_once) std::memcpy(to + i, from + i, at_once * sizeof(T));
  for (; i < n; ++i) to[i] = from[i];
}

/// [term][place].
template <class T> void unfold(const Geometry& g, const T* image, T* columns) {
  for_taps(g, [&](Index term, Index place, Index begin, Index end, Index from) {
    T* const to = columns + term * g.places() + place;
    const T* const pixels = image + from;
    std::fill_n(to, begin, T(0));
    if (g.column_stride == 1)
      copy_row(pixels, end - begin, to + begin);
    else
      for (Index p = begin; p < end; ++p) to[p] = pixels[(p - begin) * g.column_stride];
    std::fill(to + end, to + g.out_columns, T(0));
  });
}

template <class T> void fold(const Geometry& g, const T* columns, T* image) {
  for_taps(g, [&](Index term, Index place, Index begin, Index end, Index from) {
    const T* const values = columns + term * g.places() + place + begin;
    T* const pixels = image + from;
    if (g.column_stride == 1)
      for (Index p = 0; p < end - begin; ++p) pixels[p] += values[p];
    else
      for (Index p = 0; p < end - begin; ++p) pixels[p * g.column_stride] += values[p];
  });
}

template <class T> void unfold(const Geometry& g, Plane<const T> image, Plane<T> columns) {
  unfold(g, image.value, columns.value);
  if (columns.tangent) unfold(g, image.tangent, columns.tangent);
}

template <class T> void fold(const Geometry& g, Plane<const T> columns, Plane<T> image) {
  fold(g, columns.value, image.value);
  if (columns.tangent) fold(g, columns.tangent, image.tangent);
}

template <class T> PlaneMatrix<T> matrix(Plane<const T> x, Index columns) { return {x, columns, 1}; }

template <class T>
void pull(const Geometry& g, const Node<T>& x, const Node<T>& w, Plane<T> columns, const Node<T>& out) {
  const Index weights = g.outputs * g.terms();
  for (Index e = 0; e < g.batch; ++e) {
    const auto Y = matrix<T>(out.bar + e * g.outputs * g.places(), g.places());
    if (w.needs_adjoint()) {
      unfold<T>(g, x.x + e * g.image(), columns);
      const Index at = w.examples > 0 ? e / (g.batch / w.examples) * weights : 0;
      product(g.outputs, g.terms(), g.places(), Y, matrix<T>(columns, g.places()).transposed(), w.bar + at,
              Store::add);
    }
    if (x.needs_adjoint()) {
      product(g.terms(), g.places(), g.outputs, matrix<T>(w.x, g.terms()).transposed(), Y, columns,
              Store::overwrite);
      fold<T>(g, columns, x.bar + e * g.image());
    }
  }
}

template <class T> Var<T> convolve(const char* name, Var<T> x, Var<T> w, const Geometry& g) {
  reject_examples(name, x);
  const Index examples = w.node().examples;
  if (examples > 0 && g.batch % examples != 0)
    throw InputError(std::string(name) + ": a batch of " + std::to_string(g.batch) + " does not tell "
                     + std::to_string(examples) + " examples apart");
  if (g.out_rows < 1 || g.out_columns < 1)
    throw InputError(std::string(name) + ": " + to_string(x.shape()) + " is smaller than the kernel of "
                     + to_string(w.shape()));
  const Node<T>*nx = &x.node(), *nw = &w.node();
  const Plane<T> columns = x.tape().take(g.terms() * g.places());
  const Var<T> y =
      x.tape().record(name, {g.batch, g.outputs, g.out_rows, g.out_columns}, {x, w},
                      [nx, nw, columns, g](const Node<T>& out) { pull(g, *nx, *nw, columns, out); });
  for (Index e = 0; e < g.batch; ++e) {
    unfold<T>(g, nx->x + e * g.image(), columns);
    product(g.outputs, g.places(), g.terms(), matrix<T>(nw->x, g.terms()), matrix<T>(columns, g.places()),
            y.node().x + e * g.outputs * g.places(), Store::overwrite);
  }
  return y;
}

void check_channels(const char* name, const Shape& x, const Shape& w, int rank, const Window& window) {
  if (x.rank() != rank || w.rank() != rank || x[1] != w[1])
    throw InputError(std::string(name) + ": a signal of " + to_string(x) + " and a kernel of " + to_string(w)
                     + " do not match");
  if (window.stride < 1 || window.padding < 0)
    throw InputError(std::string(name) + ": stride " + std::to_string(window.stride) + ", padding "
                     + std::to_string(window.padding));
}

Index places(Index extent, Index kernel, const Window& w) {
  return extent + 2 * w.padding < kernel ? 0 : (extent + 2 * w.padding - kernel) / w.stride + 1;
}

} // namespace

template <class T> Var<T> convolution_2d(Var<T> x, Var<T> w, Window window) {
  constexpr const char* name = "convolution_2d";
  const Shape &s = x.shape(), &k = w.shape();
  check_channels(name, s, k, 4, window);
  return convolve(name, x, w,
                  {s[0], s[1], s[2], s[3], k[0], k[2], k[3], places(s[2], k[2], window),
                   places(s[3], k[3], window), window.stride, window.stride, window.padding, window.padding});
}

template <class T> Var<T> convolution_1d(Var<T> x, Var<T> w, Window window) {
  constexpr const char* name = "convolution_1d";
  const Shape s = x.shape(), k = w.shape();
  check_channels(name, s, k, 3, window);
  const Var<T> y = convolve(name, reshape(x, {s[0], s[1], 1, s[2]}), reshape(w, {k[0], k[1], 1, k[2]}),
                            {s[0], s[1], 1, s[2], k[0], 1, k[2], 1, places(s[2], k[2], window), 1,
                             window.stride, 0, window.padding});
  return reshape(y, {s[0], k[0], y.shape()[3]});
}

namespace {

void check_pool(const char* name, const Shape& s, Index size) {
  if (s.rank() != 4 || size < 1 || s[2] < size || s[3] < size)
    throw InputError(std::string(name) + ": windows of " + std::to_string(size) + " in " + to_string(s));
}

} // namespace

template <class T> Var<T> max_pool(Var<T> x, Index size) {
  constexpr const char* name = "max_pool";
  reject_examples(name, x);
  check_pool(name, x.shape(), size);
  const Shape s = x.shape();
  const Index rows = s[2] / size, columns = s[3] / size, planes = s[0] * s[1];
  const Index count = planes * rows * columns;
  Index* const from = x.tape().template take_array<Index>(count);
  const Node<T>* in = &x.node();
  const Var<T> y = x.tape().record(name, {s[0], s[1], rows, columns}, {x}, [=](const Node<T>& out) {
    for (Index i = 0; i < count; ++i) {
      in->bar.value[from[i]] += out.bar.value[i];
      if (out.bar.tangent) in->bar.tangent[from[i]] += out.bar.tangent[i];
    }
  });
  const Plane<T> to = y.node().x;
  for (Index p = 0, at = 0; p < planes; ++p)
    for (Index r = 0; r < rows; ++r)
      for (Index c = 0; c < columns; ++c, ++at) {
        Index best = (p * s[2] + r * size) * s[3] + c * size;
        T largest = in->x.value[best];
        for (Index i = 0; i < size; ++i)
          for (Index j = 0; j < size; ++j) {
            const Index here = (p * s[2] + r * size + i) * s[3] + c * size + j;
            const T value = in->x.value[here];
            const bool larger = value > largest; // selected, not branched on: which is larger is random
            best = larger ? here : best;
            largest = larger ? value : largest;
          }
        from[at] = best;
        to.value[at] = largest;
        if (to.tangent) to.tangent[at] = in->x.tangent[best];
      }
  return y;
}

template <class T> Var<T> average_pool(Var<T> x, Index size) {
  constexpr const char* name = "average_pool";
  check_pool(name, x.shape(), size);
  const Shape s = x.shape();
  const Index rows = s[2] / size, columns = s[3] / size;
  const Var<T> whole = slice(slice(x, 2, 0, rows * size), 3, 0, columns * size);
  const Var<T> by_column = sum(reshape(whole, {s[0] * s[1] * rows * size, columns, size}), 2);
  const Var<T> sums = sum(reshape(by_column, {s[0] * s[1] * rows, size, columns}), 1);
  return scale(reshape(sums, {s[0], s[1], rows, columns}), T(1) / static_cast<T>(size * size));
}

#define RAPHSON_FOR(T)                                                                                       \
  template Var<T> convolution_2d(Var<T>, Var<T>, Window);                                                    \
  template Var<T> convolution_1d(Var<T>, Var<T>, Window);                                                    \
  template Var<T> max_pool(Var<T>, Index);                                                                   \
  template Var<T> average_pool(Var<T>, Index);
RAPHSON_FOR(float)
RAPHSON_FOR(double)
#undef RAPHSON_FOR

} // namespace raphson::optim
