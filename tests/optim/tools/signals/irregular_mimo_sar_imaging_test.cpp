#include "optim/tools/signals/irregular_sar.h"

#include "catch.h"
#include "dsp/error.h"
#include "dsp/io/atomic_file.h"
#include "optim/data/npy.h"
#include "optim/data/scratch_folder.h"
#include "optim/tools/signals/imaging_files.h"
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

/// The middle 48 columns and every fourth wavenumber of the experiment's scan.
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

/// Of the largest value of a.
double largest_difference(const std::vector<std::complex<double>>& a,
                          const std::vector<std::complex<double>>& b) {
  double difference = 0, largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = std::max(difference, std::abs(a[i] - b[i]));
    largest = std::max(largest, std::abs(a[i]));
  }
  return difference / largest;
}

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
  CHECK(largest_difference(other, image) < 1e-9);
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
  const Scan scan = small_scan({.z_span = 0.03, .off_raster = 0.002});
  const auto pairs = scan.pairs();
  const auto echoes = simulate_echoes(pairs, one_point, scan.k, 1);
  const SarSpectrum s(echoes, pairs, scan.k, options_at(0.2));
  CHECK(s.samples() == pairs.size());
  CHECK(s.filled() < 1);
  const auto [low, high] = std::minmax_element(scan.positions.begin(), scan.positions.end(),
                                               [](const Point3& a, const Point3& b) { return a.z < b.z; });
  CHECK(s.z_span() == Approx(high->z - low->z).epsilon(1e-12));
  CHECK(s.z_span() > 0.02);

  // The scan and three times its echoes are twice the image: cells are means.
  auto twice = pairs;
  twice.insert(twice.end(), pairs.begin(), pairs.end());
  auto both = echoes;
  for (const auto& echo : echoes) both.push_back(3.0 * echo);
  const SarSpectrum t(both, twice, scan.k, options_at(0.2));
  CHECK(t.samples() == twice.size());
  auto image = s.slices({0.2});
  for (auto& value : image) value *= 2;
  CHECK(largest_difference(image, t.slices({0.2})) < 1e-9);
}

TEST_CASE("A pair's excess path is taken off in both directions across") {
  const Wavenumbers k = Wavenumbers::of_frequencies(77e9, 1e9, 4, 299792458);
  const std::vector<AntennaPair> pairs{{{0.008, 0, 0}, {-0.008, 0, 0}},
                                       {{0.003, 0.006, 0}, {-0.003, -0.006, 0}}};
  const std::vector<AntennaPair> single(2);
  const std::vector<Scatterer> ahead{{{0, 0, 0.2}, 1}};
  auto echoes = simulate_echoes(pairs, ahead, k, 1);
  const auto ideal = simulate_echoes(single, ahead, k, 1);
  CHECK(phase(echoes[0], ideal[0]) > 0.3);
  compensate(echoes, pairs, k, options_at(0.2), 0);
  for (std::size_t i = 0; i < echoes.size(); ++i) CHECK(phase(echoes[i], ideal[i]) < 0.01);
}

TEST_CASE("The report's figures of a scan are what its geometry says") {
  // A row of 11 antennas 1 mm apart without the fifth and sixth, half of them 4 mm from the plane.
  const Wavenumbers k = Wavenumbers::of_frequencies(77e9, 1e9, 4, 299792458);
  std::vector<AntennaPair> row;
  for (int i = 0; i <= 10; ++i)
    if (i != 4 && i != 5) row.push_back({{1e-3 * i, 0, i < 4 ? 0.004 : 0}, {1e-3 * i, 0, i < 4 ? 0.004 : 0}});
  SarOptions o = options_at(0.2);
  o.raster = 1e-3;
  const SarSpectrum s(std::vector<std::complex<double>>(row.size() * k.count, 1.0), row, k, o);
  CHECK(s.step() == 1e-3);
  CHECK(s.filled() == Approx(9.0 / 11));
  CHECK(s.largest_gap() == Approx(3e-3));
  // At the far corner from an end of the aperture: (5 + 30) mm along it, 30 mm across.
  const double path = 0.004 * (1 - 0.2 / std::sqrt(0.2 * 0.2 + 0.035 * 0.035 + 0.03 * 0.03));
  CHECK(s.largest_residual_phase() == Approx(2 * k.last() * path));
}

TEST_CASE("The Blackman-Harris window widens the point and lowers what lies beyond it") {
  // So near that the echoes fill most of the frequencies along y, over which the window is.
  const Scan scan = small_scan({.z_span = 0});
  const auto planar = planar_antennas(scan.pairs(), 0);
  const std::vector<Scatterer> middle{{{0, 0, 0.04}, 1}};
  const auto echoes = simulate_echoes(planar, middle, scan.k, 1);
  SarOptions o = options_at(0.04);
  struct Line {
    double beside = 0, beyond = 0; // a cell along y from the peak; the highest from 12 on
  };
  const auto along_y = [&] {
    const SarSpectrum s(echoes, planar, scan.k, o);
    const auto image = s.slices({0.04});
    const auto peak =
        static_cast<std::size_t>(std::max_element(image.begin(), image.end(),
                                                  [](auto a, auto b) { return std::norm(a) < std::norm(b); })
                                 - image.begin());
    const std::size_t width = s.x().size(), row = peak / width;
    const auto at = [&](std::size_t r) { return std::abs(image[r * width + peak % width] / image[peak]); };
    Line line{at(row + 1)};
    for (std::size_t r = 0; r < s.y().size(); ++r)
      if (r + 12 <= row || r >= row + 12) line.beyond = std::max(line.beyond, at(r));
    return line;
  };
  const Line plain = along_y();
  o.window = true;
  const Line windowed = along_y();
  CHECK(windowed.beside > plain.beside);
  CHECK(windowed.beyond < 0.5 * plain.beyond);
}

