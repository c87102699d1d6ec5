// The code against its definition, and marks through what units and recorders do to them.
#include "device.h"

#include "catch.h"
#include "optim/capture/find_marks.h"
#include "optim/capture/mark.h"
#include "optim/capture/signal.h"

using namespace raphson::optim;
using namespace raphson::optim::capture;

TEST_CASE("Every code reads back, and none with one or two bits wrong passes") {
  for (unsigned number = 0; number < mark_numbers; number += 7)
    for (unsigned plan = 0; plan < mark_plans; plan += 9) {
      const std::uint32_t bits = encode({number, plan});
      REQUIRE(bits < (1u << mark_bits));
      REQUIRE(decode(bits) == MarkCode{number, plan});
      for (int i = 0; i < mark_bits; ++i)
        for (int j = i; j < mark_bits; ++j) REQUIRE(!decode(bits ^ ((1u << i) | (1u << j))));
    }
}

TEST_CASE("A mark lasts as long as it says, at another clock's speed as well") {
  const auto last = [](const std::vector<double>& samples) {
    std::size_t n = samples.size();
    while (n > 0 && samples[n - 1] == 0) --n;
    return static_cast<double>(n);
  };
  const double plain = last(mark_samples({5, 6}, 48000)), slow = last(mark_samples({5, 6}, 48000, 1.01));
  CHECK(plain == Approx(0.8 * 48000).margin(3));
  CHECK(slow == Approx(1.01 * 0.8 * 48000).margin(3));
  for (const double x : mark_samples({5, 6}, 8000)) REQUIRE(std::abs(x) <= 1);
}

namespace {

struct Through {
  const char* what;
  Device device;
  double within; // samples
};

raphson::dsp::ChainSettings limiter() {
  raphson::dsp::ChainSettings chain = raphson::dsp::parse_chain("compressor");
  chain.set_values(std::vector<double>{-40, 100, 1, 500, 20, 0, 0, 0}); // over 20 dB of reduction
  return chain;
}

} // namespace

TEST_CASE("Marks are found where they are, whatever was done to them") {
  constexpr double rate = 16000, mark_rms = 0.1259 / 1.4142;
  SignalOptions options;
  options.sample_rate = rate;
  options.take_seconds = 15;
  Signal signal = make_signal(options);
  const std::vector<float>& played = signal.audio.channels[0];
  const Through cases[] = {
      {"nothing", {}, 1e-4},
      {"an early recording", {.delay_samples = 1234.37}, 1e-4},
      {"a fast clock", {.delay_samples = 50.25, .drift_ppm = 200}, 1e-4},
      {"a slow clock", {.delay_samples = 50.25, .drift_ppm = -200}, 1e-4},
      {"a very fast clock", {.delay_samples = 0.5, .drift_ppm = 950}, 1e-4},
      {"a compressor", {.compressor = la2a(-30), .delay_samples = 7.8}, 0.005},
      {"a limiter into clipping",
       {.compressor = limiter(), .gain = 8, .delay_samples = 7.3, .drift_ppm = 40, .clip_at = 1},
       0.005},
      {"noise at -40 dB", {.delay_samples = 7.3, .noise_rms = 0.01 * mark_rms}, 0.001},
      {"noise as loud as the marks", {.delay_samples = 7.3, .noise_rms = mark_rms}, 0.05},
      {"a wrong polarity", {.delay_samples = 3.1, .inverted = true}, 1e-4},
      {"DC", {.delay_samples = 3.1, .offset = 0.3}, 0.001},
      {"a little gain", {.gain = 1.01, .delay_samples = 3.1}, 1e-4},
      {"nearly no gain", {.gain = 0.003, .delay_samples = 3.1}, 1e-4},
  };
  for (const Through& c : cases) {
    INFO("through " << c.what);
    const std::vector<float> recording = returned(played, c.device, rate);
    const FoundMarks found = find_marks(signal.plan, recording);
    REQUIRE(found.marks.size() == signal.plan.marks.size());
    CHECK(found.foreign_plans.empty());
    CHECK(found.repeated.empty());
    const double stretch = 1 + 1e-6 * c.device.drift_ppm;
    for (const FoundMark& coarse : found.marks) {
      const FoundMark m = measure_mark(signal.plan, coarse.index, recording, coarse.position, stretch);
      const double truth =
          c.device.delay_samples + stretch * static_cast<double>(signal.plan.marks[m.index].frame);
      CHECK(m.position == Approx(truth).epsilon(0).margin(c.within));
      CHECK((m.amplitude < 0) == c.device.inverted);
    }
  }
}

TEST_CASE("A mark's amplitude and distance from noise are those of the simulation") {
  constexpr double rate = 16000;
  SignalOptions options;
  options.sample_rate = rate;
  options.take_seconds = 15;
  const Signal signal = make_signal(options);
  const Device device{.gain = 0.25, .delay_samples = 4.5, .noise_rms = 0.001};
  const std::vector<float> recording = returned(signal.audio.channels[0], device, rate);
  // Power of the played mark against that of white noise in the band which is kept: 0.9 of 1 kHz to 1.1 of
  // 6.4 kHz, of 8 kHz.
  double energy = 0;
  for (const double x : mark_samples({0, signal.plan.id}, rate)) energy += x * x;
  const double level = std::pow(10, signal.plan.mark_dbfs / 20) * device.gain;
  const double power = level * level * energy / (0.8 * rate);
  const double expected = 10 * std::log10(power / (1e-6 * (1.1 * 6400 - 0.9 * 1000) / 8000));
  const FoundMark m = measure_mark(signal.plan, 0, recording, 4.5 + double(signal.plan.marks[0].frame), 1);
  CHECK(m.amplitude == Approx(0.25).epsilon(0.005));
  CHECK(m.snr_db == Approx(expected).margin(0.5));
}

TEST_CASE("What is no mark is not taken for one") {
  SignalOptions options;
  options.sample_rate = 16000;
  options.take_seconds = 15;
  const Signal signal = make_signal(options);
  RandomStream random(3, "noise");
  std::vector<float> noise(16000 * 20);
  for (float& x : noise) x = static_cast<float>(0.1 * random.normal());
  const FoundMarks in_noise = find_marks(signal.plan, noise);
  CHECK(in_noise.marks.empty());
  CHECK(in_noise.best_correlation < 0.2);
  CHECK(find_marks(signal.plan, std::vector<float>(48000)).marks.empty());
  CHECK(find_marks(signal.plan, std::vector<float>(10, 1.0f)).marks.empty());

  // The marks of another plan are there, and are not this plan's.
  options.take_seconds = 16;
  Signal other = make_signal(options);
  REQUIRE(other.plan.id != signal.plan.id);
  const FoundMarks foreign = find_marks(signal.plan, other.audio.channels[0]);
  CHECK(foreign.marks.empty());
  CHECK(foreign.foreign_plans == std::set<unsigned>{other.plan.id});
}
