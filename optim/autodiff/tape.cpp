#include "optim/autodiff/tape.h"

#include "dsp/error.h"

#include <algorithm>
#include <string>

namespace raphson::optim {

template <class T> T Var<T>::item() const {
  if (size() != 1) throw InputError("a single value is asked for where the tensor is " + to_string(shape()));
  return *data();
}

namespace {
template <class T> void fill_zeros(Plane<T> plane, Index count) {
  std::fill_n(plane.value, count, T(0));
  if (plane.tangent) std::fill_n(plane.tangent, count, T(0));
}
} // namespace

template <class T> void Tape<T>::clear() {
  arena_.rewind();
  last_ = nullptr;
}

template <class T> Plane<T> Tape<T>::take(Index count) {
  Plane<T> plane;
  plane.value = arena_.take_array<T>(count);
  if (tangents_) plane.tangent = arena_.take_array<T>(count);
  return plane;
}

template <class T> Plane<T> Tape<T>::take_zeros(Index count) {
  const Plane<T> plane = take(count);
  fill_zeros(plane, count);
  return plane;
}

template <class T> Node<T>& Tape<T>::add_node(const char* operation, const Shape& shape) {
  void* const memory = arena_.take(sizeof(Node<T>));
  last_ = new (memory) Node<T>{.shape = shape,
                               .x = {},
                               .bar = {},
                               .operation = operation,
                               .previous = last_,
                               .pull = nullptr,
                               .closure = nullptr};
  return *last_;
}

template <class T> void Tape<T>::check_same_tape(const char* operation, const Var<T>& input) const {
  if (&input.tape() != this)
    throw InputError(std::string(operation) + ": its operands are on different tapes");
}

/// Leaves are read, never written: their planes drop the const.
template <class T> T* Tape<T>::tangent_or_zeros(const T* tangent, Index size) {
  if (!tangents_) return nullptr;
  if (tangent) return const_cast<T*>(tangent);
  T* const zeros = arena_.take_array<T>(size);
  std::fill_n(zeros, size, T(0));
  return zeros;
}

template <class T> Var<T> Tape<T>::constant(const Shape& shape, const T* values, const T* tangent) {
  Node<T>& node = add_node("constant", shape);
  node.x = {const_cast<T*>(values), tangent_or_zeros(tangent, shape.size())};
  return Var<T>(*this, node);
}

template <class T> Var<T> Tape<T>::constant(T value) {
  T* const copy = arena_.take_array<T>(1);
  *copy = value;
  return constant(Shape(), copy);
}

template <class T> Var<T> Tape<T>::parameter(const Shape& shape, const T* values, const Derivatives& d) {
  Node<T>& node = add_node("parameter", shape);
  node.x = {const_cast<T*>(values), tangent_or_zeros(d.direction, shape.size())};
  node.bar.value = d.gradient;
  node.keeps_bar = true;
  if (tangents_) node.bar.tangent = d.product ? d.product : take_zeros(shape.size()).value;
  return Var<T>(*this, node);
}

template <class T>
Var<T> Tape<T>::parameter(const Shape& shape, const T* values, T* gradient, Index examples) {
  if (tangents_) throw InputError("gradients of each example: not on a tape with tangents");
  Node<T>& node = add_node("parameter", shape);
  node.x.value = const_cast<T*>(values);
  node.bar.value = gradient;
  node.keeps_bar = true;
  node.examples = examples;
  return Var<T>(*this, node);
}

template <class T> Var<T> Tape<T>::input(const Shape& shape, const T* values, const T* tangent) {
  Node<T>& node = add_node("input", shape);
  node.x = {const_cast<T*>(values), tangent_or_zeros(tangent, shape.size())};
  node.bar = take(shape.size());
  return Var<T>(*this, node);
}

template <class T> Var<T> Tape<T>::view(const char* operation, const Shape& shape, Var<T> x, Index offset) {
  check_same_tape(operation, x);
  const Node<T>& of = x.node();
  Node<T>& node = add_node(operation, shape);
  node.x = of.x + offset;
  if (of.needs_adjoint()) node.bar = of.bar + offset;
  node.keeps_bar = true; // of zeroes it
  node.examples = of.examples;
  return Var<T>(*this, node);
}

template <class T> void Tape<T>::backward(Var<T> loss) {
  if (loss.size() != 1)
    throw InputError("backward: the loss is one value, here it is " + to_string(loss.shape()));
  const T one(1);
  backward(loss, &one);
}

template <class T> void Tape<T>::backward(Var<T> result, const T* seed) {
  if (!result.node().needs_adjoint())
    throw InputError(std::string("backward: the result of ") + result.node().operation
                     + " depends on no parameter");
  for (Node<T>* node = &result.node(); node; node = node->previous)
    if (node->needs_adjoint() && !node->keeps_bar) fill_zeros(node->bar, node->shape.size());
  const Plane<T> bar = result.node().bar;
  for (Index i = 0; i < result.size(); ++i) bar.value[i] += seed[i];
  for (Node<T>* node = &result.node(); node; node = node->previous)
    if (node->pull) node->pull(node->closure, *node);
}

template class Tape<float>;
template class Tape<double>;
template class Var<float>;
template class Var<double>;

} // namespace raphson::optim
