#include "catch.h"

#include "dsp/error.h"
#include "optim/report/match_report.h"
#include "tests/optim/report/xml_checker.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <unistd.h>
#include <vector>

using namespace raphson::optim::report;
using nlohmann::json;

namespace {

const double infinity = std::numeric_limits<double>::infinity();

MatchReportData example() {
  MatchReportData data;
  data.model = "compressor";
  data.dry_file = "dry <1> & \xFF.flac"; // not UTF-8
  data.wet_file = "wet.flac";
  data.sample_rate = 44100;
  data.audio_seconds = 12.5;
  data.parameters = {{"threshold_db", "Threshold", -21.25, "dB", 0.02, true, ""},
                     {"release_ms", "Release", 300, "ms", infinity, false, "never released"}};
  data.esr_before = 0.25;
  data.esr = 0.005;
  data.held_out = HeldOut{0.004, 0.006, 0.003, 0.007};
  data.loudness_lufs = {-20, -23, -22.5};
  data.dynamic_range_lu = {8, 6, std::nan("")};
  data.delay_samples = -0.25;
  data.converged = true;
  data.stop_reason = "gradient below tolerance";
  data.seconds = 1.5;
  data.iterations = 2;
  data.convergence = {{0, 0.2, 1, 0}, {1, 0.01, 0.1, 1}, {2, 0.005, 1e-9, infinity}};
  data.gain_reduction = {{0, 1, 2}, {-1, std::nan(""), -3}, {-1.1, -2, -2.9}};
  data.transfer = {{-60, -20, 0}, {-60, -20, -15}, {-30, -10}, {-31, -18}};
  data.warnings = {"something <odd>"};
  data.clips = {{"dry", "audio/flac", "fLaC", ""}, {"wet", "audio/flac", "fLaC", ""}};
  return data;
}

struct TemporaryFolder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("raphson-report-" + std::to_string(::getpid()));
  TemporaryFolder() { std::filesystem::remove_all(path); }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
};

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The message of the InputError that the action throws; empty where it throws none.
template <class Action> std::string refusal(Action action) {
  try {
    action();
  } catch (const raphson::InputError& error) {
    return error.what();
  }
  return {};
}

} // namespace

TEST_CASE("report.json keeps its contract", "[report]") {
  const json report = to_json(example());
  CHECK(report.at("schema") == "raphson.match.report/1");
  CHECK(report.at("esr") == 0.005);
  CHECK(report.at("esr_before") == 0.25);
  CHECK(report.at("delay_samples") == -0.25);
  CHECK(report.at("converged") == true);
  CHECK(report.at("stop_reason") == "gradient below tolerance");
  CHECK(report.at("seconds") == 1.5);
  CHECK(report.at("loudness_lufs").at("difference") == 0.5);
  CHECK(report.at("held_out").at("scored_esr") == 0.006);
  CHECK(report.at("held_out").at("second_fitted_esr") == 0.003);
  CHECK(report.at("held_out").at("second_scored_esr") == 0.007);
  const json& threshold = report.at("parameters").at("threshold_db");
  CHECK(threshold.at("value") == -21.25);
  CHECK(threshold.at("unit") == "dB");
  CHECK(threshold.at("standard_error") == 0.02);
  CHECK(threshold.at("determined") == true);
  CHECK(report.at("parameters").at("release_ms").at("determined") == false);
}

TEST_CASE("every name of report.json is documented", "[report]") {
  const std::string document = contents(std::filesystem::path(RAPHSON_SOURCE_DIR) / "docs" / "report.md");
  REQUIRE(!document.empty());
  const json report = to_json(example());
  for (const json* object :
       {&report, &report.at("parameters").at("threshold_db"), &report.at("convergence").at(0),
        &report.at("held_out"), &report.at("loudness_lufs")})
    for (const auto& [name, value] : object->items()) {
      INFO(name);
      CHECK(document.find("`" + name + "`") != document.npos);
    }
}

TEST_CASE("what is not finite becomes null", "[report]") {
  const json report = to_json(example());
  CHECK(report.at("parameters").at("release_ms").at("standard_error").is_null());
  CHECK(report.at("convergence").at(2).at("step_length").is_null());
  CHECK(report.at("dynamic_range_lu").at("clone").is_null());
  CHECK(report.at("dynamic_range_lu").at("difference").is_null());
  CHECK(to_json(MatchReportData{}).at("held_out").is_null());
}

TEST_CASE("the report is written whole, the same every time", "[report]") {
  const TemporaryFolder folder;
  write_match_report(folder.path / "new" / "folder", example());
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path / "new" / "folder"))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  CHECK(names
        == std::vector<std::string>{"convergence.svg", "gain-reduction.svg", "report.html", "report.json",
                                    "transfer-curve.svg"});
  write_match_report(folder.path / "again", example());
  for (const std::string& name : names) {
    INFO(name);
    const std::string text = contents(folder.path / "again" / name);
    CHECK(text == contents(folder.path / "new" / "folder" / name));
    if (name.ends_with(".svg")) CHECK_NOTHROW(raphson::tests::XmlChecker(text).read());
  }
  CHECK(json::parse(contents(folder.path / "again" / "report.json")) == to_json(example()));
}

TEST_CASE("the page shows the figures", "[report]") {
  const std::string html = to_html(example());
  for (const char* part :
       {"−21.250 dB", "± 0.020 dB", "± ∞", "no: never released", "+0.50", "0.005<", "something &lt;odd&gt;",
        "dry &lt;1&gt; &amp; \xEF\xBF\xBD.flac", "data:audio/flac;base64,ZkxhQw=="}) {
    INFO(part);
    CHECK(html.find(part) != html.npos);
  }
  CHECK_NOTHROW(to_html(MatchReportData{}));
}

TEST_CASE("bad reports are refused in one line", "[report]") {
  MatchReportData twice = example();
  twice.parameters.push_back(twice.parameters[0]);
  CHECK(refusal([&] { to_json(twice); }).find("'threshold_db'") != std::string::npos);
  MatchReportData ragged = example();
  ragged.gain_reduction.fit_db.pop_back();
  const TemporaryFolder folder;
  CHECK_THROWS_AS(write_match_report(folder.path, ragged), raphson::InputError);
  CHECK(!std::filesystem::exists(folder.path)); // nothing half-written
  std::ofstream(folder.path) << "a file";
  const std::string message = refusal([&] { write_match_report(folder.path, example()); });
  CHECK(message.find(folder.path.string()) != message.npos);
  CHECK(message.find('\n') == message.npos);
}
