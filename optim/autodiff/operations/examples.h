// What operations need for gradients of each example apart (Tape::parameter with examples).
#pragma once

#include "dsp/error.h"
#include "optim/autodiff/tape.h"

#include <algorithm>
#include <string>

namespace raphson::optim {

/// For operations that cannot tell examples apart.
template <class T> void reject_examples(const char* operation, const Var<T>& x) {
  if (x.node().examples > 0)
    throw InputError(std::string(operation)
                     + ": has no gradients of each example with respect to a parameter it takes directly");
}

/// The result's first axis must count x's examples, and x must not run along it.
template <class T> void check_examples(const char* operation, const Var<T>& x, const Shape& result) {
  const Index examples = x.node().examples;
  if (examples == 0) return;
  const bool spread = x.shape().rank() < result.rank() || x.shape()[0] == 1;
  if (result.rank() == 0 || result[0] % examples != 0 || !spread)
    throw InputError(std::string(operation) + ": a result of " + to_string(result) + " does not tell "
                     + std::to_string(examples) + " examples apart");
}

/// An operand of a result that is taken in pieces along the result's first axis, an example each.
template <class T> class ExampleSlices {
public:
  ExampleSlices(const Node<T>& node, const Shape& result, Index pieces) : shape(node.shape), node_(node) {
    const bool runs = pieces > 1 && shape.rank() == result.rank() && shape[0] == result[0];
    if (!runs) return;
    shape.set(0, shape[0] / pieces);
    step_ = shape.size();
  }

  Plane<T> value(Index piece) const { return node_.x + piece * step_; }
  Plane<T> adjoint(Index piece) const {
    if (!node_.bar.value) return {};
    return node_.bar + piece * (node_.examples ? shape.size() : step_);
  }

  Shape shape; ///< of a piece

private:
  const Node<T>& node_;
  Index step_ = 0;
};

} // namespace raphson::optim
