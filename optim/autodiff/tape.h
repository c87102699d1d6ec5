// Reverse mode over dense tensors: operations on Var compute at once and are written on a Tape, which then
// walks back from a result and adds up adjoints, bar x = d loss / d x.
//
//   Tape<float> tape;
//   for (...) {
//     tape.clear();
//     const auto w = tape.parameter({2, 3}, weights, gradient); // the gradient is added to
//     const auto loss = mean(square(matmul(tape.constant({n, 2}, x), w)));
//     tape.backward(loss);
//   }
//
// T is float or double. The operations are in optim/autodiff/operations.h. Memory is kept from one clear() to
// the next: a loop whose rounds record the same allocates nothing after the second.
//
// With tangents (TapeMode::tangents) every value x carries x' = dx / dt along a direction that parameters and
// inputs name, forward, and so do the adjoints on the way back: with theta' = v the gradient's tangent is the
// Hessian-vector product H v, exact (B. Pearlmutter, "Fast exact multiplication by the Hessian", Neural
// Computation 6, 1994; forward over reverse). The tangent of any result is a Jacobian-vector product J v;
// backward(y, seed) gives a vector-Jacobian product.
//
// Gradients of each example apart: parameter(..., examples) has a gradient of [examples][size] values, where
// the first axis of what it meets counts the examples (or, as rows of a matrix, a whole multiple of them: the
// rows of an example lie together). An operation that cannot tell the examples apart throws by name.
//
// An operation records its value and its way back together (Tape::record), so none can be differentiated
// silently to zero. Throws InputError for shapes that do not fit.
#pragma once

#include "optim/autodiff/arena.h"
#include "optim/autodiff/kernels/plane.h"
#include "optim/autodiff/shape.h"

#include <Eigen/Core>

#include <initializer_list>
#include <new>
#include <span>
#include <type_traits>

namespace raphson::optim {

template <class T> struct Node {
  Shape shape;
  Plane<T> x;             ///< value
  Plane<T> bar;           ///< adjoint; null where none is needed
  bool keeps_bar = false; ///< a parameter's: the caller's, added to from sweep to sweep
  Index examples = 0;     ///< of a parameter whose adjoint is [examples][size]
  const char* operation;
  Node* previous;
  void (*pull)(const void* closure, const Node& node);
  const void* closure;

  bool needs_adjoint() const { return bar.value != nullptr; }
};

template <class T> class Tape;

/// A value on a tape; void after its clear().
template <class T> class Var {
public:
  Var(Tape<T>& tape, Node<T>& node) : tape_(&tape), node_(&node) {}

  using Map = Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

  Tape<T>& tape() const { return *tape_; }
  Node<T>& node() const { return *node_; }
  const Shape& shape() const { return node_->shape; }
  Index size() const { return shape().size(); }
  const T* data() const { return node_->x.value; }

  T item() const; ///< of a tensor of one value; throws InputError otherwise
  /// As the matrix of shape().rows() x shape().last().
  Map value() const { return map(node_->x.value); }
  Map tangent() const { return map(node_->x.tangent); } ///< on a tape with tangents
  /// After backward(), where the value depends on a parameter.
  Map adjoint() const { return map(node_->bar.value); }

private:
  Map map(const T* from) const { return Map(from, shape().rows(), shape().last()); }

  Tape<T>* tape_;
  Node<T>* node_;
};

enum class TapeMode { values, tangents };

template <class T> class Tape {
public:
  explicit Tape(TapeMode mode = TapeMode::values) : tangents_(mode == TapeMode::tangents) {}
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  bool has_tangents() const { return tangents_; }
  std::size_t bytes() const { return arena_.bytes(); }

  void clear();

  /// The caller's values, which must stay until clear(). tangent: along the direction, null for zero.
  Var<T> constant(const Shape& shape, const T* values, const T* tangent = nullptr);
  /// A copy of one number.
  Var<T> constant(T value);

  struct Derivatives {
    T* gradient = nullptr;        ///< backward() adds d loss / d values
    const T* direction = nullptr; ///< the values' tangent; null for zero
    T* product = nullptr;         ///< backward() adds the gradient's tangent; null to drop it
  };
  Var<T> parameter(const Shape& shape, const T* values, const Derivatives& derivatives);
  Var<T> parameter(const Shape& shape, const T* values, T* gradient) {
    return parameter(shape, values, Derivatives{.gradient = gradient});
  }
  /// gradient: [examples][size].
  Var<T> parameter(const Shape& shape, const T* values, T* gradient, Index examples);
  /// A leaf whose adjoint is kept on the tape: Var::adjoint().
  Var<T> input(const Shape& shape, const T* values, const T* tangent = nullptr);

  /// From a result of one value. Each sweep starts from adjoints of zero but for the parameters'.
  void backward(Var<T> loss);
  /// From any result, its adjoint given: vector-Jacobian products. The seed has no tangent.
  void backward(Var<T> result, const T* seed);

  // --- For operations -----------------------------------------------------------------------------------

  /// A node whose value the operation fills next. pull(node) adds to the adjoints of the inputs that need
  /// one; it is trivially copyable and runs only where node.bar has been filled.
  template <class Pull>
  Var<T> record(const char* operation, const Shape& shape, std::initializer_list<Var<T>> inputs,
                const Pull& pull) {
    return record(operation, shape, std::span<const Var<T>>(inputs.begin(), inputs.size()), pull);
  }
  template <class Pull>
  Var<T> record(const char* operation, const Shape& shape, std::span<const Var<T>> inputs, const Pull& pull) {
    static_assert(std::is_trivially_copyable_v<Pull> && std::is_trivially_destructible_v<Pull>);
    bool needs = false;
    for (const Var<T>& input : inputs) {
      check_same_tape(operation, input);
      needs = needs || input.node().needs_adjoint();
    }
    Node<T>& node = add_node(operation, shape);
    node.x = take(shape.size());
    if (needs) {
      node.bar = take(shape.size());
      node.closure = new (arena_.take(sizeof(Pull))) Pull(pull);
      node.pull = [](const void* closure, const Node<T>& n) { (*static_cast<const Pull*>(closure))(n); };
    }
    return Var<T>(*this, node);
  }

  /// A part of x's memory under another shape, from an offset on: value and adjoint are x's own.
  Var<T> view(const char* operation, const Shape& shape, Var<T> x, Index offset);

  /// Until clear(): room for what an operation wants to remember.
  Plane<T> take(Index count);
  Plane<T> take_zeros(Index count);
  template <class U> U* take_array(Index count) { return arena_.take_array<U>(count); }

private:
  Node<T>& add_node(const char* operation, const Shape& shape);
  void check_same_tape(const char* operation, const Var<T>& input) const;
  T* tangent_or_zeros(const T* tangent, Index size);

  bool tangents_;
  Arena arena_;
  Node<T>* last_ = nullptr;
};

extern template class Tape<float>;
extern template class Tape<double>;
extern template class Var<float>;
extern template class Var<double>;

} // namespace raphson::optim
