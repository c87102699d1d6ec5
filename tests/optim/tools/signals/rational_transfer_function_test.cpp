#include "optim/tools/signals/rational_report.h"

#include "catch.h"
#include "dsp/error.h"
#include "dsp/model/model_file.h"
#include "optim/data/audio_file.h"
#include "optim/data/scratch_folder.h"
#include "optim/engine/resonant_device.h"
#include "optim/tools/signals/rational_plots.h"
#include "optim/tools/signals/rational_transfer_function_demo.h"
#include "optim/tools/signals/transfer_estimate.h"
#include "tool_demo.h"

#include <cmath>
#include <fstream>
#include <numbers>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

namespace {
constexpr double rate = device_rate;
}

TEST_CASE("A constant delay is measured and taken off, what a filter delays is not") {
  const Recording dry{noise(30000, "excitation"), rate, "dry.wav"};
  Recording wet{render(resonant_device(), dry.samples), rate, "wet.wav"};
  CHECK(constant_delay(dry, wet) == 0);
  wet.samples.insert(wet.samples.begin(), 300, 0.0);
  CHECK(constant_delay(dry, wet) == 300);
  CloneOptions options;
  options.fit.order = 4;
  options.fit.length = 2048;
  const auto report = clone_report(dry, wet, options);
  CHECK(report.warnings.empty());
  const auto esr = std::find_if(report.values.begin(), report.values.end(),
                                [](const auto& v) { return v.first == "ESR"; });
  REQUIRE(esr != report.values.end());
  CHECK(*esr->second.number < 1e-10);

  const auto model = std::find_if(report.files.begin(), report.files.end(),
                                  [](const auto& f) { return f.name == "clone.raphson.json"; });
  REQUIRE(model != report.files.end());
  const auto chain = dsp::parse_model(model->bytes, "clone").chain;
  std::vector<double> played = dry.samples;
  dsp::Chain<double>(chain, std::span<const double>(chain.values()), rate).process(played);
  CHECK(esr_from(played, render(resonant_device(), dry.samples), 0) < 1e-10);
}

TEST_CASE("A device that is not linear is warned of") {
  const Recording dry{noise(30000, "excitation"), rate, "dry.wav"};
  Recording wet{noise(30000, "something else"), rate, "wet.wav"};
  CloneOptions options;
  options.fit.order = 2;
  options.fit.length = 1024;
  options.fit.maximum_iterations = 3;
  const auto report = clone_report(dry, wet, options);
  REQUIRE(report.warnings.size() == 3); // the error, the limit of 3 steps, the coherence
  CHECK_THAT(report.warnings[0], Contains("% of the sound is not explained"));
  CHECK_THAT(report.warnings[1], Contains("not ended after 3 steps"));
  CHECK_THAT(report.warnings[2], Contains("not linear"));
}

TEST_CASE("How far the response is off is told of the band that the recording tells of") {
  const Recording dry{noise(60000, "excitation"), rate, "dry.wav"};
  Recording wet{render(resonant_device(), dry.samples), rate, "wet.wav"};
  const auto hiss = noise(dry.samples.size(), "hiss"); // of the treble alone
  for (std::size_t t = 2; t < hiss.size(); ++t) wet.samples[t] += hiss[t] - 2 * hiss[t - 1] + hiss[t - 2];
  CloneOptions options;
  options.fit.order = 4;
  options.fit.length = 2048;
  const auto report = clone_report(dry, wet, options);
  const auto off = std::find_if(report.values.begin(), report.values.end(), [](const auto& v) {
    return v.first == "response off where coherent (dB rms)";
  });
  REQUIRE(off != report.values.end());
  CHECK(*off->second.number < 1);
}

TEST_CASE("A recording that begins before the device's output was cut is cloned all the same") {
  const Recording dry{noise(30000, "excitation"), rate, "dry.wav"};
  Recording wet{render(resonant_device(), dry.samples), rate, "wet.wav"};
  wet.samples.erase(wet.samples.begin(), wet.samples.begin() + 300);
  CHECK(constant_delay(dry, wet) == -300);
  CloneOptions options;
  options.fit.order = 4;
  options.fit.length = 4096;
  const auto report = clone_report(dry, wet, options);
  for (const auto& [name, value] : report.values)
    if (name == "ESR") CHECK(*value.number < 1e-10);
}

TEST_CASE("The table of poles has a positive frequency for each, and two real poles share their numerators") {
  // Real poles at 0.9 and -0.8; a pair at 1 kHz.
  const double w = 2 * std::numbers::pi * 1000 / rate;
  const dsp::RationalSections<double> filter{1,
                                             {{-0.1, -0.72, 0.3, 0.4}, {-1.8 * std::cos(w), 0.81, 0.1, 0.2}}};
  const auto rows = pole_table(filter, rate).table.rows;
  REQUIRE(rows.size() == 3);
  CHECK(*rows[0][1].number == 0);
  CHECK(*rows[1][1].number == Approx(rate / 2));
  CHECK(*rows[2][1].number == Approx(1000));
  CHECK(*rows[0][4].number == 0.3);
  CHECK_FALSE(rows[1][4].number);
  CHECK(*rows[2][3].number == Approx(1000 * -std::log(1000.0) / std::log(0.9) / rate));
}

