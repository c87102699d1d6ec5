#include "catch.h"
#include "dsp/chain/chain.h"
#include "dsp/dynamics/dynamics_block.h"

#include <cmath>
#include <numbers>
#include <random>

using namespace raphson;
using namespace raphson::dsp;

namespace {

using Signal = std::vector<double>;

constexpr double rate = 48000;

Signal programme(std::size_t count) {
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  Signal x(count);
  for (std::size_t t = 0; t < count; ++t)
    x[t] = normal(random) * (t / 2000 % 3 == 0 ? 0.4 : t / 2000 % 3 == 1 ? 0.01 : 0);
  return x;
}

BlockSettings block(const std::string& name, std::initializer_list<std::pair<const char*, double>> changed) {
  ChainSettings chain = parse_chain(name);
  auto values = chain.values();
  for (const auto& [key, value] : changed) values[chain.index(key)] = value;
  chain.set_values(values);
  return chain.blocks[0];
}

Dynamics<double> dynamics(const BlockSettings& b) {
  return {b.structure, std::span<const double>(b.values), rate};
}

double furthest(const Signal& a, const Signal& b) {
  double most = 0;
  for (std::size_t t = 0; t < a.size(); ++t) most = std::max(most, std::abs(a[t] - b[t]));
  return most;
}

std::vector<std::string> structures(bool feedback) {
  std::vector<std::string> names;
  for (const auto smoothed : smoothed_words)
    for (const auto ballistics : ballistics_words)
      names.push_back(std::string(smoothed) + "," + std::string(ballistics) + (feedback ? ",feedback" : ""));
  return names;
}

} // namespace

TEST_CASE("Dynamics: gain, smooth branching, all off is dsp::Compressor", "[dynamics]") {
  for (const double knee : {0.0, 9.0})
    for (const double rms : {0.0, 10.0}) {
      const auto b = block("dynamics", {{"threshold_db", -30},
                                        {"makeup_db", 3},
                                        {"knee_db", knee},
                                        {"rms_ms", rms},
                                        {"look_ahead_ms", 2}});
      const double values[] = {-30, 4, 5, 200, 3, knee, rms, 2};
      Compressor<double> plain(values, rate);
      Signal x = programme(20000), y = x;
      plain.process(y);
      dynamics(b).process(x);
      CHECK(furthest(x, y) < 1e-13);
    }
}

TEST_CASE("Dynamics: blocks by passes are the formula sample by sample, however they are cut", "[dynamics]") {
  const Signal x = programme(20000);
  for (const std::string& structure : structures(false))
    for (const char* features : {"", ",knee", ",rms", ",hold", ",memory", ",hold,memory", ",smoothing",
                                 ",sidechain", ",knee,rms,hold,memory,smoothing,sidechain"}) {
      const auto b = block("dynamics[" + structure + features + "]",
                           {{"threshold_db", -30}, {"attack_ms", 1}, {"release_ms", 50}});
      CAPTURE(structure, features);
      auto one = dynamics(b), whole = dynamics(b), cut = dynamics(b);
      Signal a = x, c = x, d = x;
      for (double& s : a) s = one(s);
      whole.process(c);
      for (std::size_t from = 0, k = 0; from < d.size(); ++k) {
        const std::size_t count =
            std::min<std::size_t>(d.size() - from, std::array{1, 7, 64, 300, 31}[k % 5]);
        cut.process(std::span(d).subspan(from, count));
        from += count;
      }
      CHECK(furthest(a, c) < 1e-12);
      CHECK(furthest(c, d) == 0);
    }
}

TEST_CASE("Dynamics: slow attacks, faster releases go by passes too", "[dynamics]") {
  const auto b = block("dynamics[gain-db]", {{"threshold_db", -30}, {"attack_ms", 300}, {"release_ms", 5}});
  auto one = dynamics(b), whole = dynamics(b);
  Signal x = programme(20000), y = x;
  for (double& s : x) s = one(s);
  whole.process(y);
  CHECK(furthest(x, y) < 1e-12);
}

