#include "optim/tools/signals/irregular_sar_report.h"

#include "dsp/error.h"
#include "optim/data/complex_npy.h"
#include "optim/data/csv.h"
#include "optim/data/folder.h"
#include "optim/data/png_image.h"
#include "optim/engine/stopwatch.h"
#include "optim/tools/signals/imaging_json.h"
#include "optim/tools/signals/irregular_sar_scenes.h"
#include "optim/tools/signals/mimo_isar_report.h"
#include "optim/tools/signals/volume_pictures.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace raphson::optim::tools {
namespace {

using report::Cell;
using report::ToolReport;

std::vector<Point3> read_positions(const std::filesystem::path& path) {
  const data::CsvTable table = data::read_csv(path);
  std::vector<Point3> positions;
  for (std::size_t row = 0; row < table.rows(); ++row)
    positions.push_back({table.number(row, "x"), table.number(row, "y"), table.number(row, "z")});
  if (positions.empty()) throw InputError(path.string() + " holds no position");
  return positions;
}

Scan read_scan(const std::filesystem::path& positions, const std::filesystem::path& array, double speed) {
  const ImagingJson file(array);
  Scan scan{.k = file.wavenumbers(speed), .positions = read_positions(positions), .tx = {}, .rx = {}};
  scan.wavelength = scan.k.shortest_wavelength();
  for (const auto& at : file.lists("tx", 2)) scan.tx.push_back({at[0], at[1], 0});
  for (const auto& at : file.lists("rx", 2)) scan.rx.push_back({at[0], at[1], 0});
  const auto [least, most] = std::minmax_element(scan.positions.begin(), scan.positions.end(),
                                                 [](const Point3& a, const Point3& b) { return a.x < b.x; });
  if (most->x - least->x > 10 && scan.wavelength < 0.05)
    throw InputError(positions.string() + ": positions span " + std::to_string(most->x - least->x)
                     + " m at a wavelength of " + std::to_string(1e3 * scan.wavelength)
                     + " mm: are they in mm? m expected");
  return scan;
}

std::vector<std::size_t> shape_of(const Scan& scan) {
  return {scan.positions.size(), scan.tx.size(), scan.rx.size(), scan.k.count};
}

std::vector<std::complex<double>> read_data(const SarInput& input, const Scan& scan) {
  data::ComplexNpyArray array = data::read_complex_npy(input.data);
  if (array.shape != shape_of(scan))
    throw InputError(input.data.string() + " has shape " + shape_text(array.shape) + ", "
                     + input.positions.string() + " and " + input.array.string()
                     + " say [position, tx, rx, frequency] = " + shape_text(shape_of(scan)));
  for (std::size_t i = 0; i < array.values.size(); ++i)
    if (!std::isfinite(std::norm(array.values[i])))
      throw InputError(input.data.string() + ": value " + std::to_string(i) + " (from 0) is not finite");
  return std::move(array.values);
}

/// From the plane on.
std::vector<double> depths_of(const SarInput& input, double range) {
  if (input.depth_step <= 0) return {range};
  std::vector<double> depths;
  const auto count =
      static_cast<long>(std::floor((input.last_depth - input.first_depth) / input.depth_step + 1e-9));
  for (long i = 0; i <= count; ++i)
    depths.push_back(input.first_depth + input.depth_step * static_cast<double>(i));
  return depths;
}

void add_sampling(ToolReport& report, const SarSpectrum& s, const Wavenumbers& k, double range) {
  const double wavelength = k.shortest_wavelength();
  const auto across = [&](double aperture) {
    return aperture > 0 ? 1e3 * wavelength * range / (2 * aperture) : NAN;
  };
  report::Table table{{{"of the scan"}, {"is"}}, {}};
  table.rows = {{"samples in the raster", s.samples()},
                {"cells of the aperture that hold one (%)", Cell::fixed(100 * s.filled(), 1)},
                {"largest gap (mm), half a wavelength at best", 1e3 * s.largest_gap()},
                {"half a wavelength (mm)", 1e3 * wavelength / 2},
                {"spread of z (mm)", 1e3 * s.z_span()},
                {"largest phase that is left off broadside (rad)", s.largest_residual_phase()},
                {"resolution in x (mm)", across(s.aperture_x())},
                {"resolution in y (mm)", across(s.aperture_y())},
                {"resolution in depth (mm)", 1e3 * std::numbers::pi / (k.last() - k.first)}};
  report.tables.push_back({"sampling", "Sampling", table});
  if (s.largest_residual_phase() > std::numbers::pi / 2)
    report.warnings.push_back("the corners of this extent keep a phase error of "
                              + std::to_string(s.largest_residual_phase())
                              + " rad: the sensor's distance varies too much for them");
  if (s.largest_gap() > wavelength / 2)
    report.warnings.push_back("the aperture has gaps above half a wavelength: "
                              + std::to_string(static_cast<int>(std::lround(100 - 100 * s.filled())))
                              + " % of its cells are empty, expect ghosts");
}

void add_pictures(ToolReport& report, std::span<const std::complex<double>> values, std::size_t depths,
                  const SarSpectrum& s) {
  const std::size_t rows = s.y().size(), columns = s.x().size();
  if (depths > 1) { // as [y][x][z]
    std::vector<std::complex<double>> turned(values.size());
    for (std::size_t d = 0; d < depths; ++d)
      for (std::size_t i = 0; i < rows * columns; ++i)
        turned[i * depths + d] = values[d * rows * columns + i];
    add_projections(report, turned, {rows, columns, depths}, "Largest along the line of sight");
    return;
  }
  data::RowMatrix seen(static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns));
  for (Eigen::Index r = 0; r < seen.rows(); ++r)
    for (Eigen::Index c = 0; c < seen.cols(); ++c)
      seen(seen.rows() - 1 - r, c) = std::abs(values[static_cast<std::size_t>(r * seen.cols() + c)]);
  report.images.push_back(decibel_image("image", "The image, y up", seen));
}

} // namespace

