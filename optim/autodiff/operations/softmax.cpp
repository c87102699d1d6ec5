#include "optim/autodiff/operations/softmax.h"

#include "optim/autodiff/kernels/rows.h"
#include "optim/autodiff/operations/arithmetic.h"
#include "optim/autodiff/operations/examples.h"
#include "optim/autodiff/operations/movement.h"
#include "optim/autodiff/operations/reduction.h"

#include <array>
#include <utility>

namespace raphson::optim {
namespace {

template <class T> void check_rows(const char* name, const Var<T>& x) {
  reject_examples(name, x);
  if (x.shape().rank() == 0 || x.shape().last() == 0)
    throw InputError(std::string(name) + ": of a row of values, here " + to_string(x.shape()));
}

} // namespace

template <class T> Var<T> softmax(Var<T> x) {
  check_rows("softmax", x);
  const Node<T>* in = &x.node();
  const Var<T> p = x.tape().record("softmax", x.shape(), {x}, [in](const Node<T>& out) {
    row_kernels<T>().softmax_back(out.shape.rows(), out.shape.last(), out.x, out.bar, in->bar);
  });
  row_kernels<T>().softmax(p.shape().rows(), p.shape().last(), in->x, p.node().x);
  return p;
}

template <class T> Var<T> softmax(Var<T> x, int axis) {
  const int rank = x.shape().rank(), along = x.shape().axis(axis, "softmax");
  if (along == rank - 1) return softmax(x);
  std::array<int, Shape::most> exchanged;
  for (int i = 0; i < rank; ++i) exchanged[static_cast<std::size_t>(i)] = i;
  std::swap(exchanged[static_cast<std::size_t>(along)], exchanged[static_cast<std::size_t>(rank - 1)]);
  const std::span<const int> axes(exchanged.data(), static_cast<std::size_t>(rank));
  return permute(softmax(permute(x, axes)), axes);
}

template <class T> Var<T> log_softmax(Var<T> x) {
  check_rows("log_softmax", x);
  const Node<T>* in = &x.node();
  const Var<T> y = x.tape().record("log_softmax", x.shape(), {x}, [in](const Node<T>& out) {
    row_kernels<T>().log_softmax_back(out.shape.rows(), out.shape.last(), out.x, out.bar, in->bar);
  });
  row_kernels<T>().log_softmax(y.shape().rows(), y.shape().last(), in->x, y.node().x);
  return y;
}

template <class T> Var<T> cross_entropy(Var<T> logits, std::span<const int> labels) {
  constexpr const char* name = "cross-entropy";
  check_rows(name, logits);
  const Index rows = logits.shape().rows(), n = logits.shape().last();
  if (static_cast<Index>(labels.size()) != rows)
    throw InputError("cross-entropy: " + std::to_string(labels.size()) + " labels for " + std::to_string(rows)
                     + " rows");
  Tape<T>& tape = logits.tape();
  int* const label = tape.template take_array<int>(rows);
  for (Index i = 0; i < rows; ++i) {
    label[i] = labels[static_cast<std::size_t>(i)];
    if (label[i] < 0 || label[i] >= n)
      throw InputError("cross-entropy: label " + std::to_string(label[i]) + " of " + std::to_string(n)
                       + " classes");
  }
  const Plane<T> p = tape.take(logits.size());
  const Node<T>* in = &logits.node();
  const Shape shape = logits.shape().without(logits.shape().rank() - 1);
  const Var<T> loss = tape.record(name, shape, {logits}, [in, p, label, rows, n](const Node<T>& out) {
    row_kernels<T>().cross_entropy_back(rows, n, p, label, out.bar, in->bar);
  });
  row_kernels<T>().cross_entropy(rows, n, in->x, label, p, loss.node().x);
  return loss;
}

template <class T> Var<T> cross_entropy(Var<T> logits, Var<T> probabilities) {
  return -sum(probabilities * log_softmax(logits), -1);
}

template <class T> Var<T> binary_cross_entropy(Var<T> logits, Var<T> targets) {
  return softplus(logits) - targets * logits;
}

#define RAPHSON_FOR(T)                                                                                       \
  template Var<T> softmax(Var<T>);                                                                           \
  template Var<T> softmax(Var<T>, int);                                                                      \
  template Var<T> log_softmax(Var<T>);                                                                       \
  template Var<T> cross_entropy(Var<T>, std::span<const int>);                                               \
  template Var<T> cross_entropy(Var<T>, Var<T>);                                                             \
  template Var<T> binary_cross_entropy(Var<T>, Var<T>);
RAPHSON_FOR(float)
RAPHSON_FOR(double)
#undef RAPHSON_FOR

} // namespace raphson::optim
