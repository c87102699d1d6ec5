// The built LV2 plugin in a host: what it plays is what the library renders, and nothing a host may do breaks
// it.
#include "catch.h"
#include "dsp/chain/processor.h"
#include "dsp/model/model_file.h"
#include "optim/data/audio_file.h"
#include "optim/engine/random.h"
#include "tests/host/lv2_host.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <concepts>
#include <limits>

using namespace raphson;
using host::Lv2Host;

namespace {

const std::string uri = "https://raphson.invalid/plugin";
using Stereo = std::vector<std::vector<float>>;

/// Two seconds of the LA-2A's recording on the left, the same backwards on the right.
Stereo recording() {
  std::vector<float> left =
      optim::data::read_audio(std::string(RAPHSON_SOURCE_DIR) + "/assets/recordings/la2a-dry.flac")
          .channels[0];
  left.resize(96000);
  return {left, {left.rbegin(), left.rend()}};
}

Stereo rendered(const Stereo& in, double sample_rate) {
  const dsp::Model model =
      dsp::read_model(std::string(RAPHSON_SOURCE_DIR) + "/assets/models/la2a.raphson.json");
  Stereo out = in;
  for (std::size_t c = 0; c < 2; ++c)
    dsp::ChainProcessor(model.chain, sample_rate).process(std::span(in[c]), std::span(out[c]));
  return out;
}

/// next_block() says how many samples the next one has.
template <std::invocable NextBlock> Stereo play(Lv2Host& plugin, const Stereo& in, NextBlock next_block) {
  Stereo out = in;
  for (std::size_t from = 0, count = 0; from < in[0].size(); from += count) {
    count = std::min<std::size_t>(next_block(), in[0].size() - from);
    plugin.process({&in[0][from], &in[1][from]}, {&out[0][from], &out[1][from]},
                   static_cast<std::uint32_t>(count));
  }
  return out;
}
Stereo play(Lv2Host& plugin, const Stereo& in, std::size_t block) {
  return play(plugin, in, [block] { return block; });
}

double null_db(const Stereo& a, const Stereo& b) {
  double error = 0, energy = 0;
  for (std::size_t c = 0; c < a.size(); ++c)
    for (std::size_t n = 0; n < a[c].size(); ++n) {
      error += std::pow(double(a[c][n]) - double(b[c][n]), 2);
      energy += std::pow(double(b[c][n]), 2);
    }
  return 10 * std::log10(std::max(error, 1e-300) / energy);
}

bool is_finite(const Stereo& audio) {
  for (const auto& channel : audio)
    for (const float x : channel)
      if (!std::isfinite(x)) return false;
  return true;
}

} // namespace

TEST_CASE("An LV2 host hears what the library renders, at every block size", "[host]") {
  const Stereo in = recording(), want = rendered(in, 48000);
  for (const std::size_t block : {1u, 3u, 64u, 441u, 8192u}) {
    Lv2Host plugin(uri, 48000, 8192);
    INFO("blocks of " << block);
    CHECK(null_db(play(plugin, in, block), want) < -120);
  }
  optim::RandomStream random(1, "block sizes");
  Lv2Host plugin(uri, 48000, 8192);
  CHECK(null_db(play(plugin, in, [&] { return 1 + random.index(2000); }), want) < -120);
}

TEST_CASE("An LV2 host hears it at every sample rate", "[host]") {
  const Stereo in = recording();
  for (const double rate : {8000.0, 44100.0, 96000.0, 192000.0}) {
    Lv2Host plugin(uri, rate, 512);
    INFO(rate << " Hz");
    CHECK(null_db(play(plugin, in, 512), rendered(in, rate)) < -120);
  }
}

TEST_CASE("Parameters sent to the LV2 plugin move its sound, and its state goes round", "[host]") {
  const Stereo in = recording(), plain = rendered(in, 48000);
  Lv2Host plugin(uri, 48000, 512);
  REQUIRE(plugin.set_parameter("knob1", 0.9f));
  REQUIRE(plugin.set_parameter("mix", 0.5f));
  CHECK_FALSE(plugin.set_parameter("no_such_parameter", 0.5f));
  play(plugin, in, 512); // what moves is smoothed
  const Stereo moved = play(plugin, in, 512);
  CHECK(null_db(moved, plain) > -30);

  const std::string state = plugin.save_state();
  CHECK(state.size() < 65536);
  Lv2Host other(uri, 48000, 512);
  REQUIRE(other.restore_state(state));
  play(other, in, 512); // as the first one did, whose compressor was no longer at rest
  CHECK(null_db(play(other, in, 512), moved) < -120);
}

