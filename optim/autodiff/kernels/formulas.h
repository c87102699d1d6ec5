// The elementwise formulas of the tape, each written once for every scalar: lanes of float or double, and
// Jets of them where tangents are carried. A formula is its value and its slope,
//   y = f(x; p)      dy/dx = slope(x, y, p),
// p being the operation's constant, if it has one; of two operands, value and both slopes.
//
// Overflow gives infinity and NaN stays NaN, so that a run that diverges is seen to.
#pragma once

#include "optim/autodiff/jet.h"

#include <limits>

namespace raphson::optim::formulas {

using namespace dsp::math;

template <class S> struct NumberOf { using Value = typename math::detail::ScalarTraits<S>::Value; };
template <class T, int N, int Order> struct NumberOf<Jet<T, N, Order>> {
  using Value = typename NumberOf<T>::Value;
};
template <class S> using Number = typename NumberOf<S>::Value;

template <class S> RAPHSON_INLINE S number(double value) {
  if constexpr (requires { typename S::Mask; })
    return S(static_cast<Number<S>>(value));
  else
    return S(value);
}

template <class S> RAPHSON_INLINE S exponential(S x) {
  constexpr double highest = sizeof(Number<S>) == 8 ? 709.0 : 88.0, lowest = -highest;
  const S huge = number<S>(std::numeric_limits<Number<S>>::max());
  return select(x < number<S>(lowest), number<S>(0), select(x < number<S>(highest), exp(x), x * huge * huge));
}

template <class S> RAPHSON_INLINE S logarithm(S x) {
  const S none = number<S>(std::numeric_limits<double>::quiet_NaN());
  const S below = number<S>(-std::numeric_limits<double>::infinity());
  return select(x > number<S>(0), log(x), select(x < number<S>(0), none, x + below));
}

/// log(1 + x) for x >= 0; the series where 1 + x would lose x's digits.
template <class S> RAPHSON_INLINE S log_of_one_plus(S x) {
  const S series = x * (number<S>(1) - x * (number<S>(0.5) - x * number<S>(1.0 / 3)));
  return select(x < number<S>(1e-4), series, log(number<S>(1) + x));
}

template <class S> RAPHSON_INLINE S logistic(S x) {
  return number<S>(1) / (number<S>(1) + exponential<S>(-x));
}

/// (1 - e^-2|x|) / (1 + e^-2|x|), near 0 its series, where the difference would lose digits.
template <class S> RAPHSON_INLINE S hyperbolic_tangent(S x) {
  const S one = number<S>(1), e = exponential<S>(number<S>(-2) * abs(x)), t = (one - e) / (one + e);
  const S x2 = x * x;
  const S series =
      x
      * (one
         - x2
               * (number<S>(1.0 / 3)
                  - x2 * (number<S>(2.0 / 15) - x2 * (number<S>(17.0 / 315) - x2 * number<S>(62.0 / 2835)))));
  return select(abs(x) < number<S>(0.02), series, select(x < number<S>(0), -t, t));
}

template <class S> RAPHSON_INLINE S step_up(S x) {
  return select(x > number<S>(0), number<S>(1), number<S>(0));
}

struct Exp {
  template <class S> static RAPHSON_INLINE S value(S x, S) { return exponential<S>(x); }
  template <class S> static RAPHSON_INLINE S slope(S, S y, S) { return y; }
};
struct Log {
  template <class S> static RAPHSON_INLINE S value(S x, S) { return logarithm<S>(x); }
  template <class S> static RAPHSON_INLINE S slope(S x, S, S) { return number<S>(1) / x; }
};
struct Sqrt {
  template <class S> static RAPHSON_INLINE S value(S x, S) { return sqrt(x); }
  template <class S> static RAPHSON_INLINE S slope(S, S y, S) { return number<S>(0.5) / y; }
};
struct Square {
  template <class S> static RAPHSON_INLINE S value(S x, S) { return x * x; }
  template <class S> static RAPHSON_INLINE S slope(S x, S, S) { return x + x; }
};
struct Reciprocal {
  template <class S> static RAPHSON_INLINE S value(S x, S) { return number<S>(1) / x; }
  template <class S> static RAPHSON_INLINE S slope(S, S y, S) { return -(y * y); }
};
struct Abs {
  template <class S> static RAPHSON_INLINE S value(S x, S) { return abs(x); }
  template <class S> static RAPHSON_INLINE S slope(S x, S, S) {
    return select(x < number<S>(0), number<S>(-1), step_up<S>(x));
  }
};
struct Sin {
  template <class S> static RAPHSON_INLINE S value(S x, S) { return sin(x); }
  template <class S> static RAPHSON_INLINE S slope(S x, S, S) { return cos(x); }
};
struct Cos {
  template <class S> static RAPHSON_INLINE S value(S x, S) { return cos(x); }
  template <class S> static RAPHSON_INLINE S slope(S x, S, S) { return -sin(x); }
};
struct Tanh {
  template <class S> static RAPHSON_INLINE S value(S x, S) { return hyperbolic_tangent<S>(x); }
  template <class S> static RAPHSON_INLINE S slope(S, S y, S) { return number<S>(1) - y * y; }
};
struct Sigmoid {
  template <class S> static RAPHSON_INLINE S value(S x, S) { return logistic<S>(x); }
  template <class S> static RAPHSON_INLINE S slope(S, S y, S) { return y * (number<S>(1) - y); }
};
struct Relu {
  template <class S> static RAPHSON_INLINE S value(S x, S) { return x * step_up<S>(x); }
  template <class S> static RAPHSON_INLINE S slope(S x, S, S) { return step_up<S>(x); }
};
/// p is the slope below zero.
struct LeakyRelu {
  template <class S> static RAPHSON_INLINE S value(S x, S p) { return select(x < number<S>(0), p * x, x); }
  template <class S> static RAPHSON_INLINE S slope(S x, S, S p) {
    return select(x < number<S>(0), p, number<S>(1));
  }
};
struct Softplus {
  template <class S> static RAPHSON_INLINE S value(S x, S) {
    return select(x > number<S>(0), x, number<S>(0)) + log_of_one_plus<S>(exponential<S>(-abs(x)));
  }
  template <class S> static RAPHSON_INLINE S slope(S x, S, S) { return logistic<S>(x); }
};
/// x sigmoid(x).
struct Silu {
  template <class S> static RAPHSON_INLINE S value(S x, S) { return x * logistic<S>(x); }
  template <class S> static RAPHSON_INLINE S slope(S x, S y, S) {
    const S s = logistic<S>(x);
    return s + y * (number<S>(1) - s);
  }
};
/// x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), the form that networks are trained with (D. Hendrycks & K.
/// Gimpel, "Gaussian error linear units", arXiv 1606.08415, section 2); within 5e-4 of x Phi(x).
struct Gelu {
  static constexpr double a = 0.7978845608028654, b = 0.044715 * a;
  template <class S> static RAPHSON_INLINE S value(S x, S) {
    const S t = hyperbolic_tangent<S>(x * (number<S>(a) + number<S>(b) * x * x));
    return number<S>(0.5) * x * (number<S>(1) + t);
  }
  template <class S> static RAPHSON_INLINE S slope(S x, S, S) {
    const S one = number<S>(1), x2 = x * x;
    const S t = hyperbolic_tangent<S>(x * (number<S>(a) + number<S>(b) * x2));
    return number<S>(0.5) * (one + t + x * (one - t * t) * (number<S>(a) + number<S>(3 * b) * x2));
  }
};
/// x^p for x > 0.
struct Power {
  template <class S> static RAPHSON_INLINE S value(S x, S p) { return exponential<S>(p * logarithm<S>(x)); }
  template <class S> static RAPHSON_INLINE S slope(S x, S y, S p) { return p * y / x; }
};
struct Scale {
  template <class S> static RAPHSON_INLINE S value(S x, S p) { return p * x; }
  template <class S> static RAPHSON_INLINE S slope(S, S, S p) { return p; }
};
struct Shift {
  template <class S> static RAPHSON_INLINE S value(S x, S p) { return x + p; }
  template <class S> static RAPHSON_INLINE S slope(S, S, S) { return number<S>(1); }
};

struct Add {
  template <class S> static RAPHSON_INLINE S value(S a, S b) { return a + b; }
  template <class S> static RAPHSON_INLINE S slope_a(S, S) { return number<S>(1); }
  template <class S> static RAPHSON_INLINE S slope_b(S, S) { return number<S>(1); }
};
struct Subtract {
  template <class S> static RAPHSON_INLINE S value(S a, S b) { return a - b; }
  template <class S> static RAPHSON_INLINE S slope_a(S, S) { return number<S>(1); }
  template <class S> static RAPHSON_INLINE S slope_b(S, S) { return number<S>(-1); }
};
struct Multiply {
  template <class S> static RAPHSON_INLINE S value(S a, S b) { return a * b; }
  template <class S> static RAPHSON_INLINE S slope_a(S, S b) { return b; }
  template <class S> static RAPHSON_INLINE S slope_b(S a, S) { return a; }
};
struct Divide {
  template <class S> static RAPHSON_INLINE S value(S a, S b) { return a / b; }
  template <class S> static RAPHSON_INLINE S slope_a(S, S b) { return number<S>(1) / b; }
  template <class S> static RAPHSON_INLINE S slope_b(S a, S b) { return -(a / (b * b)); }
};
/// Equal operands: the first has the slope.
struct Minimum {
  template <class S> static RAPHSON_INLINE S value(S a, S b) { return select(b < a, b, a); }
  template <class S> static RAPHSON_INLINE S slope_a(S a, S b) {
    return select(b < a, number<S>(0), number<S>(1));
  }
  template <class S> static RAPHSON_INLINE S slope_b(S a, S b) {
    return select(b < a, number<S>(1), number<S>(0));
  }
};
struct Maximum {
  template <class S> static RAPHSON_INLINE S value(S a, S b) { return select(b > a, b, a); }
  template <class S> static RAPHSON_INLINE S slope_a(S a, S b) {
    return select(b > a, number<S>(0), number<S>(1));
  }
  template <class S> static RAPHSON_INLINE S slope_b(S a, S b) {
    return select(b > a, number<S>(1), number<S>(0));
  }
};

} // namespace raphson::optim::formulas
