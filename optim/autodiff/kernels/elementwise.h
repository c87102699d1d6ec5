// The loops of the tape's elementwise operations over formulas.h, one copy an instruction set. Planes with
// tangents run the same formulas on Jets.
#pragma once

#include "optim/autodiff/kernels/plane.h"

namespace raphson::optim {

#define RAPHSON_UNARY_FORMULAS(X)                                                                            \
  X(Exp)                                                                                                     \
  X(Log)                                                                                                     \
  X(Sqrt)                                                                                                    \
  X(Square) X(Reciprocal) X(Abs) X(Sin) X(Cos) X(Tanh) X(Sigmoid) X(Relu) X(LeakyRelu) X(Softplus) X(Silu)   \
      X(Gelu) X(Power) X(Scale) X(Shift)
#define RAPHSON_BINARY_FORMULAS(X) X(Add) X(Subtract) X(Multiply) X(Divide) X(Minimum) X(Maximum)

template <class T> struct UnaryKernel {
  void (*forward)(Index n, T p, Plane<const T> x, Plane<T> y);
  /// x_bar += y_bar * slope.
  void (*backward)(Index n, T p, Plane<const T> x, Plane<const T> y, Plane<const T> y_bar, Plane<T> x_bar);
};

/// An operand's stride is 1, or 0 where one value meets all n: its adjoint then is the sum.
template <class T> struct Operand {
  Plane<const T> x;
  Index stride;
};
template <class T> struct BinaryKernel {
  void (*forward)(Index n, Operand<T> a, Operand<T> b, Plane<T> y);
  /// An adjoint that is null is left out.
  void (*backward)(Index n, Operand<T> a, Operand<T> b, Plane<const T> y_bar, Plane<T> a_bar, Plane<T> b_bar);
};

template <class T> struct ElementwiseKernels {
#define RAPHSON_MEMBER(name) UnaryKernel<T> name;
  struct Unary {
    RAPHSON_UNARY_FORMULAS(RAPHSON_MEMBER)
  } unary;
#undef RAPHSON_MEMBER
#define RAPHSON_MEMBER(name) BinaryKernel<T> name;
  struct Binary {
    RAPHSON_BINARY_FORMULAS(RAPHSON_MEMBER)
  } binary;
#undef RAPHSON_MEMBER
  /// to += from; a stride of 0 spreads one value, or sums into one.
  void (*accumulate)(Index n, Operand<T> from, Plane<T> to, Index to_stride);
};

/// For T float and double, of this machine's instruction set.
template <class T> const ElementwiseKernels<T>& elementwise();

} // namespace raphson::optim
