#include "catch.h"
#include "dsp/dynamics/gain_curve.h"
#include "dsp/units.h"
#include "optim/autodiff/jet.h"

#include <cmath>

using namespace raphson;

TEST_CASE("Hard knee: a level d dB above the threshold comes out d / ratio above it") {
  for (const double ratio : {1.0, 2.0, 4.0, 100.0})
    for (const double d : {0.0, 3.0, 30.0}) {
      const double gain = dsp::HardKnee{}.gain(d * dsp::nepers_per_db, 1 - 1 / ratio);
      CHECK(d + dsp::gain_to_db(gain) == Approx(d / ratio).margin(1e-12));
    }
  CHECK(dsp::HardKnee{}.gain(-5.0, 0.75) == 1);
}

TEST_CASE("Soft knee: equation 4 of Giannoulis, Massberg and Reiss, in dB") {
  const double knee_db = 12, ratio = 5;
  const dsp::SoftKnee<double> knee{knee_db * dsp::nepers_per_db};
  for (double d = -20; d <= 20; d += 0.25) {
    const double out = 2 * d < -knee_db  ? d
                       : 2 * d > knee_db ? d / ratio
                                         : d + (1 / ratio - 1) * std::pow(d + knee_db / 2, 2) / (2 * knee_db);
    const double gain_db = dsp::gain_to_db(knee.gain(d * dsp::nepers_per_db, 1 - 1 / ratio));
    CHECK(gain_db == Approx(out - d).margin(1e-12));
  }
}

TEST_CASE("Soft knee tends to the hard one: w/8 away at the threshold, nowhere farther") {
  for (const double width : {1.0, 1e-3, 1e-9})
    for (double u = -2; u <= 2; u += 0.125) {
      const double apart = dsp::SoftKnee<double>{width}.overshoot(u) - dsp::HardKnee{}.overshoot(u);
      CHECK(apart >= -1e-15);
      CHECK(apart <= width / 8 * (1 + 1e-12));
    }
  CHECK(dsp::SoftKnee<double>{0.8}.overshoot(0.0) == Approx(0.1));
}

TEST_CASE("Soft knee has the slopes 0, (u + w/2)/w, 1 and so no corner, by Jets and by differences") {
  using Jet = optim::Jet<double, 2>;
  const double w = 0.7;
  for (const double u : {-1.0, -0.35 - 1e-9, -0.35 + 1e-9, -0.1, 0.2, 0.35 - 1e-9, 0.35 + 1e-9, 1.0}) {
    const Jet y = dsp::SoftKnee<Jet>{Jet::variable(w, 1)}.overshoot(Jet::variable(u, 0));
    CHECK(y.g[0] == Approx(std::fmin(std::fmax((u + w / 2) / w, 0), 1)).margin(1e-14));
    const double h = 1e-6;
    const auto at = [&](double width) { return dsp::SoftKnee<double>{width}.overshoot(u); };
    CHECK(y.g[1] == Approx((at(w + h) - at(w - h)) / (2 * h)).margin(1e-6));
  }
}

TEMPLATE_TEST_CASE("Gain curves: each lane is the scalar", "", float, double) {
  constexpr int n = dsp::lane_count<TestType>(dsp::Isa::baseline);
  using Lanes = dsp::Lanes<TestType, n, dsp::Isa::baseline>;
  Lanes u(TestType(0)), slope(TestType(0.75)), width(TestType(0.5));
  for (int lane = 0; lane < n; ++lane) u.set(lane, static_cast<TestType>(-0.4 + 0.37 * lane));
  const Lanes hard = dsp::HardKnee{}.gain(u, slope), soft = dsp::SoftKnee<Lanes>{width}.gain(u, slope);
  for (int lane = 0; lane < n; ++lane) {
    CHECK(hard[lane] == dsp::HardKnee{}.gain(u[lane], TestType(0.75)));
    CHECK(soft[lane] == dsp::SoftKnee<TestType>{TestType(0.5)}.gain(u[lane], TestType(0.75)));
  }
}
