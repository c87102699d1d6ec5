// The targets do what they are there for: each compresses, plays the same twice, and is something that a
// match finds; each plugin's first setting, on two seconds.
#include "tests/blackbox/targets.h"

#include "catch.h"
#include "optim/match/match.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

using namespace raphson;
using namespace raphson::blackbox;
using optim::data::Audio;

namespace {

std::optional<Audio> rendered(const Plugin& plugin, const Audio& dry) {
  try {
    return render(plugin, plugin.settings[0], dry);
  } catch (const host::NotInstalled& missing) {
    WARN("left out: " << missing.what());
    return std::nullopt;
  }
}

/// A second at -50 dBFS, below every threshold of the table, then one at -6 dBFS.
Audio quiet_then_loud() {
  Audio audio{48000, {std::vector<float>(96000)}};
  for (std::size_t n = 0; n < 96000; ++n) {
    const double amplitude = std::pow(10, (n < 48000 ? -50 : -6) / 20.0);
    audio.channels[0][n] =
        static_cast<float>(amplitude * std::sin(2 * std::numbers::pi * 440 * double(n) / 48000));
  }
  return audio;
}

/// Over the last fifth of a second before `end`.
double gain_db(const Audio& dry, const Audio& wet, std::size_t end) {
  double before = 0, after = 0;
  for (std::size_t n = end - 9600; n < end; ++n) {
    before += std::pow(double(dry.channels[0][n]), 2);
    after += std::pow(double(wet.channels[0][n]), 2);
  }
  return 10 * std::log10(after / before);
}

} // namespace

TEST_CASE("A target leaves what is quiet alone and turns down what is loud, each time alike") {
  const Audio dry = quiet_then_loud();
  for (const Plugin& plugin : plugins()) {
    const std::optional<Audio> wet = rendered(plugin, dry);
    if (!wet) continue;
    INFO(plugin.name);
    REQUIRE(wet->frames() == dry.frames());
    CHECK(std::ranges::all_of(wet->channels[0], [](float x) { return std::isfinite(x); }));
    CHECK(rendered(plugin, dry)->channels[0] == wet->channels[0]);
    CHECK(gain_db(dry, *wet, 48000) == Approx(0).margin(0.1));
    // (level - threshold) (1 - 1/ratio), with -24 dB and 3:1 or sc1's -26 dB and 2.5:1: 12 dB of reduction by
    // the peak, 10 by the RMS of a sine.
    CHECK(gain_db(dry, *wet, 96000) < -9.5);
    CHECK(gain_db(dry, *wet, 96000) > -12.5);
  }
}

TEST_CASE("A match leaves a small part of what a target does unexplained") {
  Audio dry = recordings()[1].audio;
  dry.channels[0].resize(2 * 48000);
  for (const Plugin& plugin : plugins()) {
    std::optional<Audio> wet = rendered(plugin, dry);
    if (!wet) continue;
    INFO(plugin.name);
    optim::match::MatchOptions options;
    options.held_out = false;
    const auto result = optim::match::match(dry, std::move(*wet), options);
    UNSCOPED_INFO(result.esr_before << " before, " << result.esr << " after");
    CHECK(result.esr_before > 0.02);
    CHECK(result.esr < result.esr_before / 5);
    CHECK(std::abs(result.alignment.delay_samples) < 0.5); // none of them is late
  }
}

TEST_CASE("Every plugin of the table has five settings, and every setting a name of its own") {
  for (const Plugin& plugin : plugins()) {
    INFO(plugin.name);
    std::vector<std::string> names;
    for (const Setting& setting : plugin.settings) names.push_back(setting.name);
    CHECK(names == std::vector<std::string>{"levelling", "peaks", "limiting", "glue", "slow"});
  }
}
