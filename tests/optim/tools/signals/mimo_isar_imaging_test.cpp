#include "optim/tools/signals/mimo_isar.h"

#include "catch.h"
#include "dsp/error.h"
#include "dsp/io/atomic_file.h"
#include "optim/data/complex_npy.h"
#include "optim/data/npy.h"
#include "optim/data/scratch_folder.h"
#include "optim/tools/signals/imaging_files.h"
#include "optim/tools/signals/mimo_isar_imaging_demo.h"
#include "optim/tools/signals/mimo_isar_report.h"
#include "optim/tools/signals/mimo_isar_scenes.h"
#include "tool_demo.h"

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

namespace {

/// Of the largest value of a.
double largest_difference(const IsarVolume& a, const IsarVolume& b) {
  double difference = 0, largest = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    difference = std::max(difference, std::abs(a.values[i] - b.values[i]));
    largest = std::max(largest, std::abs(a.values[i]));
  }
  return difference / largest;
}

/// A coarser turntable, quick to image.
TurntableGeometry small_turntable() {
  TurntableGeometry g = experiment_turntable();
  g.tracks.resize(3);
  g.k = {g.k.first, g.k.step * 2, 16};
  return g;
}

IsarOptions small_options() {
  return {.extent = 0.03, .heights = stepped(-0.08, 0.04, 0.002), .height_transform = 96, .grid = 96};
}

} // namespace

TEST_CASE("The circle's kernel holds Bessel functions: N j^n J_n") {
  const double x = 120;
  const auto kernel = circle_kernel(x, 64, 512);
  for (int n = 0; n < 32; ++n) {
    const auto expected = 64.0 * std::pow(std::complex<double>(0, 1), n) * std::cyl_bessel_j(n, x);
    CHECK(std::abs(kernel[static_cast<std::size_t>(n)] - expected) < 1e-9);
    if (n > 0) CHECK(kernel[static_cast<std::size_t>(64 - n)] == kernel[static_cast<std::size_t>(n)]);
  }
}

TEST_CASE("A pair's excess path takes its phase error away near its height") {
  const TurntableGeometry g = experiment_turntable();
  double raw = 0, near = 0, far = 0;
  for (const double t : g.tx)
    for (const double r : g.rx)
      for (int mm = -50; mm <= 50; ++mm) {
        const double y = 0.5 * (t + r) + 1e-3 * mm;
        const auto to = [&](double height) { return std::hypot(g.radius, height - y); };
        const double error = g.k.last() * (to(t) + to(r) - 2 * to(0.5 * (t + r)));
        const double left = std::abs(error - g.k.last() * pair_excess(t - r, g.radius));
        far = std::max(far, left);
        if (std::abs(mm) > 20) continue;
        raw = std::max(raw, std::abs(error));
        near = std::max(near, left);
      }
  CHECK(raw > 2.4);
  CHECK(near < 0.1);
  CHECK(far < 0.37);
}

TEST_CASE("Single antennas need no compensation: the image is the same to the bit") {
  const TurntableGeometry g = monostatic(small_turntable());
  const auto echoes = simulate_echoes(g.pairs(), std::vector<Scatterer>{{{0.01, -0.02, -0.015}, 1}}, g.k, 1);
  IsarOptions o = small_options();
  o.heights = {-0.02};
  const auto compensated = isar_image(echoes, g, o);
  o.compensate = false;
  CHECK(isar_image(echoes, g, o).values == compensated.values);
}

