// Audio through the juce::AudioProcessor interface against the library's own renderer, and what careless
// hosts do.
#include "catch.h"
#include "dsp/chain/processor.h"
#include "dsp/model/knob_map.h"
#include "optim/data/audio_file.h"
#include "plugin/plugin_fixture.h"

#include <cmath>

using raphson::test::Plugin;

namespace {

using raphson::optim::data::read_audio;

std::vector<float> recording() {
  return read_audio(RAPHSON_SOURCE_DIR "/assets/recordings/la2a-dry.flac").channels[0];
}

/// Level of the difference over that of the reference, in dB.
double null_db(const std::vector<float>& reference, const std::vector<double>& got, std::size_t latency = 0) {
  double difference = 0, energy = 0;
  for (std::size_t n = 0; n + latency < got.size(); ++n) {
    const double x = static_cast<double>(reference[n]);
    difference += (got[n + latency] - x) * (got[n + latency] - x);
    energy += x * x;
  }
  return 10 * std::log10(difference / energy + 1e-30);
}

std::vector<float> rendered(const raphson::dsp::ChainSettings& chain, const std::vector<float>& in) {
  std::vector<float> out(in.size());
  raphson::dsp::ChainProcessor(chain, 48000).process(std::span<const float>(in), std::span<float>(out));
  return out;
}

raphson::dsp::ChainSettings sounding_chain(Plugin& plugin) { return plugin.processor.sounding_model().chain; }

using Layout = juce::AudioProcessor::BusesLayout;

Layout layout(int channels, int sidechain) {
  Layout buses;
  const auto set = [](int n) {
    return n == 0   ? juce::AudioChannelSet::disabled()
           : n == 1 ? juce::AudioChannelSet::mono()
           : n == 2 ? juce::AudioChannelSet::stereo()
                    : juce::AudioChannelSet::discreteChannels(n);
  };
  buses.inputBuses = {set(channels), set(sidechain)};
  buses.outputBuses = {set(channels)};
  return buses;
}

/// Every channel hears `in` at another level; what comes out of each, scaled back.
template <class Sample>
std::vector<std::vector<double>> play(raphson::plugin::Processor& processor, const std::vector<float>& in,
                                      int channels, const std::vector<int>& blocks) {
  std::vector<std::vector<double>> out(static_cast<std::size_t>(channels));
  juce::MidiBuffer midi;
  std::size_t from = 0;
  for (std::size_t b = 0; from < in.size(); ++b) {
    const auto count = std::min(static_cast<std::size_t>(blocks[b % blocks.size()]), in.size() - from);
    juce::AudioBuffer<Sample> audio(std::max(processor.getTotalNumInputChannels(), channels),
                                    static_cast<int>(count));
    audio.clear();
    for (int c = 0; c < channels; ++c)
      for (std::size_t n = 0; n < count; ++n) audio.setSample(c, static_cast<int>(n), in[from + n]);
    processor.processBlock(audio, midi);
    for (int c = 0; c < channels; ++c)
      for (std::size_t n = 0; n < count; ++n)
        out[static_cast<std::size_t>(c)].push_back(
            static_cast<double>(audio.getSample(c, static_cast<int>(n))));
    from += count;
  }
  return out;
}

} // namespace

TEST_CASE("The plugin plays what the library renders, whatever the blocks", "[plugin]") {
  const std::vector<float> in = recording();
  const int channels = GENERATE(1, 2, 8);
  const std::vector<int> blocks =
      GENERATE(std::vector{1}, std::vector{64}, std::vector{441, 1, 1000}, std::vector{8192});
  const bool is_double = GENERATE(false, true);
  Plugin plugin;
  REQUIRE(plugin.processor.setBusesLayout(layout(channels, 0)));
  plugin.processor.setProcessingPrecision(is_double ? juce::AudioProcessor::doublePrecision
                                                    : juce::AudioProcessor::singlePrecision);
  plugin.processor.prepareToPlay(48000, 8192);
  const auto part = blocks[0] == 1 ? std::vector<float>(in.begin(), in.begin() + 24000) : in;
  const auto out = is_double ? play<double>(plugin.processor, part, channels, blocks)
                             : play<float>(plugin.processor, part, channels, blocks);
  const auto expected = rendered(sounding_chain(plugin), part);
  for (const auto& channel : out) CHECK(null_db(expected, channel) < -120);
}

