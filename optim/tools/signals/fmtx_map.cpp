#include "optim/tools/signals/fmtx_map.h"

#include "dsp/error.h"
#include "optim/data/png_image.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace raphson::optim::tools {

OccupancyMap::OccupancyMap(int rows, int columns, double scale, std::vector<std::uint8_t> blocked,
                           const std::string& name)
    : rows_(rows), columns_(columns), scale_(scale), blocked_(std::move(blocked)) {
  if (std::all_of(blocked_.begin(), blocked_.end(), [](std::uint8_t b) { return b != 0; }))
    throw InputError(name + " has no free pixel: dark is blocked, light is free");
}

bool OccupancyMap::blocked(int row, int column) const {
  if (row < 0 || row >= rows_ || column < 0 || column >= columns_) return true;
  return blocked_[row * columns_ + column] != 0;
}

bool OccupancyMap::blocked(PositionView point) const {
  const double x = point[0] / scale_, y = point[1] / scale_;
  if (!(x >= 0 && x <= columns_ && y >= 0 && y <= rows_)) return true;
  const int column = std::min(static_cast<int>(x), columns_ - 1);
  const int from_below = std::min(static_cast<int>(y), rows_ - 1);
  return blocked(rows_ - 1 - from_below, column);
}

std::vector<int> OccupancyMap::free_pixels() const {
  std::vector<int> pixels;
  for (std::size_t i = 0; i < blocked_.size(); ++i)
    if (!blocked_[i]) pixels.push_back(static_cast<int>(i));
  return pixels;
}

bool OccupancyMap::line_free(PositionView a, PositionView b) const {
  if (blocked(a) || blocked(b)) return false;
  const double from[] = {a[0] / scale_, a[1] / scale_}, to[] = {b[0] / scale_, b[1] / scale_};
  const int size[] = {columns_, rows_};
  int cell[2], last[2], step[2];
  double next[2], period[2]; // of the line's parameter, to the next border of a pixel and between two
  for (int k = 0; k < 2; ++k) {
    cell[k] = std::min(static_cast<int>(from[k]), size[k] - 1);
    last[k] = std::min(static_cast<int>(to[k]), size[k] - 1);
    const double length = to[k] - from[k];
    step[k] = length > 0 ? 1 : -1;
    const double border = cell[k] + (length > 0 ? 1 : 0);
    constexpr double never = std::numeric_limits<double>::infinity();
    next[k] = length != 0 ? (border - from[k]) / length : never;
    period[k] = length != 0 ? 1 / std::abs(length) : never;
  }
  const auto taken = [&](int x, int y) { return blocked(rows_ - 1 - y, x); };
  while (cell[0] != last[0] || cell[1] != last[1]) {
    if (cell[0] != last[0] && cell[1] != last[1] && next[0] == next[1] && taken(cell[0] + step[0], cell[1])
        && taken(cell[0], cell[1] + step[1]))
      return false;
    const bool corner = next[0] == next[1] && cell[0] != last[0] && cell[1] != last[1];
    const int axis = cell[1] == last[1] || (cell[0] != last[0] && next[0] <= next[1]) ? 0 : 1;
    for (int k = 0; k < 2; ++k) {
      if (k != axis && !corner) continue;
      cell[k] += step[k];
      next[k] += period[k];
    }
    if (taken(cell[0], cell[1])) return false;
  }
  return true;
}

double OccupancyMap::pixel_distance(PositionView point, int row, int column) const {
  const double left = column * scale_, low = (rows_ - 1 - row) * scale_;
  const double dx = std::max({left - point[0], point[0] - left - scale_, 0.0});
  const double dy = std::max({low - point[1], point[1] - low - scale_, 0.0});
  return std::hypot(dx, dy);
}

double OccupancyMap::clearance(PositionView point) const {
  if (blocked(point)) return 0;
  const int column = std::min(static_cast<int>(point[0] / scale_), columns_ - 1);
  const int row = rows_ - 1 - std::min(static_cast<int>(point[1] / scale_), rows_ - 1);
  double least = std::min({point[0], point[1], width() - point[0], height() - point[1]});
  // Pixels of ring r are at least r - 1 pixels away.
  for (int ring = 1; (ring - 1) * scale_ < least; ++ring) {
    for (int r = std::max(0, row - ring); r <= std::min(rows_ - 1, row + ring); ++r) {
      const bool whole = std::abs(r - row) == ring;
      for (int c = column - ring; c <= column + ring; c += whole ? 1 : 2 * ring)
        if (c >= 0 && c < columns_ && blocked(r, c)) least = std::min(least, pixel_distance(point, r, c));
    }
  }
  return least;
}

OccupancyMap OccupancyMap::inflated(double by, const std::string& name) const {
  if (by <= 0) return *this;
  const int reach = static_cast<int>(std::ceil(by / scale_));
  std::vector<std::uint8_t> grown = blocked_;
  const auto at_border = [&](int row, int column) { // blocked and beside a free one: others reach no further
    return blocked(row, column)
           && (!blocked(row - 1, column) || !blocked(row + 1, column) || !blocked(row, column - 1)
               || !blocked(row, column + 1));
  };
  const auto gap = [&](int difference) { return std::max(0, std::abs(difference) - 1) * scale_; };
  const auto stamp = [&](int row, int column) {
    for (int r = std::max(0, row - reach); r <= std::min(rows_ - 1, row + reach); ++r)
      for (int c = std::max(0, column - reach); c <= std::min(columns_ - 1, column + reach); ++c)
        if (std::hypot(gap(r - row), gap(c - column)) < by) grown[r * columns_ + c] = 1;
  };
  for (int row = -1; row <= rows_; ++row) // the frame around the map is blocked as well
    for (int column = -1; column <= columns_; ++column)
      if (at_border(row, column)) stamp(row, column);
  return OccupancyMap(rows_, columns_, scale_, std::move(grown), name + ", grown by the robot's radius,");
}

OccupancyMap read_map(const std::filesystem::path& path, double scale) {
  const data::RowMatrix levels = data::grey_levels(data::read_png(path), path.string());
  std::vector<std::uint8_t> blocked;
  blocked.reserve(static_cast<std::size_t>(levels.size()));
  for (Eigen::Index r = 0; r < levels.rows(); ++r)
    for (Eigen::Index c = 0; c < levels.cols(); ++c) blocked.push_back(levels(r, c) < 0.5);
  return OccupancyMap(static_cast<int>(levels.rows()), static_cast<int>(levels.cols()), scale,
                      std::move(blocked), path.string());
}

} // namespace raphson::optim::tools
