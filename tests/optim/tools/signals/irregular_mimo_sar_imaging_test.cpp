#include "optim/tools/signals/irregular_sar.h"

#include "catch.h"
#include "dsp/error.h"
#include "dsp/io/atomic_file.h"
#include "optim/data/scratch_folder.h"
#include "optim/tools/signals/irregular_mimo_sar_imaging_demo.h"
#include "optim/tools/signals/irregular_sar_report.h"
#include "optim/tools/signals/irregular_sar_scenes.h"
#include "tool_demo.h"

#include <algorithm>
#include <cmath>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

namespace {

/// Every fourth column of the experiment's scan.
Scan small_scan(const ScanSettings& settings) {
  Scan scan = hand_scan(settings);
  std::vector<Point3> kept;
  for (std::size_t i = 0; i < scan.positions.size(); ++i)
    if (i % 128 >= 40 && i % 128 < 88) kept.push_back(scan.positions[i]);
  scan.positions = kept;
  scan.k = {scan.k.first, scan.k.step * 4, 8};
  return scan;
}

const std::vector<Scatterer> one_point{{{0.01, -0.006, 0.2}, 1}};

SarOptions options_at(double range) { return {.range = range, .plane = 0.0, .extent = 0.03}; }

double phase(std::complex<double> a, std::complex<double> b) { return std::abs(std::arg(a * std::conj(b))); }

} // namespace

TEST_CASE("Without the planes' term, a scan 5 mm ahead is a planar scan of a scene 5 mm nearer") {
  Scan ahead = small_scan({.z_span = 0}), planar = ahead;
  for (Point3& position : ahead.positions) position.z = 0.005;
  std::vector<Scatterer> nearer = one_point;
  nearer[0].at.z -= 0.005;
  SarOptions o = options_at(0.2);
  o.compensate_planes = false;
  const auto a = ahead.pairs(), b = planar.pairs();
  const SarSpectrum first(simulate_echoes(a, one_point, ahead.k, 1), a, ahead.k, o);
  const SarSpectrum second(simulate_echoes(b, nearer, planar.k, 1), b, planar.k, o);
  const auto image = first.slices({0.195}), other = second.slices({0.195});
  double off = 0, largest = 0;
  for (std::size_t i = 0; i < image.size(); ++i) {
    off = std::max(off, std::abs(image[i] - other[i]));
    largest = std::max(largest, std::abs(other[i]));
  }
  CHECK(off < 1e-9 * largest);
}

TEST_CASE("Compensated samples are a plane's straight ahead, and off by more the further to the side") {
  const Wavenumbers k = Wavenumbers::of_frequencies(77e9, 1e9, 4, 299792458);
  // One antenna 1 cm behind and one ahead of the plane, and points at growing angles.
  for (const double z : {-0.01, 0.01}) {
    const std::vector<AntennaPair> moved{{{0, 0, z}, {0, 0, z}}}, plane{{{0, 0, 0}, {0, 0, 0}}};
    double before = -1;
    for (const double side : {0.0, 0.02, 0.04, 0.06}) {
      const std::vector<Scatterer> point{{{side, 0, 0.2}, 1}};
      auto echo = simulate_echoes(moved, point, k, 1);
      compensate(echo, moved, k, options_at(0.2), 0);
      const auto ideal = simulate_echoes(plane, point, k, 1);
      const double error = phase(echo[0], ideal[0]);
      if (side == 0) CHECK(error < 0.05);
      CHECK(error > before);
      before = error;
    }
    CHECK(before > 0.5);
  }
}

TEST_CASE("Every sample goes into the raster, several into one cell too") {
  Scan scan = small_scan({.z_span = 0.01, .off_raster = 0.002});
  const auto pairs = scan.pairs();
  const SarSpectrum s(simulate_echoes(pairs, one_point, scan.k, 1), pairs, scan.k, options_at(0.2));
  CHECK(s.samples() == pairs.size());
  CHECK(s.filled() < 1);
  CHECK(s.z_span() == Approx(0.01).margin(0.01));

  // Twice the same scan is the same image: cells are means.
  auto twice = pairs;
  twice.insert(twice.end(), pairs.begin(), pairs.end());
  const SarSpectrum t(simulate_echoes(twice, one_point, scan.k, 1), twice, scan.k, options_at(0.2));
  const auto a = s.slices({0.2}), b = t.slices({0.2});
  double off = 0;
  for (std::size_t i = 0; i < a.size(); ++i) off = std::max(off, std::abs(a[i] - b[i]));
  CHECK(off < 1e-9
                  * std::abs(*std::max_element(
                      a.begin(), a.end(), [](auto x, auto y) { return std::norm(x) < std::norm(y); })));
}

