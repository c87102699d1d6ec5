#include "optim/autodiff/operations/reduction.h"

#include "optim/autodiff/kernels/elementwise.h"
#include "optim/autodiff/operations/arithmetic.h"
#include "optim/autodiff/operations/broadcast_loop.h"
#include "optim/autodiff/operations/examples.h"
#include "optim/autodiff/operations/movement.h"

namespace raphson::optim {
namespace {

/// to += from, either of them spread over `over`.
template <class T>
void accumulate(const Shape& over, const Shape& from_shape, Plane<const T> from, const Shape& to_shape,
                Plane<T> to) {
  const BroadcastLoop<2> loop(over, {from_shape, to_shape});
  loop.run([&](Index n, const std::array<Index, 2>& at) {
    elementwise<T>().accumulate(n, {from + at[0], loop.inner_stride(0)}, to + at[1], loop.inner_stride(1));
  });
}

template <class T> void zero(const Var<T>& y) {
  const Plane<T> x = y.node().x;
  std::fill_n(x.value, y.size(), T(0));
  if (x.tangent) std::fill_n(x.tangent, y.size(), T(0));
}

Shape all_ones(const Shape& shape) {
  Shape ones = shape;
  for (int axis = 0; axis < ones.rank(); ++axis) ones.set(axis, 1);
  return ones;
}

template <class T> T reciprocal_count(Index count) { return T(1) / static_cast<T>(count); }

} // namespace

template <class T> Var<T> sum_to(Var<T> x, const Shape& shape) {
  constexpr const char* name = "sum";
  reject_examples(name, x);
  if (broadcast(x.shape(), shape, name) != x.shape())
    throw InputError("sum: " + to_string(x.shape()) + " is not " + to_string(shape) + " spread");
  const Node<T>* in = &x.node();
  const Var<T> y = x.tape().record(name, shape, {x}, [in](const Node<T>& out) {
    accumulate<T>(in->shape, out.shape, out.bar, in->shape, in->bar);
  });
  zero(y);
  accumulate<T>(x.shape(), x.shape(), in->x, shape, y.node().x);
  return y;
}

template <class T> Var<T> broadcast_to(Var<T> x, const Shape& shape) {
  constexpr const char* name = "spreading";
  reject_examples(name, x);
  if (broadcast(x.shape(), shape, name) != shape)
    throw InputError("spreading: " + to_string(x.shape()) + " does not fill " + to_string(shape));
  const Node<T>* in = &x.node();
  const Var<T> y = x.tape().record(name, shape, {x}, [in](const Node<T>& out) {
    accumulate<T>(out.shape, out.shape, out.bar, in->shape, in->bar);
  });
  zero(y);
  accumulate<T>(shape, x.shape(), in->x, shape, y.node().x);
  return y;
}

template <class T> Var<T> sum(Var<T> x) { return reshape(sum_to(x, all_ones(x.shape())), Shape()); }
template <class T> Var<T> mean(Var<T> x) { return scale(sum(x), reciprocal_count<T>(x.size())); }

template <class T> Var<T> sum(Var<T> x, int axis, Keep keep) {
  const int k = x.shape().axis(axis, "sum");
  const Var<T> kept = sum_to(x, x.shape().with(k, 1));
  return keep == Keep::yes ? kept : reshape(kept, x.shape().without(k));
}

template <class T> Var<T> mean(Var<T> x, int axis, Keep keep) {
  const Index count = x.shape()[x.shape().axis(axis, "mean")];
  return scale(sum(x, axis, keep), reciprocal_count<T>(count));
}

#define RAPHSON_FOR(T)                                                                                       \
  template Var<T> sum(Var<T>);                                                                               \
  template Var<T> mean(Var<T>);                                                                              \
  template Var<T> sum(Var<T>, int, Keep);                                                                    \
  template Var<T> mean(Var<T>, int, Keep);                                                                   \
  template Var<T> sum_to(Var<T>, const Shape&);                                                              \
  template Var<T> broadcast_to(Var<T>, const Shape&);
RAPHSON_FOR(float)
RAPHSON_FOR(double)
#undef RAPHSON_FOR

} // namespace raphson::optim