TEST_CASE("A reference distance of its own compensates each pair for that distance") {
  const TurntableGeometry g = small_turntable();
  const std::vector<Scatterer> scene{{{0.01, -0.02, -0.015}, 1}};
  const auto echoes = simulate_echoes(g.pairs(), scene, g.k, 1);
  IsarOptions o = small_options();
  o.heights = {-0.02, 0.01};
  o.reference = 0.3;
  const auto image = isar_image(echoes, g, o);
  auto moved = echoes;
  std::size_t at = 0;
  for (std::size_t track = 0; track < g.tracks.size(); ++track)
    for (const double t : g.tx)
      for (const double r : g.rx)
        for (std::size_t a = 0; a < g.angles.size(); ++a)
          for (std::size_t i = 0; i < g.k.count; ++i)
            moved[at++] *= std::polar(1.0, -g.k[i] * (t - r) * (t - r) / (4 * 0.3));
  o.compensate = false;
  CHECK(largest_difference(image, isar_image(moved, g, o)) < 1e-9);
  o.compensate = true;
  o.reference = g.radius;
  const auto at_radius = isar_image(echoes, g, o);
  CHECK(largest_difference(at_radius, image) > 0.1);
  o.reference = 0;
  CHECK(isar_image(echoes, g, o).values == at_radius.values);
}

TEST_CASE("A point is imaged where it is, each coordinate with its sign, wherever the scan begins") {
  TurntableGeometry g = small_turntable();
  SECTION("as it is") {}
  SECTION("heights from elsewhere on") {
    for (double& track : g.tracks) track += 0.0137;
  }
  SECTION("heights falling and mixed") {
    std::swap(g.tracks[0], g.tracks[2]);
    std::reverse(g.rx.begin(), g.rx.end());
    std::swap(g.tx[0], g.tx[1]);
  }
  SECTION("angles from elsewhere on") {
    for (double& angle : g.angles) angle += 0.7;
  }
  SECTION("an odd number of angles") {
    g.angles.clear();
    for (int i = 0; i < 255; ++i) g.angles.push_back(2 * std::numbers::pi * i / 255);
  }
  const Point3 truth{0.012, -0.030, -0.018};
  const auto echoes = simulate_echoes(g.pairs(), std::vector<Scatterer>{{truth, 1}}, g.k, 1);
  const IsarVolume volume = isar_image(echoes, g, small_options());
  const auto positions = volume.positions();
  const Point3 peak = positions[find_peaks(volume.values, positions, 1, 0.01)[0].index];
  CHECK(std::abs(peak.x - truth.x) <= volume.step);
  CHECK(std::abs(peak.y - truth.y) <= 0.002);
  CHECK(std::abs(peak.z - truth.z) <= volume.step);
}

TEST_CASE("The circle's kernel is sampled as finely as a wide circle needs") {
  TurntableGeometry g = small_turntable();
  g.radius = 0.25;
  const std::vector<Scatterer> scene{{{0.01, -0.02, -0.015}, 1}};
  const auto echoes = simulate_echoes(g.pairs(), scene, g.k, 1);
  IsarOptions o = small_options();
  o.heights = {-0.02};
  const auto image = isar_image(echoes, g, o);
  o.kernel_angles = 16 * g.angles.size();
  CHECK(largest_difference(image, isar_image(echoes, g, o)) < 1e-9);
  o.kernel_angles = g.angles.size();
  CHECK(largest_difference(image, isar_image(echoes, g, o)) > 0.3);
}

TEST_CASE("Hann's window over heights widens the point and lowers what lies beyond it") {
  // So near that the echoes fill most of the heights' frequencies, over which the window is.
  TurntableGeometry g = monostatic(experiment_turntable(0.06));
  g.k = {g.k.first, g.k.step * 4, 8};
  const auto echoes = simulate_echoes(g.pairs(), std::vector<Scatterer>{{{0, 0, 0}, 1}}, g.k, 1);
  IsarOptions o{.extent = 0.004, .heights = stepped(-0.06, 0.06, 0.0005)};
  struct Line {
    double beside = 0, beyond = 0; // half a mm from the peak; the highest from 6 mm on
  };
  const auto along_y = [&] {
    const IsarVolume v = isar_image(echoes, g, o);
    const std::size_t pixels = v.x.size() * v.z.size(), axis = pixels / 2;
    const auto at = [&](std::size_t h) { return std::abs(v.values[h * pixels + axis]); };
    Line line{at(121) / at(120)};
    for (std::size_t h = 0; h < v.y.size(); ++h)
      if (h + 12 <= 120 || h >= 132) line.beyond = std::max(line.beyond, at(h) / at(120));
    return line;
  };
  const Line plain = along_y();
  o.window = true;
  const Line windowed = along_y();
  CHECK(windowed.beside > plain.beside);
  CHECK(windowed.beyond < plain.beyond);
}

