#include "optim/tools/signals/imaging_files.h"

#include "optim/data/complex_npy.h"
#include "optim/data/csv.h"
#include "optim/data/npy.h"
#include "optim/report/text.h"
#include "optim/tools/signals/imaging_json.h"

#include <charconv>
#include <cmath>

namespace raphson::optim::tools {

using report::Cell, report::format_significant;

std::vector<Scatterer> read_points(const std::filesystem::path& path) {
  const data::CsvTable table = data::read_csv(path);
  std::vector<Scatterer> points;
  for (std::size_t row = 0; row < table.rows(); ++row)
    points.push_back({{table.number(row, "x"), table.number(row, "y"), table.number(row, "z")},
                      table.has_column("strength") ? table.number(row, "strength") : 1});
  if (points.empty()) throw InputError(path.string() + " holds no point");
  return points;
}

std::vector<std::complex<double>> read_echoes(const std::filesystem::path& path,
                                              const std::vector<std::size_t>& shape,
                                              const std::string& says) {
  data::ComplexNpyArray array = data::read_complex_npy(path);
  if (array.shape != shape)
    throw InputError(path.string() + " has shape " + shape_text(array.shape) + ", " + says + " = "
                     + shape_text(shape));
  for (std::size_t i = 0; i < array.values.size(); ++i)
    if (!std::isfinite(std::norm(array.values[i])))
      throw InputError(path.string() + ": value " + std::to_string(i) + " (from 0) is not finite");
  return std::move(array.values);
}

std::vector<double> stepped(double first, double last, double step) {
  std::vector<double> values;
  const auto count = static_cast<long>(std::floor((last - first) / step + 1e-9));
  for (long i = 0; i <= count; ++i) values.push_back(first + step * static_cast<double>(i));
  return values;
}

std::vector<double> parse_steps(const std::string& option, const std::string& text) {
  double parts[3] = {}; // first, last, step
  const char *at = text.data(), *const end = text.data() + text.size();
  bool good = true;
  for (int i = 0; i < 3 && good; ++i) {
    const auto [next, error] = std::from_chars(at, end, parts[i]);
    good = error == std::errc() && std::isfinite(parts[i])
           && (i == 2 ? next == end : next != end && *next == ':');
    at = next + (i < 2 ? 1 : 0);
  }
  if (!good || !(parts[1] >= parts[0]) || !(parts[2] > 0) || !((parts[1] - parts[0]) / parts[2] < 4096))
    throw InputError(option + " " + text
                     + ": FIRST:LAST:STEP in m, rising, 4096 steps at most, expected, as in 0.2:0.3:0.005");
  return stepped(parts[0], parts[1], parts[2]);
}

report::NamedTable peak_table(std::span<const std::complex<double>> values, std::span<const Point3> positions,
                              std::size_t count, double across, double along) {
  report::Table table{{{"x (m)"}, {"y (m)"}, {"z (m)"}, {"dB"}}, {}};
  std::vector<Point3> scaled(positions.begin(), positions.end()); // the ellipsoid as a ball
  for (Point3& at : scaled) at.z *= across / along;
  const auto peaks = find_peaks(values, scaled, count, across);
  for (const Peak& peak : peaks) {
    const Point3& at = positions[peak.index];
    table.rows.push_back({Cell::fixed(at.x, 5), Cell::fixed(at.y, 5), Cell::fixed(at.z, 5),
                          Cell::fixed(20 * std::log10(peak.magnitude / peaks.front().magnitude), 2)});
  }
  std::string caption = "Highest peaks, more than " + format_significant(1e3 * across, 3) + " mm apart";
  if (along != across) caption += " across or " + format_significant(1e3 * along, 3) + " mm in depth";
  return {"peaks", caption, std::move(table)};
}

void add_coordinates(report::ToolReport& report, const std::vector<double>& x, const std::vector<double>& y,
                     const std::vector<double>& z) {
  const auto add = [&](const char* name, const std::vector<double>& values) {
    const std::size_t shape[] = {values.size()};
    report.files.push_back({name, data::npy_bytes(shape, std::span<const double>(values))});
  };
  add("x.npy", x);
  add("y.npy", y);
  add("z.npy", z);
}

std::string range_text(const std::vector<double>& metres) {
  return format_significant(1e3 * metres.front(), 4) + " to " + format_significant(1e3 * metres.back(), 4)
         + " mm";
}

} // namespace raphson::optim::tools
