#include "optim/autodiff/operations/arithmetic.h"

#include "optim/autodiff/kernels/elementwise.h"
#include "optim/autodiff/operations/broadcast_loop.h"
#include "optim/autodiff/operations/examples.h"

namespace raphson::optim {
namespace {

template <class T> Var<T> unary(const char* name, const UnaryKernel<T>& kernel, Var<T> x, T p = T(0)) {
  reject_examples(name, x);
  const Node<T>* in = &x.node();
  const Var<T> y = x.tape().record(name, x.shape(), {x}, [&kernel, in, p](const Node<T>& out) {
    kernel.backward(out.shape.size(), p, in->x, out.x, out.bar, in->bar);
  });
  kernel.forward(y.size(), p, in->x, y.node().x);
  return y;
}

/// Where one operand holds gradients of each example, its adjoint moves on from example to example and the
/// other's along its own first axis.
template <class T>
void pull_binary(const BinaryKernel<T>& kernel, const Node<T>& a, const Node<T>& b, const Node<T>& out) {
  const Index examples = std::max(a.examples, b.examples);
  const Index pieces = std::max<Index>(examples, 1);
  const Shape piece = examples ? out.shape.with(0, out.shape[0] / examples) : out.shape;
  const ExampleSlices<T> from_a(a, out.shape, pieces), from_b(b, out.shape, pieces);
  const BroadcastLoop<3> loop(piece, {from_a.shape, from_b.shape, piece});
  for (Index e = 0; e < pieces; ++e) {
    const Plane<T> xa = from_a.value(e), xb = from_b.value(e);
    const Plane<T> a_bar = from_a.adjoint(e), b_bar = from_b.adjoint(e);
    const Plane<T> y_bar = out.bar + e * piece.size();
    loop.run([&](Index n, const std::array<Index, 3>& at) {
      kernel.backward(n, {xa + at[0], loop.inner_stride(0)}, {xb + at[1], loop.inner_stride(1)},
                      y_bar + at[2], a_bar.value ? a_bar + at[0] : a_bar,
                      b_bar.value ? b_bar + at[1] : b_bar);
    });
  }
}

template <class T> Var<T> binary(const char* name, const BinaryKernel<T>& kernel, Var<T> a, Var<T> b) {
  const Shape shape = broadcast(a.shape(), b.shape(), name);
  check_examples(name, a, shape);
  check_examples(name, b, shape);
  const Node<T>*na = &a.node(), *nb = &b.node();
  const Var<T> y = a.tape().record(
      name, shape, {a, b}, [&kernel, na, nb](const Node<T>& out) { pull_binary(kernel, *na, *nb, out); });
  const BroadcastLoop<3> loop(shape, {a.shape(), b.shape(), shape});
  const Plane<T> to = y.node().x;
  loop.run([&](Index n, const std::array<Index, 3>& at) {
    kernel.forward(n, {na->x + at[0], loop.inner_stride(0)}, {nb->x + at[1], loop.inner_stride(1)},
                   to + at[2]);
  });
  return y;
}

} // namespace

#define RAPHSON_BINARY(function, name, formula)                                                              \
  template <class T> Var<T> function(Var<T> a, Var<T> b) {                                                   \
    return binary(name, elementwise<T>().binary.formula, a, b);                                              \
  }                                                                                                          \
  template Var<float> function(Var<float>, Var<float>);                                                      \
  template Var<double> function(Var<double>, Var<double>);
RAPHSON_BINARY(operator+, "addition", Add)
RAPHSON_BINARY(operator-, "subtraction", Subtract)
RAPHSON_BINARY(operator*, "multiplication", Multiply)
RAPHSON_BINARY(operator/, "division", Divide)
RAPHSON_BINARY(minimum, "minimum", Minimum)
RAPHSON_BINARY(maximum, "maximum", Maximum)
#undef RAPHSON_BINARY

#define RAPHSON_UNARY(function, formula)                                                                     \
  template <class T> Var<T> function(Var<T> x) {                                                             \
    return unary(#function, elementwise<T>().unary.formula, x);                                              \
  }                                                                                                          \
  template Var<float> function(Var<float>);                                                                  \
  template Var<double> function(Var<double>);
RAPHSON_UNARY(exp, Exp)
RAPHSON_UNARY(log, Log)
RAPHSON_UNARY(sqrt, Sqrt)
RAPHSON_UNARY(square, Square)
RAPHSON_UNARY(reciprocal, Reciprocal)
RAPHSON_UNARY(abs, Abs)
RAPHSON_UNARY(sin, Sin)
RAPHSON_UNARY(cos, Cos)
RAPHSON_UNARY(tanh, Tanh)
RAPHSON_UNARY(sigmoid, Sigmoid)
RAPHSON_UNARY(relu, Relu)
RAPHSON_UNARY(softplus, Softplus)
RAPHSON_UNARY(silu, Silu)
RAPHSON_UNARY(gelu, Gelu)
#undef RAPHSON_UNARY

#define RAPHSON_WITH_CONSTANT(function, formula)                                                             \
  template <class T> Var<T> function(Var<T> x, std::type_identity_t<T> p) {                                  \
    return unary(#function, elementwise<T>().unary.formula, x, p);                                           \
  }                                                                                                          \
  template Var<float> function(Var<float>, float);                                                           \
  template Var<double> function(Var<double>, double);
RAPHSON_WITH_CONSTANT(power, Power)
RAPHSON_WITH_CONSTANT(leaky_relu, LeakyRelu)
RAPHSON_WITH_CONSTANT(scale, Scale)
RAPHSON_WITH_CONSTANT(shift, Shift)
#undef RAPHSON_WITH_CONSTANT

} // namespace raphson::optim
