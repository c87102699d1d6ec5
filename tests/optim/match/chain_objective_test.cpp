#include "catch.h"
#include "dsp/error.h"
#include "optim/match/chain_fit.h"
#include "optim/match/chain_objective.h"
#include "optim/match/compressor_fit.h"
#include "tests/optim/match/reference.h"

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::match;

namespace {

constexpr double sample_rate = 8000;

const std::vector<Programme>& channels() {
  static const std::vector<Programme> one{programme(3000, 31)};
  return one;
}

Pair recording() { return pair_of(channels(), sample_rate, 100, 2900); }

ObjectiveOptions options() {
  ObjectiveOptions o;
  o.chunks = {0.15, 0.05};
  return o;
}

/// A chain off its initial values, where every parameter has a slope.
dsp::ChainSettings chain_off_zero(const std::string& model) {
  dsp::ChainSettings chain = dsp::parse_chain(model);
  std::vector<double> values = chain.values();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string name = chain.name(i);
    if (name.starts_with("eq") && name.ends_with("_db")) values[i] = 2.5;
    if (name.starts_with("rational") && (name.ends_with("band") || name.ends_with("low"))) values[i] = 0.3;
    if (name == "hold_ms") values[i] = 10.06; // half a sample: at whole ones it has a kink
    if (name.ends_with(".high_shelf_hz")) values[i] = 2000;
    if (name == "threshold_db") values[i] = -30;
    if (name == "release_ms") values[i] = 60;
  }
  chain.set_values(values);
  return chain;
}

ChainObjective objective_of(const Pair& pair, const std::string& model, Mode mode = Mode::forward) {
  const dsp::ChainSettings chain = chain_off_zero(model);
  return ChainObjective(cut(pair, options().chunks), sample_rate, chain, fitted_parameters(chain), mode,
                        options());
}

} // namespace

TEST_CASE("A chain's objective has the derivatives of its values", "[chain]") {
  const Pair pair = recording();
  const auto [model, mode] =
      GENERATE(table<std::string, Mode>({{"compressor", Mode::forward},
                                         {"compressor", Mode::inverse},
                                         {"eq", Mode::forward},
                                         {"compressor+eq", Mode::forward},
                                         {"eq+compressor", Mode::forward},
                                         {"dynamics[knee]", Mode::forward},
                                         {"dynamics[gain-db,branching,knee]", Mode::forward},
                                         {"dynamics[level,rms,smoothing]", Mode::forward},
                                         {"dynamics[power,feedback,knee,memory]", Mode::forward},
                                         {"dynamics[level-db,half-wave,sidechain]", Mode::forward},
                                         {"dynamics[gain-db,decoupled,knee]", Mode::forward},
                                         {"dynamics[gain-db,smooth-decoupled,hold]", Mode::forward},
                                         {"compressor+saturation", Mode::forward},
                                         {"eq+dynamics[knee]+eq", Mode::forward},
                                         {"rational", Mode::forward},
                                         {"compressor+rational", Mode::forward}}));
  INFO(model);
  const ChainObjective f = objective_of(pair, model, mode);
  const Vector z = f.unconstrained(chain_off_zero(model));
  Vector gradient, of_hessian;
  Matrix jtj, hessian;
  const double value = f.value_gradient_and_gauss_newton(z, gradient, jtj);
  CHECK(value == Approx(f.value(z)).epsilon(1e-12));
  CHECK(f.value_gradient_and_hessian(z, of_hessian, hessian) == Approx(value).epsilon(1e-12));
  CHECK((gradient - of_hessian).norm() < 1e-10 * gradient.norm());
  // Central differences of values and of gradients; the loss has kinks, so the steps are small.
  constexpr double h = 1e-6;
  for (Eigen::Index i = 0; i < z.size(); ++i) {
    Vector up = z, down = z, gradient_up, gradient_down;
    up[i] += h;
    down[i] -= h;
    const double slope = (f.value(up) - f.value(down)) / (2 * h);
    CHECK(std::abs(slope - gradient[i]) < 1e-5 * gradient.norm());
    f.value_gradient_and_gauss_newton(up, gradient_up, jtj);
    f.value_gradient_and_gauss_newton(down, gradient_down, jtj);
    const Vector column = (gradient_up - gradient_down) / (2 * h);
    CHECK((column - hessian.col(i)).norm() < 0.02 * hessian.norm());
  }
}

TEST_CASE("A chain of the compressor alone is the compressor's own objective", "[chain]") {
  const Pair pair = recording();
  const ChainObjective chain = objective_of(pair, "compressor");
  const CompressorObjective compressor(pair, options());
  const Vector z = chain.unconstrained(chain_off_zero("compressor"));
  CHECK((z - CompressorObjective::unconstrained(compressor_values(chain_off_zero("compressor")))).norm()
        < 1e-12);
  Vector a, b;
  Matrix exact, by_jets;
  CHECK(compressor.value_gradient_and_hessian(z, a, exact)
        == Approx(chain.value_gradient_and_hessian(z, b, by_jets)).epsilon(1e-10));
  CHECK((a - b).norm() < 1e-8 * a.norm());
  CHECK((exact - by_jets).norm() < 1e-8 * exact.norm());
}

TEST_CASE("Inverse mode is refused where there is more than a gain to divide by", "[chain]") {
  const Pair pair = recording();
  CHECK_THROWS_AS(objective_of(pair, "compressor+eq", Mode::inverse), InputError);
}
