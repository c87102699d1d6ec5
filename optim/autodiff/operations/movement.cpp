#include "optim/autodiff/operations/movement.h"

#include "optim/autodiff/kernels/elementwise.h"
#include "optim/autodiff/operations/examples.h"

#include <array>

namespace raphson::optim {
namespace {

/// to += from, n values in a row.
template <class T> void add(Index n, Plane<const T> from, Plane<T> to) {
  elementwise<T>().accumulate(n, {from, 1}, to, 1);
}

template <class T> void copy(Index n, Plane<const T> from, Plane<T> to) {
  std::copy_n(from.value, n, to.value);
  if (to.tangent) std::copy_n(from.tangent, n, to.tangent);
}

/// Of a tensor around one of its axes: `outer` blocks of extent * inner values.
struct Around {
  Index outer = 1, inner = 1;
  Around(const Shape& shape, int axis) {
    for (int i = 0; i < axis; ++i) outer *= shape[i];
    for (int i = axis + 1; i < shape.rank(); ++i) inner *= shape[i];
  }
};

/// A node that is a part of x's memory: value and adjoint are x's own.
template <class T> Var<T> part(const char* name, Var<T> x, const Shape& shape, Index offset) {
  return x.tape().view(name, shape, x, offset);
}

} // namespace

template <class T> Var<T> reshape(Var<T> x, const Shape& shape) {
  if (shape.size() != x.size())
    throw InputError("reshape: " + to_string(x.shape()) + " does not fill " + to_string(shape));
  return part("reshape", x, shape, 0);
}

template <class T> Var<T> slice(Var<T> x, int axis, Index begin, Index count) {
  constexpr const char* name = "slice";
  reject_examples(name, x);
  const int k = x.shape().axis(axis, name);
  const Index extent = x.shape()[k];
  if (begin < 0 || count < 0 || begin + count > extent)
    throw InputError("slice: entries " + std::to_string(begin) + " to " + std::to_string(begin + count)
                     + " of " + std::to_string(extent));
  const Shape shape = x.shape().with(k, count);
  const Around around(x.shape(), k);
  if (around.outer == 1) return part(name, x, shape, begin * around.inner);
  const Index from_step = extent * around.inner, to_step = count * around.inner;
  const Index offset = begin * around.inner, outer = around.outer;
  const Node<T>* in = &x.node();
  const Var<T> y = x.tape().record(name, shape, {x}, [=](const Node<T>& out) {
    for (Index i = 0; i < outer; ++i)
      add<T>(to_step, out.bar + i * to_step, in->bar + (offset + i * from_step));
  });
  for (Index i = 0; i < outer; ++i)
    copy<T>(to_step, in->x + (offset + i * from_step), y.node().x + i * to_step);
  return y;
}

namespace {

template <class T> struct Piece {
  const Node<T>* node;
  Index offset; ///< in a block of the whole, values
  Index step;   ///< values in a block of the piece
};

} // namespace

template <class T> Var<T> concatenate(std::span<const Var<T>> parts, int axis) {
  constexpr const char* name = "concatenation";
  if (parts.empty()) throw InputError("concatenation: of nothing");
  const Shape& first = parts.front().shape();
  const int k = first.axis(axis, name);
  Index extent = 0;
  for (const Var<T>& part : parts) {
    reject_examples(name, part);
    if (part.shape().rank() != first.rank() || part.shape().with(k, 0) != first.with(k, 0))
      throw InputError("concatenation: " + to_string(first) + " and " + to_string(part.shape())
                       + " along axis " + std::to_string(k));
    extent += part.shape()[k];
  }
  const Shape shape = first.with(k, extent);
  const Around around(shape, k);
  Tape<T>& tape = parts.front().tape();
  auto* const pieces = tape.template take_array<Piece<T>>(static_cast<Index>(parts.size()));
  const Index count = static_cast<Index>(parts.size()), outer = around.outer;
  const Index step = extent * around.inner;
  Index offset = 0;
  for (Index i = 0; i < count; ++i) {
    const Var<T>& part = parts[static_cast<std::size_t>(i)];
    pieces[i] = {&part.node(), offset, part.shape()[k] * around.inner};
    offset += pieces[i].step;
  }
  const Var<T> y = tape.record(name, shape, parts, [=](const Node<T>& out) {
    for (Index i = 0; i < count; ++i) {
      if (!pieces[i].node->needs_adjoint()) continue;
      for (Index o = 0; o < outer; ++o)
        add<T>(pieces[i].step, out.bar + (o * step + pieces[i].offset),
               pieces[i].node->bar + o * pieces[i].step);
    }
  });
  for (Index i = 0; i < count; ++i)
    for (Index o = 0; o < outer; ++o)
      copy<T>(pieces[i].step, pieces[i].node->x + o * pieces[i].step,
              y.node().x + (o * step + pieces[i].offset));
  return y;
}

namespace {

struct Permutation {
  std::array<Index, Shape::most> extent{1, 1, 1, 1}, stride{}; ///< of the result's axes, in x
};

/// call(n, x offset, x stride, y offset) for the rows of the result.
template <class Call> void for_rows(const Permutation& p, const Call& call) {
  Index to = 0;
  for (Index i = 0; i < p.extent[0]; ++i)
    for (Index j = 0; j < p.extent[1]; ++j)
      for (Index k = 0; k < p.extent[2]; ++k, to += p.extent[3])
        call(p.extent[3], i * p.stride[0] + j * p.stride[1] + k * p.stride[2], p.stride[3], to);
}

template <class T> void permuted_copy(const Permutation& p, const T* from, T* to) {
  for_rows(p, [&](Index n, Index at, Index step, Index y) {
    if (step == 1)
      std::copy_n(from + at, n, to + y);
    else
      for (Index l = 0; l < n; ++l) to[y + l] = from[at + l * step];
  });
}

template <class T> void permuted_add(const Permutation& p, const T* bar, T* to) {
  for_rows(p, [&](Index n, Index at, Index step, Index y) {
    for (Index l = 0; l < n; ++l) to[at + l * step] += bar[y + l];
  });
}

} // namespace

template <class T> Var<T> permute(Var<T> x, std::span<const int> axes) {
  constexpr const char* name = "permutation of axes";
  reject_examples(name, x);
  const int rank = x.shape().rank();
  if (static_cast<int>(axes.size()) != rank)
    throw InputError(std::string(name) + ": " + std::to_string(axes.size()) + " of " + std::to_string(rank)
                     + " axes are named");
  std::array<Index, Shape::most> strides{};
  Index stride = 1;
  for (int i = rank; i-- > 0; stride *= x.shape()[i]) strides[static_cast<std::size_t>(i)] = stride;
  Shape shape = x.shape();
  Permutation p;
  unsigned seen = 0;
  for (int i = 0; i < rank; ++i) {
    const int from = x.shape().axis(axes[static_cast<std::size_t>(i)], name);
    if (seen & 1u << from) throw InputError(std::string(name) + ": an axis is named twice");
    seen |= 1u << from;
    shape.set(i, x.shape()[from]);
    const std::size_t at = static_cast<std::size_t>(Shape::most - rank + i);
    p.extent[at] = x.shape()[from];
    p.stride[at] = strides[static_cast<std::size_t>(from)];
  }
  const Node<T>* in = &x.node();
  const Var<T> y = x.tape().record(name, shape, {x}, [in, p](const Node<T>& out) {
    permuted_add(p, out.bar.value, in->bar.value);
    if (out.bar.tangent) permuted_add(p, out.bar.tangent, in->bar.tangent);
  });
  permuted_copy(p, in->x.value, y.node().x.value);
  if (in->x.tangent) permuted_copy(p, in->x.tangent, y.node().x.tangent);
  return y;
}

template <class T> Var<T> transpose(Var<T> x) {
  const int rank = x.shape().rank();
  if (rank < 2) throw InputError("transpose: a tensor of two axes at least, here " + to_string(x.shape()));
  int axes[] = {0, 1, 2, 3};
  std::swap(axes[rank - 1], axes[rank - 2]);
  return permute(x, std::span<const int>(axes, static_cast<std::size_t>(rank)));
}

template <class T> Var<T> gather(Var<T> x, std::span<const int> indices, const Shape& shape) {
  constexpr const char* name = "gather";
  const Index count = static_cast<Index>(indices.size());
  if (x.shape().rank() == 0 || shape.size() != count)
    throw InputError("gather: " + std::to_string(count) + " indices into " + to_string(x.shape()) + " as "
                     + to_string(shape));
  const Index rows = x.shape()[0], row = rows == 0 ? 0 : x.size() / rows;
  int* const copy_of_indices = x.tape().template take_array<int>(count);
  for (Index i = 0; i < count; ++i) {
    copy_of_indices[i] = indices[static_cast<std::size_t>(i)];
    if (copy_of_indices[i] < 0 || copy_of_indices[i] >= rows)
      throw InputError("gather: index " + std::to_string(copy_of_indices[i]) + " of " + std::to_string(rows)
                       + " rows");
  }
  const Index examples = x.node().examples;
  if (examples > 0 && count % examples != 0)
    throw InputError("gather: " + std::to_string(count) + " indices do not tell " + std::to_string(examples)
                     + " examples apart");
  const Index each = examples ? count / examples : count, size = x.size();
  Shape result = shape;
  for (int axis = 1; axis < x.shape().rank(); ++axis) result = result.appended(x.shape()[axis]);
  const Node<T>* in = &x.node();
  const Var<T> y = x.tape().record(name, result, {x}, [=](const Node<T>& out) {
    for (Index i = 0; i < count; ++i)
      add<T>(row, out.bar + i * row, in->bar + (i / each * size * (examples > 0) + copy_of_indices[i] * row));
  });
  for (Index i = 0; i < count; ++i) copy<T>(row, in->x + copy_of_indices[i] * row, y.node().x + i * row);
  return y;
}

#define RAPHSON_FOR(T)                                                                                       \
  template Var<T> reshape(Var<T>, const Shape&);                                                             \
  template Var<T> slice(Var<T>, int, Index, Index);                                                          \
  template Var<T> concatenate(std::span<const Var<T>>, int);                                                 \
  template Var<T> permute(Var<T>, std::span<const int>);                                                     \
  template Var<T> transpose(Var<T>);                                                                         \
  template Var<T> gather(Var<T>, std::span<const int>, const Shape&);
RAPHSON_FOR(float)
RAPHSON_FOR(double)
#undef RAPHSON_FOR

} // namespace raphson::optim
