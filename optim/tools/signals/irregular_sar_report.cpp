#include "optim/tools/signals/irregular_sar_report.h"

#include "dsp/error.h"
#include "optim/data/complex_npy.h"
#include "optim/data/csv.h"
#include "optim/data/folder.h"
#include "optim/data/png_image.h"
#include "optim/engine/stopwatch.h"
#include "optim/report/text.h"
#include "optim/tools/signals/imaging_files.h"
#include "optim/tools/signals/imaging_json.h"
#include "optim/tools/signals/irregular_sar_scenes.h"
#include "optim/tools/signals/volume_pictures.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace raphson::optim::tools {
namespace {

using report::Cell, report::format_significant, report::ToolReport;

std::vector<Point3> read_positions(const std::filesystem::path& path) {
  const data::CsvTable table = data::read_csv(path);
  std::vector<Point3> positions;
  for (std::size_t row = 0; row < table.rows(); ++row)
    positions.push_back({table.number(row, "x"), table.number(row, "y"), table.number(row, "z")});
  if (positions.empty()) throw InputError(path.string() + " holds no position");
  return positions;
}

double span_of(const std::vector<Point3>& positions, double Point3::*along) {
  const auto [least, most] =
      std::minmax_element(positions.begin(), positions.end(),
                          [along](const Point3& a, const Point3& b) { return a.*along < b.*along; });
  return (*most).*along - (*least).*along;
}

Scan read_scan(const std::filesystem::path& positions, const std::filesystem::path& array, double speed) {
  const ImagingJson file(array);
  Scan scan{.k = file.wavenumbers(speed), .positions = read_positions(positions), .tx = {}, .rx = {}};
  scan.wavelength = scan.k.shortest_wavelength();
  for (const auto& at : file.lists("tx", 2)) scan.tx.push_back({at[0], at[1], 0});
  for (const auto& at : file.lists("rx", 2)) scan.rx.push_back({at[0], at[1], 0});
  const double x = span_of(scan.positions, &Point3::x), y = span_of(scan.positions, &Point3::y),
               span = std::max({x, y, span_of(scan.positions, &Point3::z)});
  if (span > 10 && scan.wavelength < 0.05)
    throw InputError(positions.string() + ": positions span " + format_significant(span, 4)
                     + " m at a wavelength of " + format_significant(1e3 * scan.wavelength, 3)
                     + " mm: are they in mm? m expected");
  if (!(x > 0 || y > 0))
    throw InputError(positions.string() + ": all positions have the same x and y, an aperture is needed");
  return scan;
}

std::vector<std::size_t> shape_of(const Scan& scan) {
  return {scan.positions.size(), scan.tx.size(), scan.rx.size(), scan.k.count};
}

std::vector<std::complex<double>> read_data(const SarInput& input, const Scan& scan) {
  return read_echoes(input.data, shape_of(scan),
                     input.positions.string() + " and " + input.array.string()
                         + " say [position, tx, rx, frequency]");
}

void check_before_scene(const SarInput& input, const Scan& scan, double plane, double range) {
  for (std::size_t row = 0; row < scan.positions.size(); ++row)
    if (const double z = scan.positions[row].z; !(z < plane + range))
      throw InputError(input.positions.string() + ": position " + std::to_string(row) + " (from 0) at z = "
                       + format_significant(z, 4) + " m lies beyond the scene, which is "
                       + format_significant(range, 4) + " m (--range) from the plane z = "
                       + format_significant(plane, 4) + " m; are positions in m?");
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
                {"resolution in depth (mm)", 1e3 * depth_resolution(k)}};
  report.tables.push_back({"sampling", "Sampling", table});
  if (s.largest_residual_phase() > std::numbers::pi / 2)
    report.warnings.push_back("the corners of this extent keep a phase error of "
                              + format_significant(s.largest_residual_phase(), 3)
                              + " rad: the sensor's distance varies too much for them");
  if (s.largest_gap() > wavelength / 2)
    report.warnings.push_back("the aperture has gaps above half a wavelength: "
                              + std::to_string(static_cast<int>(std::lround(100 - 100 * s.filled())))
                              + " % of its cells are empty, expect ghosts");
}

/// values: [z][y][x].
void add_pictures(ToolReport& report, std::span<const std::complex<double>> values,
                  const std::vector<double>& z, const SarSpectrum& s) {
  const std::size_t pixels = s.y().size() * s.x().size();
  if (z.size() > 1) { // as [y][x][z]
    std::vector<std::complex<double>> turned(values.size());
    for (std::size_t d = 0; d < z.size(); ++d)
      for (std::size_t i = 0; i < pixels; ++i) turned[i * z.size() + d] = values[d * pixels + i];
    add_projections(report, turned, s.x(), s.y(), z, "Largest along the line of sight");
    return;
  }
  Section section{"x " + range_text(s.x()) + ", y " + range_text(s.y()) + " up",
                  data::RowMatrix(std::ssize(s.y()), std::ssize(s.x())), s.x(), s.y()};
  for (Eigen::Index i = 0; i < section.magnitudes.size(); ++i)
    section.magnitudes.data()[i] = std::abs(values[static_cast<std::size_t>(i)]);
  report.images.push_back(decibel_sections("image", "The image", {section}));
}

