#include "optim/tools/signals/mimo_isar_report.h"

#include "dsp/error.h"
#include "optim/data/complex_npy.h"
#include "optim/data/csv.h"
#include "optim/data/npy.h"
#include "optim/engine/stopwatch.h"
#include "optim/tools/signals/imaging_json.h"
#include "optim/tools/signals/volume_pictures.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace raphson::optim::tools {

using report::Cell;
using report::ToolReport;

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
    if (!(count >= 8 && count <= 1e6 && count == std::floor(count)))
      file.refuse("angles must be a list of degrees, or a whole number of them from 8 on");
    for (double i = 0; i < count; ++i) g.angles.push_back(2 * std::numbers::pi * i / count);
  } else {
    for (const double degrees : file.numbers("angles")) g.angles.push_back(degrees * std::numbers::pi / 180);
  }
  if (!(g.radius > 0)) file.refuse("radius must be above 0");
  return g;
}

std::vector<Scatterer> read_points(const std::filesystem::path& path) {
  const data::CsvTable table = data::read_csv(path);
  std::vector<Scatterer> points;
  for (std::size_t row = 0; row < table.rows(); ++row)
    points.push_back({{table.number(row, "x"), table.number(row, "y"), table.number(row, "z")},
                      table.has_column("strength") ? table.number(row, "strength") : 1});
  if (points.empty()) throw InputError(path.string() + " holds no point");
  return points;
}

report::Table peak_table(std::span<const std::complex<double>> values, std::span<const Point3> positions,
                         std::size_t count, double suppression_radius) {
  report::Table table{{{"x (m)"}, {"y (m)"}, {"z (m)"}, {"dB"}}, {}};
  const auto peaks = find_peaks(values, positions, count, suppression_radius);
  for (const Peak& peak : peaks) {
    const Point3& at = positions[peak.index];
    table.rows.push_back({Cell::fixed(at.x, 5), Cell::fixed(at.y, 5), Cell::fixed(at.z, 5),
                          Cell::fixed(20 * std::log10(peak.magnitude / peaks.front().magnitude), 2)});
  }
  return table;
}

namespace {

std::vector<std::size_t> shape_of(const TurntableGeometry& g) {
  return {g.tracks.size(), g.tx.size(), g.rx.size(), g.angles.size(), g.k.count};
}

std::vector<std::complex<double>> read_data(const IsarInput& input, const TurntableGeometry& g) {
  data::ComplexNpyArray array = data::read_complex_npy(input.data);
  if (array.shape != shape_of(g))
    throw InputError(input.data.string() + " has shape " + shape_text(array.shape) + ", "
                     + input.geometry.string()
                     + " says [track, tx, rx, angle, frequency] = " + shape_text(shape_of(g)));
  for (std::size_t i = 0; i < array.values.size(); ++i)
    if (!std::isfinite(std::norm(array.values[i])))
      throw InputError(input.data.string() + ": value " + std::to_string(i) + " (from 0) is not finite");
  return std::move(array.values);
}

/// What the geometry allows, against what it is.
void add_sampling(ToolReport& report, const TurntableGeometry& g, const IsarOptions& o, bool back_project) {
  const double wavelength = g.k.shortest_wavelength(), target = std::sqrt(2.0) * o.extent;
  const double angle = 2 * std::numbers::pi / static_cast<double>(g.angles.size());
  const double allowed = wavelength / (4 * target);
  report::Table table{{{"step"}, {"is"}, {"should be at most"}}, {}};
  constexpr double degree = 180 / std::numbers::pi;
  table.rows.push_back({"angle (degrees)", degree * angle, degree * allowed});
  if (angle > allowed)
    report.warnings.push_back("angles are " + std::to_string(angle / allowed)
                              + " times too far apart for the corners of this extent: ghosts");
  if (!back_project) {
    const double step = virtual_array(g).step;
    table.rows.push_back({"height (mm)", 1e3 * step, 1e3 * wavelength / 4});
    if (step > wavelength / 2)
      report.warnings.push_back("heights are more than half a wavelength apart: images repeat along y");
  }
  table.rows.push_back({"extent, half width (m)", o.extent, 0.5 * unambiguous_range(g.k)});
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
  IsarOptions options = input.options;
  const auto data = read_data(input, g);
  if (input.back_project && options.heights.empty()) {
    const auto [low, high] = std::minmax_element(g.tracks.begin(), g.tracks.end());
    const double middle = 0.5 * (*low + *high) + 0.5 * (g.tx.front() + g.rx.front());
    for (int i = -20; i <= 20; ++i) options.heights.push_back(middle + options.extent * i / 20);
  }
  ToolReport report{.title = "Image of " + input.data.filename().string()};
  add_sampling(report, g, options, input.back_project);
  if (input.say) input.say(input.back_project ? "back-projection" : "transforms");
  const Stopwatch stopwatch;
  const IsarVolume volume =
      input.back_project ? back_projection(data, g, options) : isar_image(data, g, options);
  const double seconds = stopwatch.seconds();
  const auto positions = volume.positions();
  report.values = {{"method", input.back_project ? "back-projection" : "Fourier"},
                   {"voxels x", volume.x.size()},
                   {"voxels y", volume.y.size()},
                   {"voxels z", volume.z.size()},
                   {"step in x and z (mm)", 1e3 * (volume.x[1] - volume.x[0])},
                   {"real multiplications", volume.multiplications},
                   {"time (s)", seconds}};
  report.tables.insert(report.tables.begin(),
                       {"peaks", "Highest peaks, 6 voxels apart",
                        peak_table(volume.values, positions, input.peaks, 6 * (volume.x[1] - volume.x[0]))});
  add_projections(report, volume.values, {volume.y.size(), volume.x.size(), volume.z.size()},
                  "Largest along the line of sight");
  const std::size_t shape[] = {volume.y.size(), volume.x.size(), volume.z.size()};
  report.files.push_back({"volume.npy", data::complex_npy_bytes(shape, volume.values)});
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