TEST_CASE("Range migration shows what slices show; the range is found in the data") {
  const Scan scan = small_scan({.z_span = 0.01});
  const auto pairs = scan.pairs();
  const auto echoes = simulate_echoes(pairs, one_point, scan.k, 1);
  const SarSpectrum s(echoes, pairs, scan.k, options_at(0.2));
  const auto volume = s.migrate(0.15, 0.25);
  const auto slices = s.slices(volume.z);
  std::complex<double> product = 0;
  double a = 0, b = 0;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    product += std::conj(slices[i]) * volume.values[i];
    a += std::norm(slices[i]);
    b += std::norm(volume.values[i]);
  }
  CHECK(std::abs(product) / std::sqrt(a * b) > 0.9);
  SarOptions unknown = options_at(0);
  CHECK(find_range(echoes, pairs, scan.k, unknown) == Approx(0.2).margin(0.02));
}

TEST_CASE("Kaiser-Bessel gridding images the point too") {
  const Scan scan = small_scan({.z_span = 0.01});
  const auto pairs = scan.pairs();
  SarOptions o = options_at(0.2);
  o.gridding = Gridding::kaiser;
  const SarSpectrum s(simulate_echoes(pairs, one_point, scan.k, 1), pairs, scan.k, o);
  const auto image = s.slices({0.2});
  const auto at = static_cast<std::size_t>(
      std::max_element(image.begin(), image.end(), [](auto a, auto b) { return std::norm(a) < std::norm(b); })
      - image.begin());
  CHECK(s.x()[at % s.x().size()] == Approx(0.01).margin(0.002));
  CHECK(s.y()[at / s.x().size()] == Approx(-0.006).margin(0.002));
}

TEST_CASE("Scans that cannot be imaged are refused, with what is wrong") {
  const Scan scan = small_scan({.z_span = 0.01});
  const auto pairs = scan.pairs();
  const auto echoes = simulate_echoes(pairs, one_point, scan.k, 1);
  const auto refused = [&](const SarOptions& o) { SarSpectrum(echoes, pairs, scan.k, o); };
  CHECK_THROWS_WITH(refused(options_at(0)), Contains("range"));
  CHECK_THROWS_WITH(refused(options_at(0.001)), Contains("beyond the scene"));
  SarOptions fine = options_at(0.2);
  fine.raster = 1e-5;
  CHECK_THROWS_WITH(refused(fine), Contains("4096"));
  const std::vector<AntennaPair> still(pairs.size(), pairs.front());
  CHECK_THROWS_WITH(SarSpectrum(echoes, still, scan.k, options_at(0.2)), Contains("one place"));
  auto broken = echoes;
  broken[3] = NAN;
  CHECK_THROWS_WITH(SarSpectrum(broken, pairs, scan.k, options_at(0.2)), Contains("not finite"));
}

TEST_CASE("Scan files: simulated, imaged, and refused by name") {
  const ScratchFolder folder;
  const auto write = [&](const char* name, const std::string& text) { dsp::write_file(folder / name, text); };
  std::string positions = "x,y,z\n";
  for (int i = 0; i < 24; ++i)
    for (int j = 0; j < 24; ++j)
      positions += std::to_string(0.00095 * i) + "," + std::to_string(0.00095 * j) + ","
                   + std::to_string(0.002 * std::sin(0.3 * i)) + "\n";
  write("positions.csv", positions);
  write("array.json",
        R"({"start_hz": 77e9, "step_hz": 5e8, "count": 8, "tx": [[0, 0]], "rx": [[0, 0.002]]})");
  write("points.csv", "x,y,z\n0.012,0.008,0.1\n");
  const auto simulated = simulate_scan({.scene = folder / "points.csv",
                                        .positions = folder / "positions.csv",
                                        .array = folder / "array.json"});
  write("data.npy", simulated.files[0].bytes);
  SarInput input{
      .data = folder / "data.npy", .positions = folder / "positions.csv", .array = folder / "array.json"};
  input.options = {.range = 0.1, .extent = 0.015};
  const auto report = sar_report(input);
  const auto& peak = report.tables[0].table.rows.at(0);
  CHECK(*peak[0].number == Approx(0.012).margin(0.001));
  CHECK(*peak[1].number == Approx(0.008).margin(0.001));
  CHECK(*report.tables[1].table.rows[0][1].number == 576); // samples

  write("fewer.csv", "x,y,z\n0,0,0\n0.001,0,0\n");
  input.positions = folder / "fewer.csv";
  CHECK_THROWS_WITH(sar_report(input), Contains("(576, 1, 1, 8)") && Contains("(2, 1, 1, 8)"));
  write("mm.csv", "x,y,z\n0,0,0\n100,0,0\n");
  input.positions = folder / "mm.csv";
  CHECK_THROWS_WITH(sar_report(input), Contains("in mm?"));
  write("nan.csv", "x,y,z\n0,0,nan\n");
  input.positions = folder / "nan.csv";
  CHECK_THROWS_WITH(sar_report(input), Contains("nan.csv"));
}

TEST_CASE("The experiment of irregular MIMO-SAR imaging, in short") {
  check_claims(irregular_mimo_sar_imaging_demo({.brief = true}));
}
