// Every operation of Jet against closed forms and against finite differences, as double and as lanes.
#include "catch.h"

#include "optim/autodiff/jet.h"

#include <cmath>
#include <functional>
#include <vector>

using namespace raphson;
using optim::Jet, optim::packed_index, optim::packed_size;

namespace {

constexpr int n = 3;
using Scalar = Jet<double, n, 2>;
using First = Jet<double, n, 1>;
using Pair = dsp::Lanes<double, 2, dsp::Isa::baseline>;
using Point = std::array<double, n>;

template <class J> std::array<J, n> variables(const Point& x) {
  std::array<J, n> v;
  for (int i = 0; i < n; ++i) v[i] = J::variable(x[i], i);
  return v;
}

/// A formula on any scalar, for doubles and both orders of Jets.
struct Formula {
  const char* name;
  std::function<double(const std::array<double, n>&)> plain;
  std::function<First(const std::array<First, n>&)> first;
  std::function<Scalar(const std::array<Scalar, n>&)> second;
};
template <class F> Formula formula(const char* name, F f) { return {name, f, f, f}; }

std::vector<Formula> formulas() {
  using namespace dsp::math;
  return {
      formula("sum", [](const auto& x) { return x[0] + x[1] - x[2]; }),
      formula("negation", [](const auto& x) { return -x[0] * x[1]; }),
      formula("product", [](const auto& x) { return x[0] * x[1] * x[2]; }),
      formula("quotient", [](const auto& x) { return x[0] / x[1]; }),
      formula("quotient of products", [](const auto& x) { return x[0] * x[2] / (x[1] * x[0] + x[2]); }),
      formula("exp", [](const auto& x) { return exp(x[0] * x[1]); }),
      formula("log", [](const auto& x) { return log(x[0] + x[1] * x[2]); }),
      formula("sqrt", [](const auto& x) { return sqrt(x[0] * x[1] + x[2]); }),
      formula("sin", [](const auto& x) { return sin(x[0] * x[1]); }),
      formula("cos", [](const auto& x) { return cos(x[0] * x[2]); }),
      formula("tan", [](const auto& x) { return tan(x[0] * x[1] - x[2]); }),
      formula("tanh", [](const auto& x) { return tanh(x[0] - x[1] * x[2]); }),
      formula("pow", [](const auto& x) { return pow(x[0] * x[1], 2.7); }),
      formula("abs", [](const auto& x) { return abs(x[1] - x[0] * x[2]); }),
      formula("min", [](const auto& x) { return min(x[0] * x[0], x[1] * x[2]); }),
      formula("max", [](const auto& x) { return max(x[0] * x[0], x[1] * x[2]); }),
      formula("select",
              [](const auto& x) { return select(x[0] < x[1], x[0] * x[2], x[1] / x[2]); }),
      formula("compound assignment",
              [](const auto& x) {
                auto y = x[0];
                y *= x[1];
                y += x[2];
                y /= x[0] + x[1];
                y -= x[1] * x[2];
                return y;
              }),
      formula("all of it",
              [](const auto& x) {
                return exp(-x[0] * tanh(x[1])) / sqrt(x[2] + cos(x[0]) * cos(x[0])) + log(x[1]) * sin(x[2]);
              }),
  };
}

const std::vector<Point> points{{0.7, 1.3, 0.9}, {1.9, 0.4, 0.3}, {0.2, 0.8, 2.1}};

} // namespace

TEST_CASE("Jets' gradients are those of central differences of values") {
  for (const Formula& f : formulas())
    for (const Point& x : points) {
      const First j = f.first(variables<First>(x));
      INFO(f.name);
      CHECK(j.v == Approx(f.plain(x)).epsilon(1e-14));
      for (int i = 0; i < n; ++i) {
        constexpr double h = 6e-6;
        Point above = x, below = x;
        above[i] += h;
        below[i] -= h;
        CHECK(j.g[i] == Approx((f.plain(above) - f.plain(below)) / (2 * h)).epsilon(1e-8).margin(1e-8));
      }
    }
}

TEST_CASE("Jets' Hessians are central differences of their gradients") {
  for (const Formula& f : formulas())
    for (const Point& x : points) {
      const Scalar j = f.second(variables<Scalar>(x));
      const First first = f.first(variables<First>(x));
      INFO(f.name);
      CHECK(j.v == first.v);
      CHECK(j.g == first.g);
      for (int i = 0; i < n; ++i) {
        constexpr double h = 6e-6;
        Point above = x, below = x;
        above[i] += h;
        below[i] -= h;
        const First a = f.first(variables<First>(above)), b = f.first(variables<First>(below));
        for (int k = 0; k < n; ++k) {
          CHECK(j.hessian(i, k) == Approx((a.g[k] - b.g[k]) / (2 * h)).epsilon(1e-8).margin(1e-7));
          CHECK(j.hessian(i, k) == j.hessian(k, i));
        }
      }
    }
}

