// Captures through a simulated device: what split says of them against what the device did.
#include "device.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/capture/signal.h"
#include "optim/capture/split.h"
#include "optim/match/match.h"

using namespace raphson::optim;
using namespace raphson::optim::capture;
using raphson::InputError;

namespace {

constexpr double rate = 16000;
#ifdef RAPHSON_SANITIZE
constexpr double long_take = 20; // sanitizers take ten times as long
#else
constexpr double long_take = 60;
#endif

Signal signal_of(double seconds = 20, std::size_t takes = 1, std::size_t channels = 1) {
  SignalOptions options;
  options.sample_rate = rate;
  options.take_seconds = seconds;
  options.takes = takes;
  options.channels = channels;
  options.pause_seconds = 1;
  Signal signal = make_signal(options);
  signal.plan.audio = "played.wav";
  signal.plan.checksum = checksum(signal.audio.channels);
  return signal;
}

Splitter split(const Signal& signal, std::vector<std::vector<float>> recording, SplitOptions options = {}) {
  return Splitter(signal.plan, {signal.audio, "played.wav"}, {{rate, std::move(recording)}, "returned.wav"},
                  std::move(options));
}

std::string refusal(const Signal& signal, std::vector<std::vector<float>> recording,
                    SplitOptions options = {}) {
  try {
    split(signal, std::move(recording), std::move(options));
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& word) { return text.find(word) != text.npos; }

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += text + "\n";
  return all;
}

/// Of the recording behind the played file at the begin mark of a take.
double true_delay(const Device& device, const Plan& plan, std::size_t take) {
  for (const PlanMark& mark : plan.marks)
    if (mark.take == take && mark.role == MarkRole::begin)
      return device.delay_samples + 1e-6 * device.drift_ppm * static_cast<double>(mark.frame);
  return NAN;
}

std::vector<float> direct(const Signal& signal, const Device& device) {
  std::vector<float> wet = compressed(signal.audio.channels[0], device, rate);
  for (float& x : wet) x *= static_cast<float>(device.gain);
  return wet;
}

} // namespace

TEST_CASE("A pair is what it would be without delay, drift, polarity and offset") {
  const Signal signal = signal_of(long_take);
  const double quiet = 1e-3 * 0.02; // -60 dB of the programme's rms
  const Device devices[] = {
      {},
      {.delay_samples = 0.5},
      {.delay_samples = 4321.37},
      {.compressor = la2a(), .delay_samples = 100.4},
      {.compressor = la2a(), .delay_samples = 77.77, .drift_ppm = 200},
      {.compressor = la2a(), .delay_samples = 77.77, .drift_ppm = -200, .inverted = true},
      {.compressor = la2a(-40), .gain = 1.01, .delay_samples = 60 * rate + 0.123, .drift_ppm = 0.5},
      {.compressor = la2a(),
       .delay_samples = 9.9,
       .drift_ppm = 35,
       .inverted = true,
       .offset = 0.02,
       .noise_rms = quiet},
  };
  for (const Device& device : devices) {
    INFO("delay " << device.delay_samples << ", drift " << device.drift_ppm);
    const Splitter splitter = split(signal, {returned(signal.audio.channels[0], device, rate)});
    CHECK(splitter.drift_ppm() == Approx(device.drift_ppm).epsilon(0).margin(0.01));
    const TakePair pair = splitter.cut(0);
    const TakeChannel& c = pair.channels.at(0);
    CHECK(c.delay_samples == Approx(true_delay(device, signal.plan, 0)).epsilon(0).margin(0.01));
    CHECK(c.inverted == device.inverted);
    CHECK(c.clipped_samples == 0);
    REQUIRE(pair.dry.frames() == pair.wet.frames());
    const std::size_t begin = signal.plan.takes[0].begin;
    CHECK(esr(pair.dry.channels[0], signal.audio.channels[0], begin) == 0);
    CHECK(esr(pair.wet.channels[0], direct(signal, device), begin) < 1e-5);
  }
}