TEST_CASE("Overrides, knobs and every factory preset with mix at 100 % play as the model saved from them",
          "[plugin]") {
  const std::vector<float> in = recording();
  const int preset = GENERATE(0, 1, 2, 3, 4, 5, 6);
  Plugin plugin;
  plugin.processor.presets().load(static_cast<std::size_t>(preset));
  for (const char* id : {"stereo_link", "sidechain_highpass_hz", "look_ahead_ms", "oversampling"})
    plugin.automate(id, plugin.parameter(id).convertFrom0to1(plugin.parameter(id).getDefaultValue()));
  plugin.automate("mix", 100);
  plugin.automate("ratio", 3.3);
  plugin.automate("knob1", 0.77);
  plugin.processor.prepareToPlay(48000, 512);
  const auto out = play<float>(plugin.processor, in, 2, {512});
  CHECK(null_db(rendered(sounding_chain(plugin), in), out[1]) < -120);
}

TEST_CASE("The latency reported is the latency heard", "[plugin]") {
  const std::vector<float> in = recording();
  const double look_ahead = GENERATE(0.0, 5.0, 20.0);
  const int oversampling = GENERATE(1, 2, 4);
  Plugin plugin;
  plugin.processor.prepareToPlay(48000, 512);
  plugin.automate("look_ahead_ms", look_ahead);
  plugin.automate("oversampling", std::log2(oversampling));
  plugin.automate("bypass", 1);
  plugin.processor.reset();
  const auto latency = static_cast<std::size_t>(plugin.processor.getLatencySamples());
  CHECK(latency >= static_cast<std::size_t>(look_ahead * 48));
  const auto out = play<float>(plugin.processor, in, 2, {512});
  CHECK(null_db(in, out[0], latency) < -120);
}

TEST_CASE("Bypassed by the host itself, the input passes as late as ever", "[plugin]") {
  const std::vector<float> in = recording();
  Plugin plugin;
  plugin.automate("look_ahead_ms", 5);
  plugin.processor.prepareToPlay(48000, 512);
  juce::AudioBuffer<float> audio(2, static_cast<int>(in.size()));
  for (int c = 0; c < 2; ++c) audio.copyFrom(c, 0, in.data(), static_cast<int>(in.size()));
  juce::MidiBuffer midi;
  plugin.processor.processBlockBypassed(audio, midi);
  const std::vector<double> out(audio.getReadPointer(0), audio.getReadPointer(0) + audio.getNumSamples());
  CHECK(plugin.processor.getLatencySamples() == 240);
  CHECK(null_db(in, out, 240) < -120);
}

TEST_CASE("The external side-chain, mono or stereo, drives the compressor", "[plugin]") {
  const int sidechain = GENERATE(1, 2);
  const bool on = GENERATE(false, true);
  Plugin plugin;
  REQUIRE(plugin.processor.setBusesLayout(layout(2, sidechain)));
  plugin.automate("external_sidechain", on);
  plugin.processor.prepareToPlay(48000, 4800);
  juce::AudioBuffer<float> audio(2 + sidechain, 4800);
  juce::MidiBuffer midi;
  float last = 0;
  for (int block = 0; block < 20; ++block) { // quiet audio, loud side-chain
    for (int c = 0; c < audio.getNumChannels(); ++c)
      for (int n = 0; n < 4800; ++n)
        audio.setSample(c, n, (c < 2 ? 0.001f : 1.0f) * std::sin(0.13f * float(n)));
    plugin.processor.processBlock(audio, midi);
    last = audio.getMagnitude(0, 0, 4800);
  }
  const auto makeup = static_cast<float>(std::pow(10, plugin.effective("makeup_db") / 20));
  if (on)
    CHECK(last < 0.5f * 0.001f * makeup);
  else
    CHECK(last == Approx(0.001f * makeup).epsilon(0.01));
}