TEST_CASE("Geometries that this method cannot use are refused, with what is wrong") {
  const TurntableGeometry good = small_turntable();
  const std::vector<std::complex<double>> data(good.channels() * good.angles.size() * good.k.count, 1.0);
  const auto image = [&](const TurntableGeometry& g) { return isar_image(data, g, small_options()); };
  TurntableGeometry g = good;
  g.angles.back() += 0.5 * (g.angles[1] - g.angles[0]);
  CHECK_THROWS_WITH(image(g), Contains("angle 254") && Contains("2.109") && Contains("--method bp"));
  g = good;
  for (double& angle : g.angles) angle *= 0.5;
  CHECK_THROWS_WITH(image(g), Contains("full turn") && Contains("angle 255") && Contains("180.7"));
  g = good;
  g.rx[3] += 0.0005;
  CHECK_THROWS_WITH(image(g), Contains("no uniform grid") && Contains("mm"));
  g = good;
  g.radius = 0.02;
  CHECK_THROWS_WITH(image(g), Contains("radius"));
  g = good;
  g.k.step *= 100;
  CHECK_THROWS_WITH(image(g), Contains("ranges apart") && Contains("--speed"));
  g = good;
  g.radius = 1e9;
  CHECK_THROWS_WITH(image(g), Contains("a radius of 1e+09 m"));
  IsarOptions o = small_options();
  o.extent = 0.0004;
  CHECK_THROWS_WITH(isar_image(data, good, o), Contains("--extent 0.0004 m: at least a voxel"));
  auto broken = data;
  broken[7] = NAN;
  CHECK_THROWS_WITH(isar_image(broken, good, small_options()), Contains("not finite"));
  CHECK_THROWS_WITH(isar_image(std::span(data).first(10), good, small_options()), Contains("10 values"));
}

