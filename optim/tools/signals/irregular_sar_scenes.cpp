#include "optim/tools/signals/irregular_sar_scenes.h"

#include "optim/engine/complex_fourier.h"
#include "optim/engine/random.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {

std::vector<AntennaPair> Scan::pairs() const {
  const auto moved = [](const Point3& a, const Point3& by) {
    return Point3{a.x + by.x, a.y + by.y, a.z + by.z};
  };
  std::vector<AntennaPair> all;
  all.reserve(positions.size() * tx.size() * rx.size());
  for (const Point3& position : positions)
    for (const Point3& t : tx)
      for (const Point3& r : rx) all.push_back({moved(t, position), moved(r, position)});
  return all;
}

Eigen::MatrixXd smooth_field(Eigen::Index rows, Eigen::Index columns, double span, std::uint64_t seed) {
  RandomStream random(seed, "smooth field");
  std::vector<std::complex<double>> field(static_cast<std::size_t>(rows * columns));
  for (auto& value : field) value = random.normal();
  const auto r = static_cast<std::size_t>(rows), c = static_cast<std::size_t>(columns);
  transform_images(field, r, c, Direction::forward);
  for (Eigen::Index i = 0; i < rows; ++i)
    for (Eigen::Index j = 0; j < columns; ++j) {
      const auto wi = static_cast<double>(std::min(i, rows - i)),
                 wj = static_cast<double>(std::min(j, columns - j));
      field[static_cast<std::size_t>(i * columns + j)] *= std::exp(-(wi * wi + wj * wj) / 18);
    }
  transform_images(field, r, c, Direction::inverse);
  Eigen::MatrixXd out(rows, columns);
  for (Eigen::Index i = 0; i < rows; ++i)
    for (Eigen::Index j = 0; j < columns; ++j)
      out(i, j) = field[static_cast<std::size_t>(i * columns + j)].real();
  const double low = out.minCoeff(), high = out.maxCoeff();
  return span / (high - low) * (out.array() - 0.5 * (low + high));
}

Wavenumbers experiment_wavenumbers() {
  constexpr double speed = 299792458;
  constexpr std::size_t count = 32;
  return Wavenumbers::of_frequencies(77e9, 4e9 / (count - 1), count, speed);
}

Scan hand_scan(const ScanSettings& settings) {
  constexpr Eigen::Index rows = 8, columns = 128;
  Scan scan{.k = experiment_wavenumbers(), .positions = {}, .tx = {}, .rx = {}};
  const double wavelength = scan.wavelength = scan.k.shortest_wavelength();
  for (int i = 0; i < 8; ++i) scan.rx.push_back({0, 0.5 * wavelength * i, 0});
  scan.tx = {{0, 4 * wavelength, 0}, {0, 8 * wavelength, 0}};
  const double middle = wavelength * (2 + 5.75) / 2; // of the array's midpoints
  const Eigen::MatrixXd z = settings.z_span > 0 ? smooth_field(rows, columns, settings.z_span, settings.seed)
                                                : Eigen::MatrixXd::Zero(rows, columns);
  RandomStream random(settings.seed, "hand off the raster");
  for (Eigen::Index i = 0; i < rows; ++i)
    for (Eigen::Index j = 0; j < columns; ++j) {
      const double x = 0.25 * wavelength * (static_cast<double>(j) - 63.5);
      const double y = 4 * wavelength * (static_cast<double>(i) - 3.5) - middle;
      const double dx = random.uniform(-1.0, 1.0), dy = random.uniform(-1.0, 1.0);
      scan.positions.push_back({x + settings.off_raster * dx, y + settings.off_raster * dy, z(i, j)});
    }
  return scan;
}

std::vector<AntennaPair> planar_antennas(const std::vector<AntennaPair>& pairs, double plane) {
  std::vector<AntennaPair> single;
  for (const AntennaPair& pair : pairs) {
    const Point3 at{0.5 * (pair.transmitter.x + pair.receiver.x),
                    0.5 * (pair.transmitter.y + pair.receiver.y), plane};
    single.push_back({at, at});
  }
  return single;
}

std::vector<Scatterer> image_scene(const Eigen::MatrixXd& image, double pitch, double z, double threshold) {
  std::vector<Scatterer> points;
  const double middle_row = 0.5 * static_cast<double>(image.rows() - 1);
  const double middle_column = 0.5 * static_cast<double>(image.cols() - 1);
  for (Eigen::Index r = 0; r < image.rows(); ++r)
    for (Eigen::Index c = 0; c < image.cols(); ++c)
      if (image(r, c) > threshold)
        points.push_back({{pitch * (static_cast<double>(c) - middle_column),
                           pitch * (middle_row - static_cast<double>(r)), z},
                          image(r, c)});
  return points;
}

} // namespace raphson::optim::tools
