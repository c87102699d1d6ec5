#include "optim/tools/signals/volume_pictures.h"

#include "optim/data/png_image.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {

using data::RowMatrix;

report::NamedImage decibel_image(const std::string& name, const std::string& caption,
                                 const RowMatrix& magnitudes, double floor_db) {
  const auto largest = magnitudes.maxCoeff();
  RowMatrix levels = magnitudes;
  for (auto& level : levels.reshaped()) {
    const double db =
        20 * std::log10(std::max(1e-12, static_cast<double>(level) / static_cast<double>(largest)));
    level = static_cast<RowMatrix::Scalar>(std::max(0.0, 1 - db / floor_db));
  }
  const auto side = std::max(levels.rows(), levels.cols());
  const int scale = static_cast<int>(std::clamp<Eigen::Index>(400 / std::max<Eigen::Index>(1, side), 1, 8));
  return {name, data::png_bytes(data::grey_image(levels, scale)),
          caption + ", white at the largest, black at " + std::to_string(static_cast<int>(floor_db)) + " dB"};
}

void add_projections(report::ToolReport& report, std::span<const std::complex<double>> volume,
                     VolumeShape shape, const std::string& of, double floor_db) {
  const auto rows = [](std::size_t n) { return static_cast<Eigen::Index>(n); };
  RowMatrix front = RowMatrix::Zero(rows(shape.y), rows(shape.x)),
            side = RowMatrix::Zero(rows(shape.y), rows(shape.z)),
            above = RowMatrix::Zero(rows(shape.x), rows(shape.z));
  for (Eigen::Index y = 0, i = 0; y < front.rows(); ++y)
    for (Eigen::Index x = 0; x < front.cols(); ++x)
      for (Eigen::Index z = 0; z < side.cols(); ++z, ++i) {
        const auto value = static_cast<RowMatrix::Scalar>(std::abs(volume[static_cast<std::size_t>(i)]));
        const Eigen::Index up = front.rows() - 1 - y;
        front(up, x) = std::max(front(up, x), value);
        side(up, z) = std::max(side(up, z), value);
        above(x, z) = std::max(above(x, z), value);
      }
  report.images.push_back(
      decibel_image("front", of + ", from the front: x to the right, y up", front, floor_db));
  report.images.push_back(
      decibel_image("side", of + ", from the side: z to the right, y up", side, floor_db));
  report.images.push_back(
      decibel_image("above", of + ", from above: z to the right, x down", above, floor_db));
}

} // namespace raphson::optim::tools