TEST_CASE("Without a device the pair is the played samples, to the bit") {
  const Signal signal = signal_of();
  std::vector<float> late(1000);
  late.insert(late.end(), signal.audio.channels[0].begin(), signal.audio.channels[0].end());
  const TakePair pair = split(signal, {late}).cut(0);
  CHECK(pair.wet.channels[0] == pair.dry.channels[0]);
  CHECK(pair.channels[0].delay_samples == Approx(1000).epsilon(0).margin(1e-4));
  CHECK(pair.warnings.empty());
}

TEST_CASE("Two settings give two pairs, and match finds the compressor of each") {
  const Signal signal = signal_of(long_take, 2);
  const double thresholds[] = {-19.8358, -30};
  // Turning the knobs changes the unit between the takes; the recorder runs on.
  const std::size_t turn = (signal.plan.takes[0].end + signal.plan.takes[1].begin) / 2;
  std::vector<float> wet;
  for (const std::size_t take : {0u, 1u}) {
    const Device unit{.compressor = la2a(thresholds[take])};
    const auto from = signal.audio.channels[0].begin();
    const std::vector<float> part(take ? from + std::ptrdiff_t(turn) : from,
                                  take ? signal.audio.channels[0].end() : from + std::ptrdiff_t(turn));
    const std::vector<float> out = compressed(part, unit, rate);
    wet.insert(wet.end(), out.begin(), out.end());
  }
  const Device recorder{.delay_samples = 333.3, .drift_ppm = -120, .inverted = true, .noise_rms = 2e-5};
  const Splitter splitter = split(signal, {returned(wet, recorder, rate)});
  CHECK(splitter.takes() == std::vector<std::size_t>{0, 1});
  for (const std::size_t take : splitter.takes()) {
    const TakePair pair = splitter.cut(take);
    CHECK(pair.channels[0].delay_samples
          == Approx(true_delay(recorder, signal.plan, take)).epsilon(0).margin(0.05));
    match::MatchOptions options;
    options.held_out = false;
    options.threads = 2;
    const match::MatchResult result = match::match(pair.dry, pair.wet, options);
    const double expected[] = {thresholds[take], 4.28901, 3.84972, 254.912, 0.423801};
    REQUIRE(result.parameters.size() == 5);
    for (std::size_t i = 0; i < 5; ++i) {
      INFO(result.parameters[i].name << " of take " << take + 1);
      CHECK(result.parameters[i].value == Approx(expected[i]).epsilon(0.01));
    }
    CHECK(std::abs(result.alignment.delay_samples) < 0.02);
    CHECK(result.esr < 1e-4);
  }
}

TEST_CASE("The noise floor of each take, its clipping and DC are told") {
  const Signal signal = signal_of();
  const Device device{.gain = 3, .offset = 0.05, .noise_rms = 1e-3, .clip_at = 1};
  const std::vector<float> recording = returned(signal.audio.channels[0], device, rate);
  std::size_t clipped = 0, run = 0;
  for (const float x : recording) {
    run = std::abs(x) >= 0.9999f ? run + 1 : 0;
    clipped += run == 3 ? 3 : run > 3 ? 1 : 0;
  }
  REQUIRE(clipped > 100);
  const TakePair pair = split(signal, {recording}).cut(0);
  const TakeChannel& c = pair.channels[0];
  CHECK(c.noise.dbfs == Approx(-60).margin(0.3));
  CHECK(c.noise.offset == Approx(0.05).epsilon(0.01));
  CHECK(c.clipped_samples == clipped);
  CHECK(contains(joined(pair.warnings), std::to_string(clipped) + " samples are clipped"));
  CHECK(contains(joined(pair.warnings), "offset (DC) of 0.050"));
  CHECK(!contains(joined(pair.warnings), "noise floor"));

  Device noisy{.noise_rms = 0.01};
  const TakePair in_noise = split(signal, {returned(signal.audio.channels[0], noisy, rate)}).cut(0);
  CHECK(in_noise.channels[0].noise.dbfs == Approx(-40).margin(0.3));
  CHECK(contains(joined(in_noise.warnings), "the noise floor, "));

  Device low{.gain = 2, .clip_at = 0.7}; // a converter that clips before the file is full
  const TakePair flat = split(signal, {returned(signal.audio.channels[0], low, rate)}).cut(0);
  CHECK(contains(joined(flat.warnings), "samples lie flat at -3.1 dBFS"));
}

