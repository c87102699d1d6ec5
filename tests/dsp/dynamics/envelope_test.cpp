#include "catch.h"
#include "dsp/dynamics/envelope.h"
#include "dsp/units.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

using namespace raphson;
using dsp::Ballistics;

namespace {

using Signal = std::vector<double>;

constexpr double rate = 48000;

dsp::EnvelopeCoefficients<double> coefficients(double attack_ms, double release_ms) {
  return {dsp::coefficient_from_ms(attack_ms, rate),
          dsp::coefficient_from_ms(release_ms, rate),
          0,
          0,
          1,
          1,
          false,
          false};
}

template <Ballistics ballistics> Signal follow(const Signal& v, const dsp::EnvelopeCoefficients<double>& k) {
  dsp::Envelope<double> envelope;
  Signal y;
  for (const double s : v) y.push_back(envelope.step<ballistics>(s, k));
  return y;
}

Signal follow(Ballistics ballistics, const Signal& v, const dsp::EnvelopeCoefficients<double>& k) {
  switch (ballistics) {
  case Ballistics::smooth_branching:
    return follow<Ballistics::smooth_branching>(v, k);
  case Ballistics::branching:
    return follow<Ballistics::branching>(v, k);
  case Ballistics::smooth_decoupled:
    return follow<Ballistics::smooth_decoupled>(v, k);
  case Ballistics::decoupled:
    break;
  }
  return follow<Ballistics::decoupled>(v, k);
}

constexpr Ballistics all[] = {Ballistics::smooth_branching, Ballistics::branching,
                              Ballistics::smooth_decoupled, Ballistics::decoupled};

/// Section 3.2 of Giannoulis, Massberg, Reiss (JAES 2012) as printed, with their alpha = 1 - coefficient.
Signal published(Ballistics ballistics, const Signal& x, double attack_alpha, double release_alpha) {
  Signal out;
  double y = 0, y1 = 0;
  for (const double v : x) {
    switch (ballistics) {
    case Ballistics::smooth_branching:
      y = v > y ? attack_alpha * y + (1 - attack_alpha) * v : release_alpha * y + (1 - release_alpha) * v;
      break;
    case Ballistics::branching:
      y = v > y ? attack_alpha * y + (1 - attack_alpha) * v : release_alpha * y;
      break;
    case Ballistics::smooth_decoupled:
      y1 = std::max(v, release_alpha * y1 + (1 - release_alpha) * v);
      y = attack_alpha * y + (1 - attack_alpha) * y1;
      break;
    case Ballistics::decoupled:
      y1 = std::max(v, release_alpha * y1);
      y = attack_alpha * y + (1 - attack_alpha) * y1;
      break;
    }
    out.push_back(y);
  }
  return out;
}

/// A rise of `rise` samples to 1, then nothing.
Signal peak(std::size_t rise, std::size_t total) {
  Signal v(total, 0.0);
  for (std::size_t t = 0; t < rise; ++t) v[t] = static_cast<double>(t + 1) / static_cast<double>(rise);
  return v;
}

/// Samples from `from` on until y is below `level`.
std::size_t falls_below(const Signal& y, std::size_t from, double level) {
  std::size_t t = from;
  while (t < y.size() && y[t] >= level) ++t;
  return t - from;
}

} // namespace

TEST_CASE("Envelope: each ballistics as Giannoulis, Massberg and Reiss print it", "[dynamics]") {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> uniform(0, 1);
  Signal v;
  for (int t = 0; t < 5000; ++t) v.push_back(uniform(random) * (t / 500 % 2 ? 0.1 : 1));
  const auto k = coefficients(2, 60);
  for (const Ballistics ballistics : all) {
    const Signal y = follow(ballistics, v, k),
                 expected = published(ballistics, v, 1 - k.attack, 1 - k.release);
    double most = 0;
    for (std::size_t t = 0; t < y.size(); ++t) most = std::max(most, std::abs(y[t] - expected[t]));
    CAPTURE(to_string(ballistics));
    CHECK(most < 1e-12);
  }
}

TEST_CASE("Envelope: hold delays the release by its time", "[dynamics]") {
  const Signal v = peak(200, 4000);
  for (const Ballistics ballistics : all) {
    CAPTURE(to_string(ballistics));
    auto k = coefficients(0.05, 20);
    const Signal free = follow(ballistics, v, k);
    k.holds = true;
    k.hold_samples = 480;
    const Signal held = follow(ballistics, v, k);
    CHECK(falls_below(held, 200, 0.5) == falls_below(free, 200, 0.5) + 480);
    CHECK(held[200 + 470] > 0.99);
    // Within a sample it goes smoothly from one whole number to the next.
    k.hold_samples = 480.5;
    const Signal between = follow(ballistics, v, k);
    CHECK(between[1500] > held[1500]);
    k.hold_samples = 481;
    CHECK(between[1500] < follow(ballistics, v, k)[1500]);
  }
}

TEST_CASE("Envelope: memory slows the release after a long sound, not after a short one", "[dynamics]") {
  for (const Ballistics ballistics : all) {
    CAPTURE(to_string(ballistics));
    auto k = coefficients(0.5, 60);
    auto remembering = k;
    remembering.remembers = true;
    remembering.share = 0.5;
    remembering.charge = dsp::coefficient_from_ms(300.0, rate);
    remembering.discharge = dsp::coefficient_from_ms(3000.0, rate);
    const auto until_quarter = [&](std::size_t sound, const auto& with) {
      Signal v(sound + 96000, 0.0);
      // Rising ever so little: branching lets go of what stands still.
      for (std::size_t t = 0; t < sound; ++t) v[t] = 1 + 1e-9 * static_cast<double>(t);
      return static_cast<double>(falls_below(follow(ballistics, v, with), sound, 0.25));
    };
    CHECK(until_quarter(240, remembering) == Approx(until_quarter(240, k)).epsilon(0.2));
    CHECK(until_quarter(48000, remembering) > 5 * until_quarter(48000, k));
    // Down to the memory's share it is as fast as without: to 0.6 of a full memory that holds 0.5.
    Signal v(144000, 0.0);
    for (std::size_t t = 0; t < 96000; ++t) v[t] = 1 + 1e-9 * static_cast<double>(t);
    const auto fast = static_cast<double>(falls_below(follow(ballistics, v, k), 96000, 0.75));
    const auto two_stage = static_cast<double>(falls_below(follow(ballistics, v, remembering), 96000, 0.75));
    CHECK(two_stage < 3 * fast);
  }
}

TEST_CASE("Envelope: one that adopts another goes on where that stood, its hold in its own samples",
          "[dynamics]") {
  auto k = coefficients(0.05, 20), twice = k;
  k.holds = twice.holds = true;
  k.hold_samples = 100;
  twice.hold_samples = 200;
  dsp::Envelope<double> slow, fast;
  for (int t = 0; t < 50; ++t) slow.step<Ballistics::smooth_branching>(t / 50.0, k);
  for (int t = 0; t < 60; ++t) slow.step<Ballistics::smooth_branching>(0, k);
  fast.adopt(slow, 2);
  CHECK(fast.value() == slow.value());
  int left = 0;
  while (fast.step<Ballistics::smooth_branching>(0, twice) == slow.value()) ++left;
  CHECK(left == 80);
}