TEST_CASE("Jets have the derivatives of the closed forms") {
  const double x = 0.7, y = 1.3;
  const auto v = variables<Scalar>({x, y, 0});
  const auto holds = [](const Scalar& j, double value, double dx, double dy, double dxx, double dxy,
                        double dyy) {
    CHECK(j.v == Approx(value).epsilon(1e-14));
    CHECK(j.g[0] == Approx(dx).epsilon(1e-14));
    CHECK(j.g[1] == Approx(dy).epsilon(1e-14));
    CHECK(j.g[2] == 0);
    CHECK(j.hessian(0, 0) == Approx(dxx).epsilon(1e-14).margin(1e-15));
    CHECK(j.hessian(0, 1) == Approx(dxy).epsilon(1e-14).margin(1e-15));
    CHECK(j.hessian(1, 1) == Approx(dyy).epsilon(1e-14).margin(1e-15));
    CHECK(j.hessian(2, 1) == 0);
  };
  holds(v[0] * v[1], x * y, y, x, 0, 1, 0);
  holds(v[0] / v[1], x / y, 1 / y, -x / (y * y), 0, -1 / (y * y), 2 * x / (y * y * y));
  const double e = std::exp(x * y);
  holds(exp(v[0] * v[1]), e, y * e, x * e, y * y * e, (1 + x * y) * e, x * x * e);
  const double s = x + y;
  holds(log(v[0] + v[1]), std::log(s), 1 / s, 1 / s, -1 / (s * s), -1 / (s * s), -1 / (s * s));
  holds(sqrt(v[0] * v[0] + v[1] * v[1]), std::hypot(x, y), x / std::hypot(x, y), y / std::hypot(x, y),
        y * y / std::pow(std::hypot(x, y), 3), -x * y / std::pow(std::hypot(x, y), 3),
        x * x / std::pow(std::hypot(x, y), 3));
  holds(sin(v[0]) * cos(v[1]), std::sin(x) * std::cos(y), std::cos(x) * std::cos(y),
        -std::sin(x) * std::sin(y), -std::sin(x) * std::cos(y), -std::cos(x) * std::sin(y),
        -std::sin(x) * std::cos(y));
  const double t = std::tan(x), h = std::tanh(y);
  holds(tan(v[0]) + tanh(v[1]), t + h, 1 + t * t, 1 - h * h, 2 * t * (1 + t * t), 0, -2 * h * (1 - h * h));
  holds(pow(v[0], 3) * v[1], x * x * x * y, 3 * x * x * y, x * x * x, 6 * x * y, 3 * x * x, 0);
  holds(Scalar(2.0) - v[1], 2 - y, 0, -1, 0, 0, 0);
}

TEST_CASE("Jets take the branch of their values, derivatives and all") {
  const auto v = variables<Scalar>({-0.5, 0.25, 2});
  CHECK(abs(v[0]).g[0] == -1);
  CHECK(abs(v[1]).g[1] == 1);
  CHECK(max(v[0] * v[0], v[1]).g == v[1].g); // equal values: the second
  CHECK(max(v[0] * v[0], v[1]).h == v[1].h);
  CHECK(min(v[0], v[2]).g == v[0].g);
  CHECK((v[0] < v[1]));
  CHECK((v[2] > v[1]));
  CHECK((v[0] <= v[0]));
  CHECK(!(v[0] >= v[1]));
}

TEST_CASE("The packed Hessian is the lower triangle by rows") {
  int at = 0;
  for (int i = 0; i < 6; ++i)
    for (int j = 0; j <= i; ++j, ++at) {
      CHECK(packed_index(i, j) == at);
      CHECK(packed_index(j, i) == at);
    }
  CHECK(packed_size(6) == at);
}

// Lanes run the same formulas on two points at once, each lane with its own branch.
TEMPLATE_TEST_CASE_SIG("Jets of lanes are Jets lane by lane", "", ((int order), order), 1, 2) {
  using namespace dsp::math;
  using J = Jet<double, 3, order>;
  using L = Jet<Pair, 3, order>;
  const auto check = [](const char* name, auto f) {
    const Point a = points[0], b = points[1];
    std::array<L, n> both;
    for (int i = 0; i < n; ++i) {
      Pair value(a[i]);
      value.set(1, b[i]);
      both[i] = L::variable(value, i);
    }
    const L lanes = f(both);
    INFO(name);
    for (int lane = 0; lane < 2; ++lane) {
      const J one = f(variables<J>(lane == 0 ? a : b));
      CHECK(lanes.v[lane] == Approx(one.v).epsilon(1e-14));
      for (int i = 0; i < n; ++i) CHECK(lanes.g[i][lane] == Approx(one.g[i]).epsilon(1e-13).margin(1e-15));
      for (int k = 0; k < J::hessian_size; ++k)
        CHECK(lanes.h[k][lane] == Approx(one.h[k]).epsilon(1e-13).margin(1e-14));
    }
  };
  check("arithmetic", [](const auto& x) { return -x[0] * x[1] / (x[2] + x[0]) - x[2]; });
  check("exp", [](const auto& x) { return exp(x[0] * x[1]); });
  check("log", [](const auto& x) { return log(x[0] + x[2]); });
  check("sqrt", [](const auto& x) { return sqrt(x[0] * x[1]); });
  check("sin and cos", [](const auto& x) { return sin(x[0]) * cos(x[1] * x[2]); });
  check("tan", [](const auto& x) { return tan(x[0] / x[1] - x[2]); });
  check("tanh", [](const auto& x) { return tanh(x[0] - x[2]); });
  check("abs", [](const auto& x) { return abs(x[0] - x[1]); });         // differs by lane
  check("min", [](const auto& x) { return min(x[0], x[1] * x[2]); });   // likewise
  check("max", [](const auto& x) { return max(x[0], x[1] * x[2]); });
  check("select", [](const auto& x) { return select(x[0] > x[1], x[0] * x[2], x[1] * x[1]); });
}
