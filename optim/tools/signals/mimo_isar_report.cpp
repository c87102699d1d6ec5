#include "optim/tools/signals/mimo_isar_report.h"

#include "dsp/error.h"
#include "optim/data/complex_npy.h"
#include "optim/engine/stopwatch.h"
#include "optim/report/text.h"
#include "optim/tools/signals/imaging_files.h"
#include "optim/tools/signals/imaging_json.h"
#include "optim/tools/signals/volume_pictures.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace raphson::optim::tools {

using report::format_significant, report::ToolReport;

TurntableGeometry read_turntable(const std::filesystem::path& path, double speed) {
  const ImagingJson file(path);
  TurntableGeometry g{.k = file.wavenumbers(speed),
                      .tx = file.numbers("tx"),
                      .rx = file.numbers("rx"),
                      .tracks = file.numbers("tracks"),
                      .angles = {},
                      .radius = file.number("radius")};
  if (file.is_number("angles")) {
    const double count = file.number("angles");
    if (!(count >= 1 && count <= 1e6 && count == std::floor(count)))
      file.refuse("angles must be a list of degrees, or how many, a whole number up to 1000000");
    for (double i = 0; i < count; ++i) g.angles.push_back(2 * std::numbers::pi * i / count);
  } else {
    for (const double degrees : file.numbers("angles")) g.angles.push_back(degrees * std::numbers::pi / 180);
  }
  of_file(path, [&] { check(g); });
  return g;
}

namespace {

std::vector<std::size_t> shape_of(const TurntableGeometry& g) {
  return {g.tracks.size(), g.tx.size(), g.rx.size(), g.angles.size(), g.k.count};
}

std::vector<std::complex<double>> read_data(const IsarInput& input, const TurntableGeometry& g) {
  return read_echoes(input.data, shape_of(g),
                     input.geometry.string() + " says [track, tx, rx, angle, frequency]");
}

/// Between neighbours, the closing one left out, which back-projection does not need.
double largest_angle_step(std::vector<double> angles) {
  std::sort(angles.begin(), angles.end());
  double largest = 0;
  for (std::size_t i = 1; i < angles.size(); ++i) largest = std::max(largest, angles[i] - angles[i - 1]);
  return largest;
}

/// What the geometry allows, against what it is.
void add_sampling(ToolReport& report, const TurntableGeometry& g, const IsarOptions& o, bool back_project) {
  const double wavelength = g.k.shortest_wavelength(), target = std::sqrt(2.0) * o.extent;
  const double angle = largest_angle_step(g.angles);
  const double allowed = wavelength / (4 * target);
  report::Table table{{{"step"}, {"is"}, {"should be at most"}}, {}};
  constexpr double degree = 180 / std::numbers::pi;
  table.rows.push_back({"angle (degrees)", degree * angle, degree * allowed});
  if (angle > allowed)
    report.warnings.push_back("angles are " + format_significant(angle / allowed, 3)
                              + " times too far apart for the corners of this extent, which may show ghosts; "
                              + "up to --extent " + format_significant(o.extent * allowed / angle, 3)
                              + " they are not");
  if (!back_project) {
    const double step = virtual_array(g).step;
    table.rows.push_back({"height (mm)", 1e3 * step, 1e3 * wavelength / 4});
    if (step > wavelength / 2)
      report.warnings.push_back("heights are more than half a wavelength apart: images repeat along y");
  }
  table.rows.push_back({"extent, half width (mm)", 1e3 * o.extent, 0.5e3 * unambiguous_range(g.k)});
  report.tables.push_back({"sampling", "Sampling", table});
}

IsarVolume back_projection(std::span<const std::complex<double>> data, const TurntableGeometry& g,
                           const IsarOptions& o) {
  IsarVolume volume = isar_grid(g, o);
  const auto pairs = g.pairs();
  const auto points = volume.positions();
  volume.values = back_project(data, pairs, g.k, points, o.threads);
  volume.multiplications = back_projection_multiplications(
      static_cast<double>(points.size()), static_cast<double>(pairs.size()), static_cast<double>(g.k.count));
  return volume;
}

} // namespace

ToolReport isar_report(const IsarInput& input) {
  const TurntableGeometry g = read_turntable(input.geometry, input.speed);
  const IsarOptions& options = input.options;
  if (!input.back_project)
    of_file(input.geometry, [&] {
      check_circle(g);
      virtual_array(g);
    });
  isar_grid(g, options); // refuses an extent before the data are read
  const auto data = read_data(input, g);
  ToolReport report{.title = "Image of " + input.data.filename().string()};
  add_sampling(report, g, options, input.back_project);
  if (input.say) input.say(input.back_project ? "back-projection" : "transforms");
  const Stopwatch stopwatch;
  const IsarVolume volume =
      input.back_project ? back_projection(data, g, options) : isar_image(data, g, options);
  const double seconds = stopwatch.seconds();
  const auto positions = volume.positions();
  report.values = {{"method", input.back_project ? "back-projection" : "Fourier"},
                   {"voxels [y, x, z]", shape_text({volume.y.size(), volume.x.size(), volume.z.size()})},
                   {"x and z", range_text(volume.x)},
                   {"y", range_text(volume.y)},
                   {"step in x and z (mm)", 1e3 * volume.step},
                   {"real multiplications", volume.multiplications},
                   {"time (s)", seconds}};
  const double apart = 6 * volume.step;
  report.tables.push_back(peak_table(volume.values, positions, input.peaks, apart, apart));
  add_projections(report, volume.values, volume.x, volume.y, volume.z, "Largest along the line of sight");
  const std::size_t shape[] = {volume.y.size(), volume.x.size(), volume.z.size()};
  report.files.push_back({"volume.npy", data::complex_npy_bytes(shape, volume.values)});
  add_coordinates(report, volume.x, volume.y, volume.z);
  return report;
}

ToolReport simulate_turntable(const std::filesystem::path& points, const std::filesystem::path& geometry,
                              double speed, double snr_db, std::uint64_t seed, std::size_t threads) {
  const TurntableGeometry g = read_turntable(geometry, speed);
  const auto scene = read_points(points);
  auto echoes = simulate_echoes(g.pairs(), scene, g.k, threads);
  add_complex_noise(echoes, mean_power(echoes) * std::pow(10, -snr_db / 10), seed, "noise");
  ToolReport report{.title = "Echoes of " + points.filename().string()};
  const auto shape = shape_of(g);
  report.values = {{"points", scene.size()}, {"shape of data.npy", shape_text(shape)}};
  report.files.push_back({"data.npy", data::complex_npy_bytes(shape, echoes)});
  return report;
}

} // namespace raphson::optim::tools