TEST_CASE("Dynamics: every arrangement settles at the static curve", "[dynamics]") {
  for (const bool feedback : {false, true})
    for (const std::string& structure : structures(feedback))
      for (const double knee : {0.0, 12.0})
        for (const double rms : {0.0, 2.0})
          for (const double level_db : {-45.0, -33.0, -27.0, -6.0}) {
            const auto b = block("dynamics[" + structure + "]", {{"threshold_db", -30},
                                                                 {"ratio", 8},
                                                                 {"attack_ms", 0.5},
                                                                 {"release_ms", 400},
                                                                 {"knee_db", knee},
                                                                 {"rms_ms", rms},
                                                                 {"makeup_db", 3}});
            CAPTURE(structure, knee, rms, level_db);
            auto running = dynamics(b);
            const double level = db_to_gain(level_db);
            double y = 0;
            for (int t = 0; t < 144000; ++t) y = running(level);
            // Branching and decoupled let go between two attacks: of a slow release a little.
            CHECK(gain_to_db(y) == Approx(static_curve(b).output_db(level_db)).margin(0.1));
          }
}

TEST_CASE("Static curve: feedback is where reduction and what it leaves agree", "[dynamics]") {
  for (const double knee : {0.0, 1e-6, 6.0, 40.0})
    for (const double ratio : {1.0, 2.0, 100.0}) {
      const StaticCurve back{-20, ratio, knee, 0, Topology::feedback};
      const auto overshoot = [knee = knee](double u) {
        return knee > 0 ? SoftKnee<double>{knee}.overshoot(u) : HardKnee{}.overshoot(u);
      };
      double before = -1;
      for (double level = -80; level <= 20; level += 0.25) {
        const double r = back.reduction_db(level);
        CAPTURE(knee, ratio, level);
        CHECK(r == Approx((ratio - 1) * overshoot(level + 20 - r)).margin(1e-7));
        if (knee == 0) CHECK(r == Approx((1 - 1 / ratio) * std::max(level + 20, 0.0)).margin(1e-9));
        CHECK(r >= before - 1e-12); // rises
        before = r;
      }
    }
}

TEST_CASE("Static curve: a compressor's is what it does to a level that stays", "[dynamics]") {
  for (const double knee_db : {0.0, 12.0})
    for (const double level_db : {-50.0, -26.0, -22.0, -6.0}) {
      CAPTURE(knee_db, level_db);
      const auto b =
          block("compressor", {{"attack_ms", 1}, {"release_ms", 5}, {"knee_db", knee_db}, {"makeup_db", 3}});
      Compressor<double> compressor(std::span<const double>(b.values), rate);
      Signal audio(48000, db_to_gain(level_db)); // a constant settles
      compressor.process(audio);
      CHECK(static_curve(b).output_db(level_db) == Approx(gain_to_db(audio.back())).margin(1e-6));
    }
}

TEST_CASE("Static curve: a compressor's is a dynamics block's", "[dynamics]") {
  const auto a = block("compressor", {{"knee_db", 7}, {"makeup_db", 2}});
  const auto b = block("dynamics", {{"knee_db", 7}, {"makeup_db", 2}});
  for (double level = -60; level <= 0; level += 1)
    CHECK(static_curve(a).output_db(level) == static_curve(b).output_db(level));
}

TEST_CASE("Dynamics passes: every instruction set mixes levels in dB", "[dynamics]") {
  const Signal left = programme(1000), right = programme(1500);
  for (const Isa isa : {Isa::baseline, detect_isa()})
    for (const double link : {0.3, 1.0})
      for (const bool is_power : {false, true}) {
        Signal a(77), b(77);
        for (std::size_t t = 0; t < a.size(); ++t) {
          a[t] = std::abs(left[t]) + 1e-3;
          b[t] = std::abs(right[t + 500]) + 1e-3;
        }
        const Signal a0 = a, b0 = b;
        double* const both[] = {a.data(), b.data()};
        dynamics_block_passes(isa).link(both, 2, a.size(), {link}, is_power);
        for (std::size_t t = 0; t < a.size(); ++t) {
          const double loudest = std::max(a0[t], b0[t]);
          CHECK(a[t] == Approx(std::pow(a0[t], 1 - link) * std::pow(loudest, link)).epsilon(1e-12));
          CHECK(b[t] == Approx(std::pow(b0[t], 1 - link) * std::pow(loudest, link)).epsilon(1e-12));
        }
      }
}
