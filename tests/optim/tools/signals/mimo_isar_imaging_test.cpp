#include "optim/tools/signals/mimo_isar.h"

#include "catch.h"
#include "dsp/error.h"
#include "dsp/io/atomic_file.h"
#include "optim/data/complex_npy.h"
#include "optim/data/scratch_folder.h"
#include "optim/tools/signals/mimo_isar_imaging_demo.h"
#include "optim/tools/signals/mimo_isar_report.h"
#include "optim/tools/signals/mimo_isar_scenes.h"
#include "tool_demo.h"

#include <cmath>
#include <numbers>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

namespace {

/// A coarser turntable, quick to image.
TurntableGeometry small_turntable() {
  TurntableGeometry g = experiment_turntable();
  g.tracks.resize(3);
  g.k = {g.k.first, g.k.step * 2, 16};
  return g;
}

IsarOptions small_options() {
  return {.extent = 0.03, .heights = heights_between(-0.08, 0.04, 0.002), .height_transform = 96, .grid = 96};
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

TEST_CASE("A point is imaged where it is, each coordinate with its sign, wherever heights begin") {
  TurntableGeometry g = small_turntable();
  for (const double shift : {0.0, 0.0137}) {
    for (double& track : g.tracks) track += shift;
    const Point3 truth{0.012, -0.030, -0.018};
    const auto echoes = simulate_echoes(g.pairs(), std::vector<Scatterer>{{truth, 1}}, g.k, 1);
    const IsarVolume volume = isar_image(echoes, g, small_options());
    const auto positions = volume.positions();
    const Point3 peak = positions[find_peaks(volume.values, positions, 1, 0.01)[0].index];
    const double voxel = volume.x[1] - volume.x[0];
    CHECK(std::abs(peak.x - truth.x) <= voxel);
    CHECK(std::abs(peak.y - truth.y) <= 0.002);
    CHECK(std::abs(peak.z - truth.z) <= voxel);
  }
}

TEST_CASE("Geometries that this method cannot use are refused, with what is wrong") {
  const TurntableGeometry good = small_turntable();
  const std::vector<std::complex<double>> data(good.channels() * good.angles.size() * good.k.count, 1.0);
  const auto image = [&](const TurntableGeometry& g) { return isar_image(data, g, small_options()); };
  TurntableGeometry g = good;
  g.angles.back() += 0.5 * (g.angles[1] - g.angles[0]);
  CHECK_THROWS_WITH(image(g), Contains("angle 254") && Contains("2.1") && Contains("--method bp"));
  g = good;
  for (double& angle : g.angles) angle *= 0.5;
  CHECK_THROWS_WITH(image(g), Contains("full turn"));
  g = good;
  g.rx[3] += 0.0005;
  CHECK_THROWS_WITH(image(g), Contains("no uniform grid") && Contains("mm"));
  g = good;
  g.radius = 0.02;
  CHECK_THROWS_WITH(image(g), Contains("radius"));
  g = good;
  g.k.step *= 100;
  CHECK_THROWS_WITH(image(g), Contains("ranges apart"));
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
  const auto& peak = report.tables[0].table.rows.at(0);
  CHECK(*peak[0].number == Approx(0.005).margin(0.0011));
  CHECK(*peak[2].number == Approx(-0.002).margin(0.0011));
  input.back_project = true;
  input.options.heights = {0.004};
  const auto exact = isar_report(input);
  CHECK(*exact.tables[0].table.rows.at(0)[0].number == Approx(0.005).margin(0.0011));

  write(geometry, head + R"("tracks": [0, 0.001], "angles": 64})");
  CHECK_THROWS_WITH(isar_report(input), Contains("(8, 1, 1, 64, 16)") && Contains("(2, 1, 1, 64, 16)"));
  write(geometry, head + R"("tracks": [0], "angles": "all"})");
  CHECK_THROWS_WITH(isar_report(input), Contains("g.json: angles"));
  write(geometry, R"({"frequencies": [1e9, 2e9, 4e9]})");
  CHECK_THROWS_WITH(isar_report(input), Contains("frequencies must rise uniformly"));
  write(geometry, "{");
  CHECK_THROWS_WITH(isar_report(input), Contains("not JSON"));
}

TEST_CASE("The experiment of MIMO-ISAR imaging, in short") {
  check_claims(mimo_isar_imaging_demo({.brief = true}));
}