TEST_CASE("Coherence is the share of the power that the dry recording explains") {
  const auto x = noise(400000, "excitation"), other = noise(400000, "other");
  std::vector<double> y(x.size());
  for (std::size_t t = 0; t < y.size(); ++t) y[t] = -0.5 * x[t] + 0.5 * other[t];
  const auto e = estimate_transfer(x, y, rate, 512);
  double coherence = 0, gain = 0;
  for (std::size_t k = 0; k < e.hz.size(); ++k) {
    coherence += e.coherence[k] / static_cast<double>(e.hz.size());
    gain += e.response[k].real() / static_cast<double>(e.hz.size());
  }
  CHECK(coherence == Approx(0.5).margin(0.01));
  CHECK(gain == Approx(-0.5).margin(0.01));
  CHECK(incoherent_share(estimate_transfer(x, x, rate)) == 0);
}

TEST_CASE("coefficients.json holds 2 n + 1 numbers and comes back; the recursion is the kernel") {
  const std::size_t length = 512; // the response has not died away: b is not the recursion's
  const CoefficientFile file{from_recursion(dsp::to_polynomials(resonant_device()), length), length, rate};
  const ScratchFolder folder;
  const auto path = folder / "coefficients.json";
  std::ofstream(path) << to_json(file, resonant_device());
  const CoefficientFile back = read_coefficients(path);
  CHECK(back.coefficients.a == file.coefficients.a);
  CHECK(back.coefficients.b == file.coefficients.b);
  CHECK(back.coefficients.a.size() + back.coefficients.b.size() + 1 == 9);
  const auto report = coefficients_report(back);
  for (const auto& [name, value] : report.values)
    if (name == "largest difference / peak") CHECK(*value.number < 1e-10);

  const auto refused = [&](const std::string& text) {
    std::ofstream(path) << text;
    return read_coefficients(path);
  };
  const std::string head = R"({"format": "raphson-rational", "version": 1, "sample_rate": 48000, )";
  CHECK_THROWS_WITH(refused("[]"), Contains("raphson-rational"));
  CHECK_THROWS_WITH(refused("{"), Contains("not JSON"));
  CHECK_THROWS_WITH(refused(head + R"("length": 8, "h0": 1, "a": [1], "b": [1, 2]})"), Contains("as many"));
  CHECK_THROWS_WITH(refused(head + R"("length": 8, "h0": 1, "a": "x", "b": [1]})"), Contains("field a"));
  CHECK_THROWS_WITH(refused(head + R"("length": 8.5, "h0": 1, "a": [1], "b": [1]})"), Contains("length"));
  CHECK_THROWS_WITH(coefficients_report(refused(head + R"("length": 8, "h0": 1, "a": [-1], "b": [1]})")),
                    Contains("unit circle"));
}

TEST_CASE("Coefficients whose poles lie outside the circle come back reflected") {
  const double angle = 0.3;
  const auto a = dsp::polynomial(std::vector<Complex>{std::polar(1.02, angle), std::polar(1.02, -angle)});
  const CoefficientFile file{{0.5, {a[1], a[2]}, {1, -0.4}}, 256, rate};
  const auto report = coefficients_report(file);
  REQUIRE(report.warnings.size() == 1);
  const ScratchFolder folder;
  const auto written = std::find_if(report.files.begin(), report.files.end(),
                                    [](const auto& f) { return f.name == "coefficients.json"; });
  REQUIRE(written != report.files.end());
  std::ofstream(folder / "c.json") << written->bytes;
  for (const auto& pole : dsp::poles(read_coefficients(folder / "c.json").coefficients.a))
    CHECK(std::abs(pole) == Approx(1 / 1.02));
}

TEST_CASE("Bad input of a clone is refused") {
  const auto x = noise(4000, "excitation");
  const std::vector<double> silence(4000);
  CHECK_THROWS_WITH(clone_report({silence, 48000, "a.wav"}, {x, 48000, "b.wav"}, {}),
                    Contains("a.wav is silent"));
  CHECK_THROWS_WITH(clone_report({x, 48000, "a.wav"}, {silence, 48000, "b.wav"}, {}),
                    Contains("b.wav is silent"));
  CHECK_THROWS_WITH(impulse_report({silence, 48000, "ir.wav"}, {}), Contains("ir.wav is silent"));
  CHECK_THROWS_WITH(clone_report({x, 48000, "a.wav"}, {x, 48000, "b.wav"}, {}),
                    Contains("a.wav and b.wav: ")); // too short
  CHECK_THROWS_WITH(clone_report({x, 48000, "a.wav"}, {x, 44100, "b.wav"}, {}), Contains("one rate"));

  const ScratchFolder folder;
  const auto stereo = folder / "stereo.wav";
  data::write_audio(stereo, {48000, {{1, 0.5f}, {1, 0.25f}}});
  CHECK_THROWS_WITH(read_recording(stereo, 0), Contains("--channel"));
  CHECK_THROWS_WITH(read_recording(stereo, 3), Contains("no channel 3"));
  CHECK(read_recording(stereo, 2).samples[1] == 0.25);
}

TEST_CASE("The experiment of rational transfer functions, in short") {
  check_claims(rational_transfer_function_demo({.brief = true}));
}
