#include "optim/tools/signals/ggamp_report.h"

#include "catch.h"
#include "dsp/error.h"
#include "dsp/io/atomic_file.h"
#include "optim/data/audio_file.h"
#include "optim/data/complex_npy.h"
#include "optim/data/npy.h"
#include "optim/data/scratch_folder.h"
#include "optim/engine/random.h"

#include <cmath>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

namespace {

constexpr std::size_t frames = 3000;

/// Noise, and two microphones 40 and 333 samples away from it, the second upside down at the far one.
struct Pair {
  ScratchFolder folder;
  std::vector<float> dry = std::vector<float>(frames), left = dry, right = dry;

  Pair() {
    RandomStream random(1, "taps");
    for (float& value : dry) value = static_cast<float>(0.1 * random.normal());
    for (std::size_t t = 333; t < frames; ++t) {
      left[t] = 0.9f * dry[t - 40] + 0.3f * dry[t - 333] + static_cast<float>(1e-4 * random.normal());
      right[t] = 0.2f * dry[t - 40] - 0.7f * dry[t - 333] + static_cast<float>(1e-4 * random.normal());
    }
    data::write_audio(folder / "dry.wav", {48000, {dry}});
    data::write_audio(folder / "left.wav", {48000, {left}});
    data::write_audio(folder / "stereo.wav", {48000, {left, right}});
  }

  TapsInput input(const char* wet) const {
    return {.dry = folder / "dry.wav", .wet = {folder / wet}, .length = 400, .from = 1000, .samples = 300};
  }
};

const report::Table& table_of(const report::ToolReport& report, const std::string& name) {
  for (const auto& table : report.tables)
    if (table.name == name) return table.table;
  throw InputError("no table " + name);
}

void write(const std::filesystem::path& path, const std::string& bytes) { dsp::write_file(path, bytes); }

} // namespace

TEST_CASE("Taps of two microphones from a stretch shorter than the response, lags shared") {
  const Pair pair;
  const auto report = taps_report(pair.input("stereo.wav"), {});
  const report::Table& taps = table_of(report, "taps");
  REQUIRE(taps.rows.size() == 4);
  const double lags[] = {40, 333, 333, 40}, gains[] = {0.9, 0.3, -0.7, 0.2};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(*taps.rows[i][1].number == lags[i]);
    CHECK(*taps.rows[i][3].number == Approx(gains[i]).margin(0.005));
    CHECK(taps.rows[i][5].text == (gains[i] < 0 ? "-" : "+"));
  }
  CHECK(taps.rows[0][0].text == "stereo.wav channel 1");
  CHECK(std::count_if(report.files.begin(), report.files.end(),
                      [](const auto& f) { return f.name == "taps-2.wav" || f.name == "x.npy"; })
        == 2);

  TapsInput two = pair.input("left.wav"); // the same from files of their own
  two.wet.push_back(pair.folder / "left.wav");
  CHECK(table_of(taps_report(two, {}), "taps").rows.size() == 4);
}

TEST_CASE("Recordings that do not fit each other are refused by name") {
  const Pair pair;
  data::write_audio(pair.folder / "slow.wav", {44100, {pair.left}});
  data::write_audio(pair.folder / "short.wav", {48000, {{pair.left.begin(), pair.left.begin() + 1200}}});
  CHECK_THROWS_WITH(taps_report(pair.input("slow.wav"), {}), Contains("44100"));
  CHECK_THROWS_WITH(taps_report(pair.input("short.wav"), {}),
                    Contains("short.wav ends after 1200") && Contains("--samples 300"));
  TapsInput input = pair.input("left.wav");
  input.from = 5000;
  CHECK_THROWS_WITH(taps_report(input, {}), Contains("ends after 3000"));
  input.from = 2900;
  CHECK_THROWS_WITH(taps_report(input, {}), Contains("ends after 3000"));
  input = pair.input("left.wav");
  input.length = 3001;
  CHECK_THROWS_WITH(taps_report(input, {}), Contains("--length 3001") && Contains("3000 samples"));
  data::write_audio(pair.folder / "silent.wav", {48000, {std::vector<float>(frames)}});
  CHECK_THROWS_WITH(taps_report(pair.input("silent.wav"), {}),
                    Contains("silent.wav is silent in the 300 samples from 1000 on"));
  input = pair.input("left.wav");
  input.dry = pair.folder / "silent.wav";
  CHECK_THROWS_WITH(taps_report(input, {}), Contains("silent.wav is silent"));
}

TEST_CASE("Recordings that end at different times: the loudest stretch of what all have") {
  const Pair pair;
  std::vector<float> loud_end = pair.dry;
  for (std::size_t t = 2500; t < frames; ++t) loud_end[t] *= 9;
  data::write_audio(pair.folder / "loud-end.wav", {48000, {loud_end}});
  data::write_audio(pair.folder / "short.wav", {48000, {{pair.left.begin(), pair.left.begin() + 2000}}});
  TapsInput input = pair.input("short.wav");
  input.dry = pair.folder / "loud-end.wav";
  input.from = -1;
  const auto report = taps_report(input, {});
  CHECK(*report.values[0].second.number + 300 <= 2000);
  CHECK(table_of(report, "taps").rows.size() == 2);
}

