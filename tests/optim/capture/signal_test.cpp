// The signal holds what its plan says, where it says, at the levels it says.
#include "catch.h"
#include "dsp/error.h"
#include "optim/capture/mark.h"
#include "optim/capture/noise_floor.h"
#include "optim/capture/signal.h"
#include "optim/capture/sounds.h"

#include <algorithm>
#include <cmath>

using namespace raphson::optim;
using namespace raphson::optim::capture;
using raphson::InputError;

namespace {

SignalOptions small() {
  SignalOptions options;
  options.sample_rate = 16000;
  options.take_seconds = 30;
  return options;
}

double peak_db(const std::vector<float>& x, std::size_t from, std::size_t count) {
  float peak = 0;
  for (std::size_t n = from; n < from + count; ++n) peak = std::max(peak, std::abs(x[n]));
  return 20 * std::log10(static_cast<double>(peak));
}

const PlanPart& part(const Plan& plan, const std::string& kind) {
  return *std::find_if(plan.parts.begin(), plan.parts.end(),
                       [&](const PlanPart& p) { return p.kind == kind; });
}

/// Of a tone, from its zero crossings.
double frequency(const std::vector<double>& x, std::size_t from, std::size_t count, double rate) {
  int crossings = 0;
  for (std::size_t n = from; n < from + count; ++n) crossings += (x[n] < 0) != (x[n + 1] < 0);
  return 0.5 * crossings * rate / static_cast<double>(count);
}

std::string refusal(const SignalOptions& options, const std::vector<Appended>& appended = {}) {
  try {
    make_signal(options, appended);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

} // namespace

TEST_CASE("Every part is where the plan says, at its level") {
  const Signal signal = make_signal(small());
  const Plan& plan = signal.plan;
  const std::vector<float>& x = signal.audio.channels[0];
  REQUIRE(plan.frames == x.size());
  CHECK(plan.seconds(plan.takes[0].end - plan.takes[0].begin) == Approx(30).margin(0.01));
  std::vector<std::string> kinds;
  for (const PlanPart& p : plan.parts) {
    kinds.push_back(p.kind);
    INFO(p.kind);
    CHECK(!p.identifies.empty());
    if (p.loudest_dbfs)
      CHECK(peak_db(x, p.frame, p.frames) == Approx(*p.loudest_dbfs).margin(0.1));
    else
      CHECK(std::all_of(x.begin() + std::ptrdiff_t(p.frame), x.begin() + std::ptrdiff_t(p.frame + p.frames),
                        [](float s) { return s == 0; }));
  }
  CHECK(kinds == std::vector<std::string>{"noise_floor", "sweep", "steps", "bursts", "ramp", "programme"});
  CHECK(peak_db(x, 0, x.size()) == Approx(-6).margin(0.01));
}

TEST_CASE("Every mark is the sound its number makes, alone in silence") {
  const Signal signal = make_signal(small());
  const std::vector<float>& x = signal.audio.channels[0];
  for (const PlanMark& mark : signal.plan.marks) {
    const std::vector<double> sound = mark_samples({mark.number, signal.plan.id}, 16000);
    for (std::size_t n = 0; n < sound.size(); ++n)
      REQUIRE(double(x[mark.frame + n]) == Approx(std::pow(10, -18.0 / 20) * sound[n]).margin(1e-6));
    for (std::size_t n = 1; n < 4000; ++n) {
      REQUIRE(x[mark.frame - n] == 0);
      REQUIRE(x[mark.frame + sound.size() + n] == 0);
    }
  }
}

TEST_CASE("The steps and the ramp are at the levels of their formulas") {
  const Signal signal = make_signal(small());
  const std::vector<float>& x = signal.audio.channels[0];
  const PlanPart& steps = part(signal.plan, "steps");
  const std::size_t half = steps.frames / 12;
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(peak_db(x, steps.frame + (2 * i) * half + 200, half - 400) == Approx(-36).margin(0.05));
    CHECK(peak_db(x, steps.frame + (2 * i + 1) * half + 200, half - 400)
          == Approx(-36 + 5.0 * double(i + 1)).margin(0.05));
  }
  const PlanPart& ramp = part(signal.plan, "ramp");
  for (const double at : {0.1, 0.25, 0.4}) {
    const auto frame = ramp.frame + static_cast<std::size_t>(at * double(ramp.frames));
    CHECK(peak_db(x, frame - 40, 80) == Approx(-60 + 54 * 2 * at).margin(0.4));
  }
}

TEST_CASE("The same seed gives the same samples, another one other noise and other marks") {
  SignalOptions options = small();
  const Signal a = make_signal(options), b = make_signal(options);
  CHECK(checksum(a.audio.channels) == checksum(b.audio.channels));
  options.seed = 1;
  const Signal c = make_signal(options);
  CHECK(c.plan.id != a.plan.id);
  CHECK(checksum(c.audio.channels) != checksum(a.audio.channels));
}

TEST_CASE("Takes hold the same sounds and marks of their own; channels alone have theirs") {
  SignalOptions options = small();
  options.takes = 3;
  options.channels = 2;
  options.pause_seconds = 2;
  const Signal signal = make_signal(options);
  const Plan& plan = signal.plan;
  REQUIRE(plan.takes.size() == 3);
  CHECK(plan.marks.size() == 3 * 8);
  CHECK(plan.seconds(plan.takes[1].begin - plan.takes[0].end) == Approx(2));
  for (std::size_t i = 0; i < plan.marks.size(); ++i) {
    CHECK(plan.marks[i].number == i);
    const PlanMark& mark = plan.marks[i];
    const double db[] = {peak_db(signal.audio.channels[0], mark.frame, 3200),
                         peak_db(signal.audio.channels[1], mark.frame, 3200)};
    for (const std::size_t c : {0u, 1u}) CHECK((db[c] > -20) == (!mark.channel || *mark.channel == c));
  }
  for (std::size_t i = 0; i < 6; ++i)
    for (std::size_t n = 0; n < plan.parts[i].frames; ++n)
      REQUIRE(signal.audio.channels[0][plan.parts[i].frame + n]
              == signal.audio.channels[1][plan.parts[i + 12].frame + n]);
}

TEST_CASE("A recording of one's own is appended to each take, at the signal's rate") {
  SignalOptions options = small();
  options.takes = 2;
  data::Audio own{8000, {std::vector<float>(8000)}};
  for (std::size_t n = 0; n < 8000; ++n)
    own.channels[0][n] = static_cast<float>(0.3 * std::sin(0.2 * double(n)));
  const Signal signal = make_signal(options, {{"own.wav", own}});
  std::size_t found = 0;
  for (const PlanPart& p : signal.plan.parts) {
    if (p.kind != "recording") continue;
    ++found;
    CHECK(p.file == "own.wav");
    REQUIRE(p.frames == 16000);
    for (std::size_t n = 4000; n < 12000; ++n)
      REQUIRE(double(signal.audio.channels[0][p.frame + n])
              == Approx(0.3 * std::sin(0.1 * double(n))).margin(1e-4));
  }
  CHECK(found == 2);
  options.channels = 3;
  own.channels.push_back(own.channels[0]);
  CHECK(refusal(options, {{"own.wav", own}}).find("own.wav has 2 channels and the signal 3") == 0);
}

TEST_CASE("Options that make no signal are refused by their names") {
  const auto with = [](auto change) {
    SignalOptions options = small();
    change(options);
    return refusal(options);
  };
  CHECK(with([](SignalOptions& o) { o.sample_rate = 4000; }).starts_with("--rate: 4000 is outside 8000"));
  CHECK(with([](SignalOptions& o) { o.sample_rate = NAN; }).starts_with("--rate"));
  CHECK(with([](SignalOptions& o) { o.sample_rate = 44100.5; }).starts_with("--rate"));
  CHECK(with([](SignalOptions& o) { o.channels = 0; }).starts_with("--channels"));
  CHECK(with([](SignalOptions& o) { o.takes = 101; }).starts_with("--settings"));
  CHECK(with([](SignalOptions& o) { o.take_seconds = 5; }).starts_with("--length"));
  CHECK(with([](SignalOptions& o) { o.channels = 12; }).starts_with("--length"));
  CHECK(with([](SignalOptions& o) {
          o.take_seconds = 600, o.channels = 64, o.takes = 60;
        }).starts_with("--settings"));
  CHECK(with([](SignalOptions& o) { o.loudest_dbfs = 3; }).starts_with("--level"));
  CHECK(with([](SignalOptions& o) { o.lowest_dbfs = -10; }).starts_with("--lowest"));
  CHECK(with([](SignalOptions& o) { o.sweep_dbfs = 0; }).starts_with("--sweep-level"));
  CHECK(with([](SignalOptions&) {}).empty());
}

TEST_CASE("The sweep has the frequency of its formula") {
  const std::vector<double> x = log_sweep(160000, 16000, 20, 6720);
  for (const double at : {0.3, 0.6, 0.9}) {
    const auto frame = static_cast<std::size_t>(at * 160000);
    // Over 1000 samples about there the frequency rises by half a percent or so, evenly about its mean.
    CHECK(frequency(x, frame - 2000, 4000, 16000) == Approx(20 * std::pow(6720.0 / 20, at)).epsilon(0.02));
  }
}

TEST_CASE("Pink noise has as much power in each octave, and none where converters have none") {
  RandomStream random(4, "pink");
  const std::vector<double> x = pink_noise(480000, 48000, random);
  const std::vector<float> samples(x.begin(), x.end());
  const NoiseFloor level = noise_floor(samples, 48000);
  CHECK(level.dbfs == Approx(0).margin(0.2));
  // 40 Hz to 20 kHz are ln(500) / ln(2) octaves.
  for (const NoiseBand& band : level.bands)
    if (band.centre_hz >= 125 && band.centre_hz <= 8000) {
      INFO(band.centre_hz);
      CHECK(band.dbfs == Approx(-10 * std::log10(std::log2(500.0))).margin(0.6));
    }
}

TEST_CASE("The envelope of speech is loud, quiet and silent in turn") {
  RandomStream random(4, "speech");
  const std::vector<double> x = speech_envelope(16000 * 60, 16000, random);
  CHECK(*std::max_element(x.begin(), x.end()) == Approx(1));
  CHECK(*std::min_element(x.begin(), x.end()) == 0);
  const auto above = [&](double gain) {
    return double(std::count_if(x.begin(), x.end(), [&](double v) { return v > gain; })) / double(x.size());
  };
  CHECK(above(0.5) > 0.02);
  CHECK(above(0.5) < 0.3);
  CHECK(above(0.01) > 0.5);
  CHECK(above(0.001) < 0.97);
}
