#include "catch.h"

#include "dsp/error.h"
#include "optim/autodiff/expression.h"

#include <cmath>

using namespace raphson::optim;
using Catch::Matchers::Contains;

namespace {

double value(const char* text, std::vector<double> values = {}) {
  return Expression(text).evaluate<double>(values);
}

} // namespace

TEST_CASE("A formula has the value that arithmetic gives it") {
  CHECK(value("1 + 2*3") == 7);
  CHECK(value("(1 + 2)*3") == 9);
  CHECK(value("2 - 3 - 4") == -5);
  CHECK(value("12/3/2") == 2);
  CHECK(value("-2^2") == -4);
  CHECK(value("2^3^2") == 512);
  CHECK(value("2^-1") == 0.5);
  CHECK(value("--3") == 3);
  CHECK(value("+3*-2") == -6);
  CHECK(value("1.5e-3*.5") == Approx(0.75e-3));
  CHECK(value("pi") == Approx(M_PI));
  CHECK(value("exp(log(5)) + sqrt(16) + abs(-2) + tanh(0)") == Approx(11));
  CHECK(value("sin(1)^2 + cos(1)^2 - tan(0)") == Approx(1));
  CHECK(value("min(3, 2) + max(3, 2) + pow(2, 3) + pow(4, 0.5)") == Approx(15));
}

TEST_CASE("Names stand in order of appearance, each once") {
  const Expression f("a*exp(-b*x) + c_1 + a");
  CHECK(f.names() == std::vector<std::string>{"a", "b", "x", "c_1"});
  CHECK(f.evaluate<double>(std::vector<double>{2, 3, 0.5, 1}) == Approx(2 * std::exp(-1.5) + 3));
  CHECK(value("x^3", {-2}) == -8); // whole exponents hold for negative bases
  CHECK(value("x^-2", {-2}) == 0.25);
  CHECK(value("x^y", {2, 0.5}) == Approx(std::sqrt(2.0)));
}

TEST_CASE("Jets through a formula carry its exact derivatives") {
  using J = Jet<double, 3>;
  const Expression f("a*exp(-b*x)/(1 + x^2) + pow(a, 1.5)*tanh(b) + a^b");
  const double a = 1.3, b = 0.7, x = 0.4;
  const auto at = [&](double da, double db, double dx) { // names in order: a, b, x
    return f.evaluate<double>(std::vector<double>{a + da, b + db, x + dx});
  };
  const std::vector<J> jets{J::variable(a, 0), J::variable(b, 1), J::variable(x, 2)};
  const J y = f.evaluate<J>(jets);
  CHECK(y.v == Approx(at(0, 0, 0)).epsilon(1e-14));
  const double h = 1e-4;
  for (int i = 0; i < 3; ++i) {
    const auto moved = [&](double s, int j, double t) {
      double d[3] = {0, 0, 0};
      d[i] += s;
      d[j] += t;
      return at(d[0], d[1], d[2]);
    };
    CHECK(y.g[i] == Approx((moved(h, 0, 0) - moved(-h, 0, 0)) / (2 * h)).epsilon(1e-7));
    for (int j = 0; j < 3; ++j)
      CHECK(y.hessian(i, j)
            == Approx((moved(h, j, h) - moved(h, j, -h) - moved(-h, j, h) + moved(-h, j, -h)) / (4 * h * h))
                   .epsilon(1e-5));
  }
}

TEST_CASE("A formula that does not parse says where") {
  const auto error = [](const char* text) {
    try {
      Expression e(text);
      return std::string();
    } catch (const raphson::InputError& e) {
      return std::string(e.what());
    }
  };
  CHECK_THAT(error(""), Contains("empty"));
  CHECK_THAT(error("a*"), Contains("position 3") && Contains("ends"));
  CHECK_THAT(error("a b"), Contains("'a b', position 3: 'b'"));
  CHECK_THAT(error("(a+b"), Contains("position 5") && Contains("')' is missing"));
  CHECK_THAT(error("a+b)"), Contains("position 4") && Contains("closes nothing"));
  CHECK_THAT(error("a ? b"), Contains("position 3"));
  CHECK_THAT(error("a * / b"), Contains("position 5"));
  CHECK_THAT(error("gamma(a)"), Contains("position 1: 'gamma' is no function"));
  CHECK_THAT(error("exp(a, b)"), Contains("position 6") && Contains("one argument"));
  CHECK_THAT(error("min(a)"), Contains("two arguments"));
  CHECK_THAT(error("1..2"), Contains("position 3"));
  CHECK_THAT(error(std::string(100000, '(').c_str()), Contains("nested too deeply"));
  CHECK_THAT(error(std::string(100000, '-').c_str()), Contains("nested too deeply"));
}
