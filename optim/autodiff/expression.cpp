#include "optim/autodiff/expression.h"

#include "dsp/error.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <numbers>
#include <utility>

namespace raphson::optim {

/// Recursive descent:  sum = product {(+|-) product},  product = signed {(*|/) signed},
/// signed = [-|+] signed | power,  power = atom [^ signed],  atom = number | name [(arguments)] | (sum).
class Expression::Parser {
public:
  explicit Parser(Expression& e) : e_(e), text_(e.text_) {}

  void parse() {
    if (next() == '\0') fail("the formula is empty");
    sum();
    if (next() == ')') fail("')' closes nothing");
    if (next() != '\0') fail("'" + std::string(1, next()) + "' where the formula should go on or end");
  }

private:
  static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  [[noreturn]] void fail(const std::string& what) const { fail(what, at_); }
  [[noreturn]] void fail(const std::string& what, std::size_t at) const {
    throw InputError("'" + text_ + "', position " + std::to_string(at + 1) + ": " + what);
  }

  char next() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool accept(char c) {
    if (next() != c) return false;
    ++at_;
    return true;
  }

  void push(Step step) {
    e_.steps_.push_back(step);
    e_.depth_ = std::max(e_.depth_, ++height_);
  }
  void combine(Op op) {
    e_.steps_.push_back({op});
    --height_;
  }

  void sum() {
    product();
    for (;;)
      if (accept('+')) {
        product();
        combine(Op::add);
      } else if (accept('-')) {
        product();
        combine(Op::subtract);
      } else {
        return;
      }
  }

  void product() {
    signed_power();
    for (;;)
      if (accept('*')) {
        signed_power();
        combine(Op::multiply);
      } else if (accept('/')) {
        signed_power();
        combine(Op::divide);
      } else {
        return;
      }
  }

  void signed_power() {
    if (++nesting_ > 200) fail("the formula is nested too deeply");
    if (accept('-')) {
      signed_power();
      e_.steps_.push_back({Op::negate});
    } else if (accept('+')) {
      signed_power();
    } else {
      power();
    }
    --nesting_;
  }

  void power() {
    atom();
    if (!accept('^')) return;
    const std::size_t from = e_.steps_.size();
    signed_power();
    raise(from);
  }

  /// The exponent's steps begin at `from`; one that has no names is folded into the step.
  void raise(std::size_t from) {
    const auto begin = e_.steps_.begin() + static_cast<std::ptrdiff_t>(from);
    if (std::any_of(begin, e_.steps_.end(), [](const Step& s) { return s.op == Op::name; }))
      return combine(Op::power);
    Expression exponent;
    exponent.steps_.assign(begin, e_.steps_.end());
    const double value = exponent.evaluate<double>({});
    e_.steps_.erase(begin, e_.steps_.end());
    --height_;
    const bool whole = value == std::floor(value) && std::abs(value) <= 64;
    e_.steps_.push_back({whole ? Op::whole_power : Op::constant_power, value});
  }

  void atom() {
    const char c = next();
    if (accept('(')) {
      sum();
      if (!accept(')')) fail("')' is missing");
    } else if (is_digit(c) || c == '.') {
      number();
    } else if (is_letter(c)) {
      name();
    } else if (c == '\0') {
      fail("the formula ends where a number, a name or '(' should stand");
    } else {
      fail("'" + std::string(1, c) + "' where a number, a name or '(' should stand");
    }
  }

  void number() {
    double value = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc()) fail("this is no number");
    at_ = static_cast<std::size_t>(end - text_.data());
    push({Op::number, value});
  }

  void name() {
    const std::size_t from = at_;
    while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
    const std::string word = text_.substr(from, at_ - from);
    if (next() == '(') return call(word, from);
    if (word == "pi") return push({Op::number, std::numbers::pi});
    const auto found = std::find(e_.names_.begin(), e_.names_.end(), word);
    const auto index = static_cast<std::size_t>(found - e_.names_.begin());
    if (found == e_.names_.end()) e_.names_.push_back(word);
    push({Op::name, 0, index});
  }

  void call(const std::string& word, std::size_t from) {
    using Function = std::pair<const char*, Op>;
    static constexpr std::array<Function, 8> of_one{{{"exp", Op::exp},
                                                     {"log", Op::log},
                                                     {"sqrt", Op::sqrt},
                                                     {"sin", Op::sin},
                                                     {"cos", Op::cos},
                                                     {"tan", Op::tan},
                                                     {"tanh", Op::tanh},
                                                     {"abs", Op::abs}}};
    static constexpr std::array<Function, 3> of_two{{{"min", Op::min}, {"max", Op::max}, {"pow", Op::power}}};
    const auto named = [&](const Function& f) { return word == f.first; };
    const auto one = std::find_if(of_one.begin(), of_one.end(), named);
    const auto two = std::find_if(of_two.begin(), of_two.end(), named);
    if (one == of_one.end() && two == of_two.end())
      fail("'" + word + "' is no function: exp, log, sqrt, sin, cos, tan, tanh, abs, min, max and pow are",
           from);
    accept('(');
    sum();
    if (two != of_two.end()) {
      if (!accept(',')) fail("'" + word + "' takes two arguments, parted by a comma");
      const std::size_t second = e_.steps_.size();
      sum();
      if (two->second == Op::power)
        raise(second);
      else
        combine(two->second);
    }
    if (next() == ',')
      fail("'" + word + "' takes " + (one != of_one.end() ? "one argument" : "two arguments"));
    if (!accept(')')) fail("')' is missing");
    if (one != of_one.end()) e_.steps_.push_back({one->second});
  }

  Expression& e_;
  const std::string& text_;
  std::size_t at_ = 0, height_ = 0;
  int nesting_ = 0;
};

Expression::Expression(std::string_view text) : text_(text) { Parser(*this).parse(); }

} // namespace raphson::optim