TEST_CASE("Of a stereo unit crosstalk, polarity and delay are told by channel") {
  const Signal signal = signal_of(30, 1, 2);
  const std::vector<float>&left = signal.audio.channels[0], &right = signal.audio.channels[1];
  const double into_right = 0.02, into_left = 0.001;
  std::vector<std::vector<float>> recording(2, std::vector<float>(left.size() + 8000));
  for (std::size_t n = 0; n < left.size(); ++n) {
    recording[0][n + 500] = static_cast<float>(left[n] + into_left * right[n]);
    recording[1][n + 503] = static_cast<float>(-0.5 * (right[n] + into_right * left[n]));
  }
  const Splitter splitter = split(signal, recording);
  const TakePair pair = splitter.cut(0);
  REQUIRE(pair.channels.size() == 2);
  CHECK(pair.channels[0].delay_samples == Approx(500).epsilon(0).margin(0.01));
  CHECK(pair.channels[1].delay_samples == Approx(503).epsilon(0).margin(0.01));
  CHECK(!pair.channels[0].inverted);
  CHECK(pair.channels[1].inverted);
  REQUIRE(pair.channels[0].crosstalk.size() == 1);
  // Against the channel's own level, so that the recorded gain of the other one counts.
  CHECK(pair.channels[0].crosstalk[0].db == Approx(20 * std::log10(0.5 * into_right)).margin(0.2));
  CHECK(pair.channels[1].crosstalk[0].db == Approx(20 * std::log10(into_left / 0.5)).margin(0.2));
  CHECK(contains(joined(pair.warnings), "channel 2 is upside down against channel 1"));
  CHECK(contains(joined(pair.warnings), "channel 2 comes 3 samples later than channel 1"));
  for (const std::size_t c : {0u, 1u})
    CHECK(esr(pair.wet.channels[c], pair.dry.channels[c]) < (c ? 0.3 : 1e-3)); // c 1: at half the level
}

TEST_CASE("The channels to take are chosen, or asked for") {
  const Signal mono = signal_of();
  const std::vector<float>& played = mono.audio.channels[0];
  const std::vector<float> silent(played.size());
  const std::string asked = refusal(mono, {silent, played});
  CHECK(contains(asked, "returned.wav holds 2 channels and the plan has 1 channel"));
  CHECK(contains(asked, "--channel"));
  CHECK(contains(asked, "marks are in 2"));
  CHECK(split(mono, {silent, played}, {.channels = {1}}).cut(0).wet.channels.size() == 1);
  CHECK(contains(refusal(mono, {silent, played}, {.channels = {0}}),
                 "returned.wav, channel 1: none of the plan's"));
  CHECK(contains(refusal(mono, {played}, {.channels = {4}}), "--channel: there is no channel 5"));
  CHECK(contains(refusal(mono, {played, played}, {.channels = {0, 1}}), "--channel: 2 channels given"));
  const Signal stereo = signal_of(30, 1, 2);
  CHECK(contains(refusal(stereo, {stereo.audio.channels[0]}), "holds 1 channel and the plan has 2 channels"));
}

TEST_CASE("A recording that is cut short is refused by the marks it lacks, or cut as far as it is whole") {
  const Signal signal = signal_of(15, 2);
  std::vector<float> recording = signal.audio.channels[0];
  recording.resize(signal.plan.marks[8].frame); // in take 2
  const std::string text = refusal(signal, {recording});
  CHECK(contains(text, "returned.wav"));
  CHECK(contains(text, "cut short"));
  CHECK(contains(text, "mark 8 (within take 2, at "));
  CHECK(contains(text, "mark 11 (end of take 2, at "));
  CHECK(contains(text, "--partial"));
  const Splitter partial = split(signal, {recording}, {.partial = true});
  CHECK(partial.takes() == std::vector<std::size_t>{0});
  CHECK(contains(joined(partial.warnings()), "mark 11 (end of take 2"));
  CHECK(partial.cut(0).wet.channels[0] == partial.cut(0).dry.channels[0]);

  // The start is missing.
  const std::vector<float> late(signal.audio.channels[0].begin() + 40000, signal.audio.channels[0].end());
  CHECK(contains(refusal(signal, {late}), "mark 0 (begin of take 1, at 0:01)"));
  const Signal one = signal_of(15);
  recording = one.audio.channels[0];
  recording.resize(recording.size() / 2);
  CHECK(contains(refusal(one, {recording}, {.partial = true}), "cut short"));
}