TEST_CASE("Turntable files: simulated, imaged, and refused by name") {
  const ScratchFolder folder;
  const auto geometry = folder / "g.json", points = folder / "points.csv";
  const auto write = [](const std::filesystem::path& path, const std::string& text) {
    dsp::write_file(path, text);
  };
  const std::string head =
      R"({"start_hz": 77e9, "step_hz": 2.5e8, "count": 16, "tx": [0], "rx": [0], "radius": 0.15, )";
  write(geometry, head + R"("tracks": [0, 0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.007], "angles": 64})");
  write(points, "x,y,z\n0.005,0.004,-0.002\n");
  const auto simulated = simulate_turntable(points, geometry, 299792458, 40, 1, 1);
  REQUIRE(simulated.files[0].name == "data.npy");
  write(folder / "data.npy", simulated.files[0].bytes);
  IsarInput input{.data = folder / "data.npy", .geometry = geometry, .options = {.extent = 0.02}};
  const auto report = isar_report(input);
  const auto& peak = report.tables[1].table.rows.at(0);
  CHECK(*peak[0].number == Approx(0.005).margin(0.0011));
  CHECK(*peak[2].number == Approx(-0.002).margin(0.0011));
  // The largest of volume.npy, [y, x, z], at the coordinates of x.npy, y.npy and z.npy.
  REQUIRE(report.files[0].name == "volume.npy");
  const auto volume = data::parse_complex_npy(report.files[0].bytes, "volume.npy");
  const auto axis = [](const report::ToolReport& of, std::size_t file, const char* name) {
    CHECK(of.files.at(file).name == name);
    return data::parse_npy(of.files[file].bytes, name).values;
  };
  const auto x = axis(report, 1, "x.npy"), y = axis(report, 2, "y.npy"), z = axis(report, 3, "z.npy");
  REQUIRE(volume.shape == std::vector{y.size(), x.size(), z.size()});
  const auto at =
      static_cast<std::size_t>(std::max_element(volume.values.begin(), volume.values.end(),
                                                [](auto a, auto b) { return std::norm(a) < std::norm(b); })
                               - volume.values.begin());
  CHECK(x[at / z.size() % x.size()] == Approx(*peak[0].number).margin(1e-5));
  CHECK(y[at / z.size() / x.size()] == Approx(*peak[1].number).margin(1e-5));
  CHECK(z[at % z.size()] == Approx(*peak[2].number).margin(1e-5));
  CHECK(y.front() == Approx(0).margin(1e-12));
  CHECK(y.back() == Approx(0.007));

  input.back_project = true;
  input.options.extent = 0.006;
  const auto exact = isar_report(input);
  CHECK(*exact.tables[1].table.rows.at(0)[0].number == Approx(0.005).margin(0.0011));
  CHECK(axis(exact, 2, "y.npy") == y);
  write(geometry, head + R"("tracks": [0, 0.001, 0.003, 0.004, 0.005, 0.006, 0.007, 0.011], "angles": 64})");
  input.options.heights = {0.004};
  CHECK_FALSE(isar_report(input).files.empty()); // back-projection takes any heights
  input.back_project = false;
  CHECK_THROWS_WITH(isar_report(input), Contains("g.json: ") && Contains("no uniform grid"));

  write(geometry, head + R"("tracks": [0, 0.001], "angles": 64})");
  CHECK_THROWS_WITH(isar_report(input), Contains("(8, 1, 1, 64, 16)") && Contains("(2, 1, 1, 64, 16)"));
  write(geometry, head + R"("tracks": [0, 0.001], "angles": [0, 90, 180, 270]})");
  CHECK_THROWS_WITH(isar_report(input), Contains("g.json: eight angles"));
  write(geometry, head + R"("tracks": [0], "angles": "all"})");
  CHECK_THROWS_WITH(isar_report(input), Contains("g.json: angles"));
  write(geometry, head + R"("tracks": [0], "angles": 7.5})");
  CHECK_THROWS_WITH(isar_report(input), Contains("g.json: angles"));
  write(geometry, R"({"frequencies": [1e9, 2e9, 4e9]})");
  CHECK_THROWS_WITH(isar_report(input), Contains("frequencies must rise uniformly"));
  write(geometry, R"({"start_hz": 1e9, "step_hz": 1e9, "count": 1.5})");
  CHECK_THROWS_WITH(isar_report(input), Contains("g.json: start_hz"));
  write(geometry, "{");
  CHECK_THROWS_WITH(isar_report(input), Contains("not JSON"));
}

TEST_CASE("Steps of an option: three numbers, rising") {
  CHECK(parse_steps("--heights", "-0.5:0.5:0.25") == std::vector{-0.5, -0.25, 0.0, 0.25, 0.5});
  CHECK(parse_steps("--heights", "0.2:0.2:1").size() == 1);
  for (const char* wrong : {"", "0.1", "0.1:0.2", "0.2:0.1:0.01", "0:1:0", "0:1:-1", "0:1:nan", "0:1:1e-9",
                            "0:inf:1", "0:1:0.1:2", "a:1:0.1"})
    CHECK_THROWS_WITH(parse_steps("--heights", wrong), Contains("--heights") && Contains("FIRST:LAST:STEP"));
}

TEST_CASE("The experiment of MIMO-ISAR imaging, in short") {
  check_claims(mimo_isar_imaging_demo({.brief = true}));
}