TEST_CASE("Layouts: as many channels out as in, one to eight, side-chain none, mono or stereo", "[plugin]") {
  Plugin plugin;
  for (int channels = 1; channels <= 8; ++channels)
    for (const int sidechain : {0, 1, 2})
      CHECK(plugin.processor.checkBusesLayoutSupported(layout(channels, sidechain)));
  CHECK_FALSE(plugin.processor.checkBusesLayoutSupported(layout(0, 0)));
  CHECK_FALSE(plugin.processor.checkBusesLayoutSupported(layout(9, 0)));
  CHECK_FALSE(plugin.processor.checkBusesLayoutSupported(layout(2, 3)));
  Layout uneven = layout(2, 0);
  uneven.outputBuses.set(0, juce::AudioChannelSet::mono());
  CHECK_FALSE(plugin.processor.checkBusesLayoutSupported(uneven));
}

TEST_CASE("Careless hosts: unprepared, empty, too few or many channels, odd rates, not a number",
          "[plugin]") {
  Plugin plugin;
  juce::MidiBuffer midi;
  const auto play_buffer = [&](int channels, int samples, float value) {
    juce::AudioBuffer<float> audio(channels, samples);
    for (int c = 0; c < channels; ++c)
      for (int n = 0; n < samples; ++n) audio.setSample(c, n, value);
    plugin.processor.processBlock(audio, midi);
    return audio;
  };
  CHECK(play_buffer(2, 64, 0.5f).getSample(1, 63) == 0.5f); // unprepared: as it was
  for (const double rate : {0.0, 8000.0, 192000.0, 1e9}) {
    plugin.processor.prepareToPlay(rate, 64);
    for (const int channels : {0, 1, 2, 5})
      for (const int samples : {0, 1, 64, 100000}) {
        const auto out = play_buffer(channels, samples, 0.1f);
        for (int c = 0; c < std::min(channels, 2) && samples > 0; ++c)
          REQUIRE(std::isfinite(out.getSample(c, samples - 1)));
      }
  }
  plugin.processor.prepareToPlay(48000, 64);
  play_buffer(2, 64, std::numeric_limits<float>::quiet_NaN());
  play_buffer(2, 64, std::numeric_limits<float>::infinity());
  const auto out = play_buffer(2, 64, 0.01f);
  CHECK(std::isfinite(out.getSample(0, 63)));
  plugin.processor.releaseResources();
  plugin.processor.reset();
  play_buffer(2, 64, 0.1f);
}

TEST_CASE("Silence stays silence, to the bit", "[plugin]") {
  Plugin plugin;
  plugin.processor.prepareToPlay(48000, 512);
  juce::AudioBuffer<float> audio(2, 48000);
  audio.clear();
  juce::MidiBuffer midi;
  plugin.processor.processBlock(audio, midi);
  CHECK(audio.getMagnitude(0, 48000) == 0);
}

TEST_CASE("Another model comes in without a click", "[plugin]") {
  Plugin plugin;
  plugin.processor.prepareToPlay(48000, 256);
  juce::MidiBuffer midi;
  float last = 0, steepest = 0;
  std::size_t time = 0;
  const auto play_blocks = [&](int blocks) {
    for (int b = 0; b < blocks; ++b) {
      juce::AudioBuffer<float> audio(2, 256);
      for (int n = 0; n < 256; ++n, ++time) {
        const auto x = static_cast<float>(0.3 * std::sin(0.02 * static_cast<double>(time)));
        audio.setSample(0, n, x);
        audio.setSample(1, n, x);
      }
      plugin.processor.processBlock(audio, midi);
      for (int n = 0; n < 256; ++n) {
        if (time > 4800) steepest = std::max(steepest, std::abs(audio.getSample(0, n) - last));
        last = audio.getSample(0, n);
      }
    }
  };
  play_blocks(100);
  const float before = steepest;
  plugin.processor.adopt_model({"Plain", raphson::dsp::parse_chain("compressor"), {}, {}, {}, {}});
  play_blocks(100);
  CHECK(steepest < 3 * before);
  CHECK(last != 0);
}