ToolReport sar_report(const SarInput& input) {
  const Scan scan = read_scan(input.positions, input.array, input.speed);
  const auto data = read_data(input, scan);
  const auto pairs = scan.pairs();
  SarOptions options = input.options;
  ToolReport report{.title = "Image of " + input.data.filename().string()};
  if (input.say) input.say("transforms");
  if (input.auto_range) options.range = find_range(data, pairs, scan.k, options);
  const Stopwatch stopwatch;
  const SarSpectrum spectrum(data, pairs, scan.k, options);
  std::vector<double> z = depths_of(input, options.range);
  for (double& depth : z) depth += spectrum.plane();
  if (z.size() > 64 && input.method == SarMethod::slices)
    report.warnings.push_back(std::to_string(z.size()) + " slices one by one: --method rma is faster");

  std::vector<std::complex<double>> values;
  double multiplications = spectrum.spectrum_multiplications();
  if (input.method == SarMethod::migration && z.size() > 1) {
    auto volume = spectrum.migrate(z.front(), z.back());
    values = std::move(volume.values), z = std::move(volume.z), multiplications = volume.multiplications;
  } else if (input.method != SarMethod::back_projection) {
    values = spectrum.slices(z);
    multiplications += static_cast<double>(z.size()) * spectrum.slice_multiplications();
  }
  std::vector<Point3> positions;
  for (const double depth : z)
    for (const double y : spectrum.y())
      for (const double x : spectrum.x()) positions.push_back({x, y, depth});
  if (input.method == SarMethod::back_projection) {
    if (input.say) input.say("back-projection");
    values = back_project(data, pairs, scan.k, positions, options.threads);
    multiplications =
        back_projection_multiplications(static_cast<double>(positions.size()),
                                        static_cast<double>(pairs.size()), static_cast<double>(scan.k.count));
  }
  const double seconds = stopwatch.seconds();
  report.values = {{"range (m)", options.range},
                   {"plane z (m)", spectrum.plane()},
                   {"cells x", spectrum.x().size()},
                   {"cells y", spectrum.y().size()},
                   {"depths", z.size()},
                   {"cell (mm)", 1e3 * spectrum.step()},
                   {"real multiplications", multiplications},
                   {"time (s)", seconds}};
  report.tables.push_back({"peaks", "Highest peaks, 6 cells apart",
                           peak_table(values, positions, input.peaks, 6 * spectrum.step())});
  add_sampling(report, spectrum, scan.k, options.range);
  add_pictures(report, values, z.size(), spectrum);
  const std::size_t shape[] = {z.size(), spectrum.y().size(), spectrum.x().size()};
  report.files.push_back(
      z.size() > 1
          ? report::ResultFile{"volume.npy", data::complex_npy_bytes(shape, values)}
          : report::ResultFile{"image.npy", data::complex_npy_bytes(std::span(shape).subspan(1), values)});
  return report;
}

ToolReport simulate_scan(const SceneInput& input) {
  const Scan scan = read_scan(input.positions, input.array, input.speed);
  std::vector<Scatterer> scene;
  if (data::lower_case_extension(input.scene) == ".png") {
    if (!(input.range > 0))
      throw InputError("--simulate " + input.scene.string() + " needs --range, where the picture is");
    const auto levels = data::grey_levels(data::read_png(input.scene), input.scene.string());
    scene = image_scene(levels, input.pitch, input.range);
    if (scene.empty()) throw InputError(input.scene.string() + " has no pixel above 0.3");
  } else {
    scene = read_points(input.scene);
  }
  auto echoes = simulate_echoes(scan.pairs(), scene, scan.k, input.threads);
  add_complex_noise(echoes, mean_power(echoes) * std::pow(10, -input.snr_db / 10), input.seed, "noise");
  ToolReport report{.title = "Echoes of " + input.scene.filename().string()};
  const auto shape = shape_of(scan);
  report.values = {{"points", scene.size()}, {"shape of data.npy", shape_text(shape)}};
  report.files.push_back({"data.npy", data::complex_npy_bytes(shape, echoes)});
  return report;
}

} // namespace raphson::optim::tools
