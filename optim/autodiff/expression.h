// A formula in text, "a*exp(-b*x)+c", evaluated on any scalar: doubles, or Jets for its exact derivatives.
//
//   Expression f("a*exp(-b*x)+c");
//   f.names();                                  // a, b, x, c: in order of appearance
//   f.evaluate<Jet<double, 3>>(values);         // one a name, in that order
//
// Numbers, names, + - * / ^ (right-associative, above the unary minus), parentheses, pi, and the functions
// exp log sqrt sin cos tan tanh abs (of one argument), min max pow (of two). A constant whole exponent is
// repeated multiplication, so that x^2 holds for any x; any other needs a positive base.
// Throws InputError, one line with the position from 1, for a formula that does not parse.
#pragma once

#include "optim/autodiff/jet.h"

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace raphson::optim {

class Expression {
public:
  explicit Expression(std::string_view text);

  const std::string& text() const { return text_; }
  const std::vector<std::string>& names() const { return names_; }

  /// values[k] stands for names()[k].
  template <class T> T evaluate(std::span<const T> values) const;

private:
  enum class Op {
    number,
    name,
    add,
    subtract,
    multiply,
    divide,
    negate,
    power,
    whole_power,
    constant_power,
    exp,
    log,
    sqrt,
    sin,
    cos,
    tan,
    tanh,
    abs,
    min,
    max
  };
  struct Step {
    Op op;
    double number = 0;     ///< the constant, or a constant exponent
    std::size_t index = 0; ///< of the name
  };
  class Parser;
  Expression() = default;

  template <class T> static T unary(Op op, const T& a);
  template <class T> static T binary(Op op, const T& a, const T& b);
  template <class T> static T whole_power(T base, int exponent);

  std::string text_;
  std::vector<std::string> names_;
  std::vector<Step> steps_; ///< postfix
  std::size_t depth_ = 0;   ///< of the stack that they need
};

template <class T> T Expression::whole_power(T base, int exponent) {
  if (exponent < 0) return T(1.0) / whole_power(base, -exponent);
  T result(1.0);
  for (; exponent > 0; exponent /= 2, base = base * base)
    if (exponent % 2) result = result * base;
  return result;
}

template <class T> T Expression::unary(Op op, const T& a) {
  using std::abs, std::cos, std::exp, std::log, std::sin, std::sqrt, std::tan, std::tanh;
  switch (op) {
  case Op::negate:
    return -a;
  case Op::exp:
    return exp(a);
  case Op::log:
    return log(a);
  case Op::sqrt:
    return sqrt(a);
  case Op::sin:
    return sin(a);
  case Op::cos:
    return cos(a);
  case Op::tan:
    return tan(a);
  case Op::tanh:
    return tanh(a);
  default:
    return abs(a);
  }
}

template <class T> T Expression::binary(Op op, const T& a, const T& b) {
  using std::exp, std::log;
  switch (op) {
  case Op::add:
    return a + b;
  case Op::subtract:
    return a - b;
  case Op::multiply:
    return a * b;
  case Op::divide:
    return a / b;
  case Op::min:
    return a < b ? a : b;
  case Op::max:
    return a < b ? b : a;
  default:
    return exp(b * log(a)); // power
  }
}

template <class T> T Expression::evaluate(std::span<const T> values) const {
  using std::pow;
  std::vector<T> stack;
  stack.reserve(depth_);
  for (const Step& step : steps_) {
    switch (step.op) {
    case Op::number:
      stack.push_back(T(step.number));
      break;
    case Op::name:
      stack.push_back(values[step.index]);
      break;
    case Op::whole_power:
      stack.back() = whole_power(stack.back(), static_cast<int>(step.number));
      break;
    case Op::constant_power:
      stack.back() = pow(stack.back(), step.number);
      break;
    case Op::add:
    case Op::subtract:
    case Op::multiply:
    case Op::divide:
    case Op::power:
    case Op::min:
    case Op::max: {
      const T b = stack.back();
      stack.pop_back();
      stack.back() = binary(step.op, stack.back(), b);
      break;
    }
    default:
      stack.back() = unary(step.op, stack.back());
    }
  }
  return stack.back();
}

} // namespace raphson::optim