TEST_CASE("Recordings of something else are refused by what is wrong with them") {
  const Signal signal = signal_of();
  RandomStream random(8, "music");
  std::vector<float> noise(30 * 16000);
  for (float& x : noise) x = static_cast<float>(0.1 * random.normal());
  CHECK(contains(refusal(signal, {noise}), "none of the plan's 6 marks was found"));
  CHECK(contains(refusal(signal, {std::vector<float>(30 * 16000)}), "none of the plan's 6 marks was found"));
  CHECK(contains(refusal(signal, {signal_of(25).audio.channels[0]}), "marks of another signal"));

  // Played at 48 kHz in a session of 44.1: higher, and over sooner.
  const Device fast{.drift_ppm = (44100.0 / 48000 - 1) * 1e6};
  const std::string speed = refusal(signal, {returned(signal.audio.channels[0], fast, rate)});
  CHECK(contains(speed, "1.0884 times its speed"));
  CHECK(contains(speed, "16000 Hz"));

  Signal changed = signal;
  changed.audio.channels[0][12345] += 0.01f;
  CHECK(contains(refusal(changed, {signal.audio.channels[0]}), "played.wav: it is not the file"));
}

TEST_CASE("A recording at another rate is brought to the plan's, and said so") {
  const Signal signal = signal_of();
  const Device device{.delay_samples = 12.5,
                      .drift_ppm = 1e6 * (24000.0 / rate - 1)}; // 24000 samples a second
  const std::vector<float> recording = returned(signal.audio.channels[0], device, rate);
  const Splitter splitter(signal.plan, {signal.audio, "played.wav"}, {{24000, {recording}}, "returned.wav"});
  CHECK(contains(joined(splitter.warnings()), "resampled from 24000 Hz to 16000 Hz"));
  const TakePair pair = splitter.cut(0);
  CHECK(pair.channels[0].delay_samples == Approx(12.5 * rate / 24000).epsilon(0).margin(0.01));
  CHECK(splitter.drift_ppm() == Approx(0).margin(0.01));
  CHECK(esr(pair.wet.channels[0], pair.dry.channels[0]) < 1e-5);
}

TEST_CASE("Lost samples are told by where they were lost") {
  const Signal signal = signal_of();
  std::vector<float> recording = signal.audio.channels[0];
  const auto at =
      recording.begin() + std::ptrdiff_t((signal.plan.marks[3].frame + signal.plan.marks[4].frame) / 2);
  recording.erase(at, at + 64);
  const Splitter splitter = split(signal, {recording});
  CHECK(contains(joined(splitter.warnings()), "between mark 3 (within take 1"));
  CHECK(contains(joined(splitter.warnings()), "lost 64 samples"));
  CHECK(splitter.drift_ppm() == Approx(0).margin(0.01));
}

TEST_CASE("A start that was repeated counts the last time") {
  const Signal signal = signal_of();
  const std::vector<float>& played = signal.audio.channels[0];
  std::vector<float> recording(played.begin(), played.begin() + std::ptrdiff_t(played.size() / 2));
  const double delay = static_cast<double>(recording.size());
  recording.insert(recording.end(), played.begin(), played.end());
  const Splitter splitter = split(signal, {recording});
  CHECK(contains(joined(splitter.warnings()), "recorded more than once"));
  CHECK(splitter.cut(0).channels[0].delay_samples == Approx(delay).epsilon(0).margin(0.01));
}