namespace {

/// The longest run of base64 (JUCE's, which has dots) in a state: what the plugin itself wrote. [first, last)
std::pair<std::size_t, std::size_t> payload(const std::string& state) {
  std::pair<std::size_t, std::size_t> longest{0, 0};
  for (std::size_t from = 0; from < state.size();) {
    std::size_t to = from;
    while (to < state.size()
           && (std::isalnum(static_cast<unsigned char>(state[to])) || state[to] == '+' || state[to] == '/'
               || state[to] == '.'))
      ++to;
    if (to - from > longest.second - longest.first) longest = {from, to};
    from = to + 1;
  }
  return longest;
}

} // namespace

TEST_CASE("A state that reaches the LV2 plugin broken leaves its sound as it was", "[host]") {
  const Stereo in = recording();
  Lv2Host other(uri, 48000, 512), plugin(uri, 48000, 512);
  REQUIRE(other.set_parameter("mix", 0.5f));
  play(other, in, 512);
  std::string state = other.save_state(); // of another sound, so that taking any of it would be heard
  const auto [first, last] = payload(state);
  REQUIRE(last - first > 1000);
  SECTION("its middle is overwritten") {
    std::fill(state.begin() + static_cast<std::ptrdiff_t>(first + (last - first) / 4),
              state.begin() + static_cast<std::ptrdiff_t>(first + (last - first) / 2), 'A');
  }
  SECTION("its second half is missing") {
    state.erase(first + (last - first) / 2 / 4 * 4, (last - first) / 2 / 4 * 4);
  }
  REQUIRE(plugin.restore_state(state)); // the host takes it, and hands the plugin what it holds
  CHECK(null_db(play(plugin, in, 512), rendered(in, 48000)) < -120);
}

TEST_CASE("Parameters at random give finite sound from the LV2 plugin", "[host]") {
  const Stereo in = recording();
  Lv2Host plugin(uri, 48000, 256);
  optim::RandomStream random(2, "parameters");
  const char* names[] = {
      "input_gain_db", "output_gain_db", "mix",          "stereo_link", "look_ahead_ms",
      "oversampling",  "auto_makeup",    "bypass",       "delta",       "sidechain_highpass_hz",
      "knob1",         "knob2",          "threshold_db", "ratio",       "attack_ms",
      "release_ms",    "makeup_db",      "knee_db",      "rms_ms"};
  for (const char* name : names) REQUIRE(plugin.set_parameter(name, 0.5f));
  const Stereo out = play(plugin, in, [&] {
    plugin.set_parameter(names[random.index(std::size(names))], static_cast<float>(random.uniform()));
    return 1 + random.index(256);
  });
  CHECK(is_finite(out));
}

TEST_CASE("Samples that are no numbers pass through the LV2 plugin without a trace", "[host]") {
  Stereo in = recording();
  Lv2Host plugin(uri, 48000, 512);
  in[0][100] = std::numeric_limits<float>::quiet_NaN();
  in[1][5000] = std::numeric_limits<float>::infinity();
  in[1][7000] = 1e-42f;
  CHECK(is_finite(play(plugin, in, 512)));
  in = recording();
  const Stereo out = play(plugin, in, 512), want = rendered(in, 48000);
  const auto tail = [](const Stereo& audio) {
    return Stereo{{audio[0].end() - 48000, audio[0].end()}, {audio[1].end() - 48000, audio[1].end()}};
  };
  CHECK(null_db(tail(out), tail(want)) < -60); // the compressor had not come to rest between the two
}

TEST_CASE("Blocks of no samples and many instances", "[host]") {
  const Stereo in = recording(), want = rendered(in, 48000);
  std::vector<Lv2Host> plugins;
  for (int i = 0; i < 16; ++i) plugins.emplace_back(uri, 48000, 1024);
  for (Lv2Host& plugin : plugins) {
    plugin.process({in[0].data(), in[1].data()}, {}, 0);
    CHECK(null_db(play(plugin, in, 1024), want) < -120);
  }
}
