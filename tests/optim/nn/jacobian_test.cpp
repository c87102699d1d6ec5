// Jacobian rows against central differences, and the same whatever the pieces.
#include "optim/nn/jacobian.h"

#include "dsp/error.h"
#include "optim/engine/random.h"
#include "optim/nn/mlp.h"
#include "tests/catch.h"

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::nn;
using Catch::Matchers::Contains;

namespace {

struct Fixture {
  data::RowMatrix features{7, 4};
  Layout layout;
  Mlp mlp{layout, {{4, 5, 3}, Activation::tanh}};
  Vector theta;
  std::vector<std::size_t> examples{5, 0, 3, 3, 6};

  Fixture() {
    RandomStream random(1, "jacobian test");
    for (auto& value : features.reshaped()) value = random.normal();
    theta = layout.initial(2);
    for (auto& value : theta) value += 0.1 * random.normal();
  }
  template <class T> Network<T> network() const {
    return {3, [this](const Weights<T>& w, Examples e) { return mlp(w, rows_of(w.tape(), features, e)); }};
  }
};

} // namespace

TEST_CASE("jacobian: each row is what central differences give") {
  const Fixture f;
  const auto at = linearise(f.layout, f.theta, f.network<double>(), f.examples);
  REQUIRE(at.jacobian.rows() == 15);
  CHECK(at.outputs == outputs_of(f.theta, f.network<double>(), f.examples));
  constexpr double h = 1e-5;
  for (Index k = 0; k < f.theta.size(); ++k) {
    Vector up = f.theta, down = f.theta;
    up[k] += h;
    down[k] -= h;
    const data::RowMatrix slope =
        (outputs_of(up, f.network<double>(), f.examples) - outputs_of(down, f.network<double>(), f.examples))
        / (2 * h);
    for (Index e = 0; e < 5; ++e)
      for (Index c = 0; c < 3; ++c) CHECK(at.jacobian(e * 3 + c, k) == Approx(slope(e, c)).margin(1e-9));
  }
}

TEST_CASE("jacobian: pieces change nothing, single precision little") {
  const Fixture f;
  const auto whole = jacobian(f.layout, f.theta, f.network<double>(), f.examples);
  const auto pieces = jacobian(f.layout, f.theta, f.network<double>(), f.examples, 2);
  CHECK((whole - pieces).cwiseAbs().maxCoeff() < 1e-14);
  CHECK((whole - jacobian(f.layout, f.theta, f.network<float>(), f.examples)).cwiseAbs().maxCoeff() < 1e-5);
}

TEST_CASE("jacobian: outputs of another shape are refused") {
  const Fixture f;
  Network<double> wrong = f.network<double>();
  wrong.outputs = 2;
  CHECK_THROWS_WITH(jacobian(f.layout, f.theta, wrong, f.examples), Contains("2 outputs"));
}