TEST_CASE("Lags that reach before the recording are said in one line") {
  const Pair pair;
  TapsInput input = pair.input("left.wav");
  input.length = 2000;
  input.from = 400;
  const auto report = taps_report(input, {});
  REQUIRE(report.warnings.size() == 1); // 400 + 300 samples: lag 700 meets nothing any more
  CHECK_THAT(report.warnings[0], Contains("1300 lags, 700 the first"));
}

TEST_CASE("A complex system is recovered as such; matrices that do not fit are refused by name") {
  const ScratchFolder folder;
  RandomStream random(1, "complex system");
  std::vector<std::complex<double>> a(30 * 50), y(30);
  for (auto& entry : a) entry = {random.normal(), random.normal()};
  for (std::size_t i = 0; i < 30; ++i)
    y[i] = a[50 * i + 4] * std::complex(2.0, -1.0) + a[50 * i + 20] * 3.0
           + 1e-3 * std::complex(random.normal(), random.normal());
  const std::size_t matrix[] = {30, 50}, rows[] = {30};
  write(folder / "a.npy", data::complex_npy_bytes(matrix, a));
  write(folder / "y.npy", data::complex_npy_bytes(rows, y));
  const auto report = matrix_report(folder / "a.npy", folder / "y.npy", {});
  for (const auto& file : report.files) {
    if (file.name != "x.npy") continue;
    const auto x = data::parse_complex_npy(file.bytes, "x.npy");
    REQUIRE(x.shape == std::vector<std::size_t>{50});
    CHECK(std::abs(x.values[4] - std::complex(2.0, -1.0)) < 0.01);
    CHECK(std::abs(x.values[20] - 3.0) < 0.01);
  }
  CHECK(table_of(report, "support").rows.size() == 3);
  CHECK(report.figures.front().figure.plots.size() == 2); // real and imaginary parts

  RecoveryOptions following;
  following.sbl.beta = 0.5;
  const auto noted = matrix_report(folder / "a.npy", folder / "y.npy", following);
  REQUIRE_FALSE(noted.warnings.empty());
  CHECK_THAT(noted.warnings[0], Contains("--beta") && Contains("ignored"));

  const std::size_t fewer[] = {29};
  write(folder / "short.npy", data::npy_bytes(fewer, std::vector<double>(29, 1.0)));
  CHECK_THROWS_WITH(matrix_report(folder / "a.npy", folder / "short.npy", {}),
                    Contains("30 rows") && Contains("29"));
  y[3] = NAN;
  write(folder / "nan.npy", data::complex_npy_bytes(rows, y));
  CHECK_THROWS_WITH(matrix_report(folder / "a.npy", folder / "nan.npy", {}), Contains("nan.npy: row 3"));
  const auto vector = [&](const char* name, double value) {
    write(folder / name, data::npy_bytes(rows, std::vector<double>(30, value)));
    return folder / name;
  };
  CHECK_THROWS_WITH(matrix_report(folder / "a.npy", vector("zero.npy", 0), {}), Contains("zero.npy is zero"));
  CHECK_THROWS_WITH(matrix_report(folder / "a.npy", vector("huge.npy", 1e200), {}),
                    Contains("huge.npy: its largest entry is 1e+200"));
  CHECK_THROWS_WITH(matrix_report(vector("one.npy", 1), folder / "zero.npy", {}), Contains("zero.npy"));
  CHECK_THROWS_WITH(matrix_report(folder / "one.npy", folder / "one.npy", {}),
                    Contains("one.npy has 1 column"));
}

TEST_CASE("Sweeps that diverge hand back no report; several columns are drawn as a heat map") {
  const ScratchFolder folder;
  RandomStream random(1, "shifted system");
  std::vector<double> a(40 * 80), y(40 * 2);
  for (double& value : a) value = 1 + random.normal(); // a mean, on which sweeps without damping fail
  for (std::size_t i = 0; i < 40; ++i) {
    y[2 * i] = a[80 * i + 3] - 2 * a[80 * i + 50] + 1e-3 * random.normal();
    y[2 * i + 1] = 2 * a[80 * i + 3] - a[80 * i + 50] + 1e-3 * random.normal();
  }
  const std::size_t matrix[] = {40, 80}, columns[] = {40, 2};
  write(folder / "a.npy", data::npy_bytes(matrix, a));
  write(folder / "y.npy", data::npy_bytes(columns, y));
  RecoveryOptions undamped;
  undamped.sbl.theta = 1;
  undamped.sbl.halve_on_divergence = false;
  CHECK_THROWS_WITH(matrix_report(folder / "a.npy", folder / "y.npy", undamped), Contains("diverged"));
  const auto report = matrix_report(folder / "a.npy", folder / "y.npy", {});
  REQUIRE(report.images.size() == 1);
  CHECK_THAT(report.images[0].caption, Contains("rows 3, 50"));
}
