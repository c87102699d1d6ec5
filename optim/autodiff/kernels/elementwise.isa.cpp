// elementwise.h for one instruction set.
#include "optim/autodiff/kernels/elementwise.h"

#include "optim/autodiff/kernels/formulas.h"
#include "optim/autodiff/kernels/lane_loop.h"

namespace raphson::optim {
namespace {

constexpr dsp::Isa isa = dsp::Isa::RAPHSON_ISA;

template <class F, class T, bool tangents> void unary_forward(Index n, T p, Plane<const T> x, Plane<T> y) {
  loop<T, isa, tangents>(n, [=](auto at, Index i) {
    using L = decltype(at);
    using S = typename L::S;
    L::store(y, i, F::template value<S>(L::load(x, i), S(typename L::V(p))));
  });
}

template <class F, class T, bool tangents>
void unary_backward(Index n, T p, Plane<const T> x, Plane<const T> y, Plane<const T> y_bar, Plane<T> x_bar) {
  loop<T, isa, tangents>(n, [=](auto at, Index i) {
    using L = decltype(at);
    using S = typename L::S;
    const S slope = F::template slope<S>(L::load(x, i), L::load(y, i), S(typename L::V(p)));
    L::store(x_bar, i, L::load(x_bar, i) + L::load(y_bar, i) * slope);
  });
}

template <class F, class T> constexpr UnaryKernel<T> unary() {
  return {[](Index n, T p, Plane<const T> x, Plane<T> y) {
            x.tangent ? unary_forward<F, T, true>(n, p, x, y) : unary_forward<F, T, false>(n, p, x, y);
          },
          [](Index n, T p, Plane<const T> x, Plane<const T> y, Plane<const T> y_bar, Plane<T> x_bar) {
            x.tangent ? unary_backward<F, T, true>(n, p, x, y, y_bar, x_bar)
                      : unary_backward<F, T, false>(n, p, x, y, y_bar, x_bar);
          }};
}

template <class L, class T> RAPHSON_INLINE typename L::S load(Operand<T> a, Index i) {
  return a.stride == 0 ? L::spread(a.x) : L::load(a.x, i);
}

template <class L, class T>
RAPHSON_INLINE void add(Plane<T> to, Index stride, Index i, const typename L::S& what) {
  if (stride == 0)
    L::add_sum(to, what);
  else
    L::store(to, i, L::load(to, i) + what);
}

template <class F, class T, bool tangents>
void binary_forward(Index n, Operand<T> a, Operand<T> b, Plane<T> y) {
  loop<T, isa, tangents>(n, [=](auto at, Index i) {
    using L = decltype(at);
    using S = typename L::S;
    L::store(y, i, F::template value<S>(load<L>(a, i), load<L>(b, i)));
  });
}

template <class F, class T, bool tangents>
void binary_backward(Index n, Operand<T> a, Operand<T> b, Plane<const T> y_bar, Plane<T> a_bar,
                     Plane<T> b_bar) {
  loop<T, isa, tangents>(n, [=](auto at, Index i) {
    using L = decltype(at);
    using S = typename L::S;
    const S xa = load<L>(a, i), xb = load<L>(b, i), bar = L::load(y_bar, i);
    if (a_bar.value) add<L>(a_bar, a.stride, i, bar * F::template slope_a<S>(xa, xb));
    if (b_bar.value) add<L>(b_bar, b.stride, i, bar * F::template slope_b<S>(xa, xb));
  });
}

template <class F, class T> constexpr BinaryKernel<T> binary() {
  return {[](Index n, Operand<T> a, Operand<T> b, Plane<T> y) {
            y.tangent ? binary_forward<F, T, true>(n, a, b, y) : binary_forward<F, T, false>(n, a, b, y);
          },
          [](Index n, Operand<T> a, Operand<T> b, Plane<const T> y_bar, Plane<T> a_bar, Plane<T> b_bar) {
            y_bar.tangent ? binary_backward<F, T, true>(n, a, b, y_bar, a_bar, b_bar)
                          : binary_backward<F, T, false>(n, a, b, y_bar, a_bar, b_bar);
          }};
}

template <class T> void accumulate(Index n, Operand<T> from, Plane<T> to, Index to_stride) {
  const auto run = [=]<bool tangents>() {
    loop<T, isa, tangents>(n, [=](auto at, Index i) {
      using L = decltype(at);
      add<L>(to, to_stride, i, load<L>(from, i));
    });
  };
  to.tangent ? run.template operator()<true>() : run.template operator()<false>();
}

template <class T>
constexpr ElementwiseKernels<T> kernels = {
#define RAPHSON_MEMBER(name) unary<formulas::name, T>(),
    {RAPHSON_UNARY_FORMULAS(RAPHSON_MEMBER)},
#undef RAPHSON_MEMBER
#define RAPHSON_MEMBER(name) binary<formulas::name, T>(),
    {RAPHSON_BINARY_FORMULAS(RAPHSON_MEMBER)},
#undef RAPHSON_MEMBER
    accumulate<T>};

} // namespace

extern const ElementwiseKernels<float> RAPHSON_FOR_ISA(elementwise_float);
const ElementwiseKernels<float> RAPHSON_FOR_ISA(elementwise_float) = kernels<float>;
extern const ElementwiseKernels<double> RAPHSON_FOR_ISA(elementwise_double);
const ElementwiseKernels<double> RAPHSON_FOR_ISA(elementwise_double) = kernels<double>;

} // namespace raphson::optim
