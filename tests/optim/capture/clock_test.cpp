// The clock's line through marks whose times are written down here.
#include "catch.h"
#include "optim/capture/clock.h"

using namespace raphson::optim::capture;

namespace {

/// Two takes of four marks, ten seconds apart at 48 kHz.
Plan plan_of_two() {
  Plan plan;
  plan.sample_rate = 48000;
  plan.takes = {{0, 2000000}, {2000000, 4000000}};
  for (unsigned i = 0; i < 8; ++i)
    plan.marks.push_back({i,
                          i / 4,
                          i % 4 == 0   ? MarkRole::begin
                          : i % 4 == 3 ? MarkRole::end
                                       : MarkRole::between,
                          100000 + 480000 * std::size_t{i},
                          {}});
  plan.frames = 4200000;
  return plan;
}

std::vector<FoundMark> recorded(const Plan& plan, double offset, double stretch) {
  std::vector<FoundMark> marks;
  for (std::size_t i = 0; i < plan.marks.size(); ++i)
    marks.push_back({i, offset + stretch * static_cast<double>(plan.marks[i].frame), 1, 40});
  return marks;
}

} // namespace

TEST_CASE("A clock's speed and the delay are those the marks were made with") {
  const Plan plan = plan_of_two();
  for (const double ppm : {0.0, 200.0, -200.0, 0.001}) {
    const Clock clock = fit_clock(plan, recorded(plan, 1234.5, 1 + 1e-6 * ppm));
    INFO(ppm);
    CHECK(clock.drift_ppm() == Approx(ppm).epsilon(0).margin(1e-7));
    CHECK(clock.position(1, 3000000) == Approx(1234.5 + 3e6 * (1 + 1e-6 * ppm)).epsilon(0).margin(1e-5));
    for (const ClockResidual& r : clock.residuals) CHECK(std::abs(r.samples) < 1e-5);
  }
}

TEST_CASE("A pause in playback between takes is no drift") {
  const Plan plan = plan_of_two();
  auto marks = recorded(plan, 100, 1.00005);
  for (std::size_t i = 4; i < 8; ++i) marks[i].position += 777777.25;
  const Clock clock = fit_clock(plan, marks);
  CHECK(clock.drift_ppm() == Approx(50).epsilon(0).margin(1e-6));
  CHECK(clock.offset[0].value() == Approx(100).epsilon(0).margin(1e-4));
  CHECK(clock.offset[1].value() == Approx(777877.25).epsilon(0).margin(1e-4));
}

TEST_CASE("Lost samples leave the speed alone and show in the residuals") {
  const Plan plan = plan_of_two();
  auto marks = recorded(plan, 100, 1.00005);
  marks[3].position -= 64;
  const Clock clock = fit_clock(plan, marks);
  CHECK(clock.drift_ppm() == Approx(50).epsilon(0).margin(1e-6));
  CHECK(clock.residuals[2].samples == Approx(0).margin(1e-4));
  CHECK(clock.residuals[3].samples == Approx(-64).epsilon(0).margin(1e-4));
}

TEST_CASE("A take without marks has no delay") {
  const Plan plan = plan_of_two();
  auto marks = recorded(plan, 100, 1);
  marks.resize(4);
  const Clock clock = fit_clock(plan, marks);
  CHECK(clock.offset[0].has_value());
  CHECK(!clock.offset[1].has_value());
}