TEST_CASE("Range migration shows what slices show") {
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
}

TEST_CASE("The range is found in the data, closer than the bins of its profile, 9 mm, tell") {
  const Scan scan = small_scan({.z_span = 0.01});
  const auto pairs = scan.pairs();
  for (const double range : {0.2045, 0.213}) {
    const std::vector<Scatterer> point{{{0.01, -0.006, range}, 1}};
    const auto echoes = simulate_echoes(pairs, point, scan.k, 1);
    CHECK(find_range(echoes, pairs, scan.k, options_at(0)) == Approx(range).margin(0.003));
  }
}

TEST_CASE("Kaiser-Bessel gridding images the point too, from positions off the raster") {
  const Scan scan = small_scan({.z_span = 0.01, .off_raster = 0.001});
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
  fine.raster = 1000;
  CHECK_THROWS_WITH(refused(fine), Contains("--raster 1000 m"));
  SarOptions extent = options_at(0.2);
  extent.extent = 0.0003;
  CHECK_THROWS_WITH(refused(extent), Contains("--extent 0.0003 m: at least a cell"));
  for (const double wide : {5.0, 1e9, 1e300}) {
    extent.extent = wide;
    CHECK_THROWS_WITH(refused(extent), Contains("--extent") && Contains("m"));
  }
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
  const auto& peak = report.tables[1].table.rows.at(0);
  CHECK(*peak[0].number == Approx(0.012).margin(0.001));
  CHECK(*peak[1].number == Approx(0.008).margin(0.001));
  CHECK(*report.tables[0].table.rows[0][1].number == 576); // samples
  REQUIRE(report.files[0].name == "image.npy");
  REQUIRE(report.files[1].name == "x.npy");
  const auto x = data::parse_npy(report.files[1].bytes, "x.npy").values;
  CHECK(x.front() == Approx(0.5 * 0.00095 * 23 - 0.015).margin(0.001));
  CHECK(x.back() == Approx(0.5 * 0.00095 * 23 + 0.015).margin(0.001));

  // Slices at the depths given, up to 64 of them; range migration's own beyond, which z.npy holds.
  const auto depths = [&](const std::vector<double>& given) {
    input.depths = given;
    const auto volume = sar_report(input);
    CHECK(volume.files[0].name == "volume.npy");
    return data::parse_npy(volume.files.at(3).bytes, "z.npy").values;
  };
  const double plane = *report.values[1].second.number;
  CHECK(depths({0.09, 0.1, 0.11})[1] == Approx(0.1 + plane));
  const auto own = depths(stepped(0.07, 0.135, 0.001));
  CHECK(own.size() < 64);
  CHECK(own.front() >= 0.07 + plane);
  CHECK(own.back() <= 0.135 + plane);
  CHECK_THAT(sar_report(input).warnings.back(), Contains("depths of its own"));
  input.depths = {};

  write("fewer.csv", "x,y,z\n0,0,0\n0.001,0,0\n");
  input.positions = folder / "fewer.csv";
  CHECK_THROWS_WITH(sar_report(input), Contains("(576, 1, 1, 8)") && Contains("(2, 1, 1, 8)"));
  write("mm.csv", "x,y,z\n0,0,0\n100,0,0\n");
  input.positions = folder / "mm.csv";
  CHECK_THROWS_WITH(sar_report(input), Contains("in mm?"));
  write("mm.csv", "x,y,z\n0,0,0\n0.1,0,200\n");
  CHECK_THROWS_WITH(sar_report(input), Contains("mm.csv") && Contains("in mm?"));
  write("still.csv", "x,y,z\n1,2,3\n1,2,3\n");
  input.positions = folder / "still.csv";
  CHECK_THROWS_WITH(sar_report(input), Contains("still.csv: all positions"));
  input.positions = folder / "positions.csv";
  input.options.plane = -1;
  CHECK_THROWS_WITH(sar_report(input), Contains("positions.csv: position 0") && Contains("--range"));
  write("nan.csv", "x,y,z\n0,0,nan\n");
  input.positions = folder / "nan.csv";
  CHECK_THROWS_WITH(sar_report(input), Contains("nan.csv"));
}

TEST_CASE("The experiment of irregular MIMO-SAR imaging, in short") {
  check_claims(irregular_mimo_sar_imaging_demo({.brief = true}));
}
