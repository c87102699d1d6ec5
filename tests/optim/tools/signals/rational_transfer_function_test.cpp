#include "optim/tools/signals/rational_report.h"

#include "catch.h"
#include "dsp/error.h"
#include "dsp/model/model_file.h"
#include "optim/data/audio_file.h"
#include "optim/data/scratch_folder.h"
#include "optim/engine/resonant_device.h"
#include "optim/tools/signals/rational_transfer_function_demo.h"
#include "optim/tools/signals/transfer_estimate.h"
#include "tool_demo.h"

#include <cmath>
#include <fstream>

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
  REQUIRE(report.warnings.size() == 1);
  CHECK_THAT(report.warnings[0], Contains("not linear"));
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

TEST_CASE("Bad input of a clone is refused") {
  const auto x = noise(4000, "excitation");
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