struct SarVolume {
  std::vector<double> z;
  std::vector<std::complex<double>> values; // [z][y][x]
  double multiplications = 0;
};

SarVolume make_volume(SarMethod method, std::span<const std::complex<double>> data,
                      std::span<const AntennaPair> pairs, const Wavenumbers& k, const SarSpectrum& spectrum,
                      std::vector<double> z, std::size_t threads) {
  if (method == SarMethod::migration && z.size() > 1) {
    auto volume = spectrum.migrate(z.front(), z.back());
    return {std::move(volume.z), std::move(volume.values), volume.multiplications};
  }
  SarVolume volume{.z = std::move(z), .values = {}};
  if (method != SarMethod::back_projection) {
    volume.values = spectrum.slices(volume.z);
    volume.multiplications = spectrum.spectrum_multiplications()
                             + static_cast<double>(volume.z.size()) * spectrum.slice_multiplications();
    return volume;
  }
  const auto points = spectrum.positions(volume.z);
  volume.values = back_project(data, pairs, k, points, threads);
  volume.multiplications = back_projection_multiplications(
      static_cast<double>(points.size()), static_cast<double>(pairs.size()), static_cast<double>(k.count));
  return volume;
}

/// Range migration makes depths of its own.
void say_depths(ToolReport& report, const std::vector<double>& wanted, const std::vector<double>& made) {
  if (wanted == made) return;
  const std::string step =
      made.size() > 1 ? ", " + format_significant(1e3 * (made[1] - made[0]), 3) + " mm apart" : "";
  report.warnings.push_back("range migration makes depths of its own, which z.npy holds: "
                            + std::to_string(made.size()) + step + ", for the "
                            + std::to_string(wanted.size()) + " of --depths; --method fft makes those");
}

} // namespace

ToolReport sar_report(const SarInput& input) {
  constexpr std::size_t most_slices = 64;
  const Scan scan = read_scan(input.positions, input.array, input.speed);
  const auto data = read_data(input, scan);
  const auto pairs = scan.pairs();
  SarOptions options = input.options;
  ToolReport report{.title = "Image of " + input.data.filename().string()};
  if (input.say) input.say("transforms");
  if (input.auto_range) options.range = find_range(data, pairs, scan.k, options);
  check_before_scene(input, scan, options.plane.value_or(mean_plane(pairs)), options.range);
  Stopwatch stopwatch;
  const SarSpectrum spectrum(data, pairs, scan.k, options);
  std::vector<double> wanted = input.depths.empty() ? std::vector{options.range} : input.depths;
  for (double& depth : wanted) depth += spectrum.plane();
  SarMethod method = input.method;
  if (method == SarMethod::automatic)
    method = wanted.size() > most_slices ? SarMethod::migration : SarMethod::slices;
  if (method == SarMethod::back_projection) {
    if (input.say) input.say("back-projection");
    stopwatch = {}; // the spectrum is for the table of sampling alone
  }
  const SarVolume volume = make_volume(method, data, pairs, scan.k, spectrum, wanted, options.threads);
  const double seconds = stopwatch.seconds();
  say_depths(report, wanted, volume.z);

  const std::size_t shape[] = {volume.z.size(), spectrum.y().size(), spectrum.x().size()};
  const bool flat = volume.z.size() == 1;
  report.values = {{"range (m)", options.range},
                   {"plane z (m)", spectrum.plane()},
                   {"voxels [z, y, x]", shape_text({shape[0], shape[1], shape[2]})},
                   {"x", range_text(spectrum.x())},
                   {"y", range_text(spectrum.y())},
                   {"z", range_text(volume.z)},
                   {"step in x and y (mm)", 1e3 * spectrum.step()},
                   {"real multiplications", volume.multiplications},
                   {"time (s)", seconds}};
  add_sampling(report, spectrum, scan.k, options.range);
  const double apart =
      std::max(6 * spectrum.step(), scan.wavelength * options.range
                                        / (2 * std::max(spectrum.aperture_x(), spectrum.aperture_y())));
  report.tables.push_back(peak_table(volume.values, spectrum.positions(volume.z), input.peaks, apart,
                                     flat ? apart : depth_resolution(scan.k)));
  add_pictures(report, volume.values, volume.z, spectrum);
  report.files.push_back(
      flat ? report::ResultFile{"image.npy",
                                data::complex_npy_bytes(std::span(shape).subspan(1), volume.values)}
           : report::ResultFile{"volume.npy", data::complex_npy_bytes(shape, volume.values)});
  add_coordinates(report, spectrum.x(), spectrum.y(), volume.z);
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
