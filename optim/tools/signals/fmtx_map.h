// An occupancy map: a grid of square pixels, each blocked or free, as a picture shows it.
//
// x grows to the right and y upwards from the lower left corner, in metres: pixel (row, column) covers
// [column, column + 1] x [rows - 1 - row, rows - row] times the scale. Outside of it everything is blocked.
#pragma once

#include "optim/tools/signals/fmtx_obstacles.h"

#include <cstdint>
#include <filesystem>

namespace raphson::optim::tools {

class OccupancyMap {
public:
  /// blocked: [row][column], row 0 on top. Throws InputError where no pixel is free; `name` is for messages.
  OccupancyMap(int rows, int columns, double scale, std::vector<std::uint8_t> blocked,
               const std::string& name);

  int rows() const { return rows_; }
  int columns() const { return columns_; }
  double scale() const { return scale_; } ///< metres a pixel
  double width() const { return columns_ * scale_; }
  double height() const { return rows_ * scale_; }

  bool blocked(int row, int column) const; ///< true outside
  bool blocked(PositionView point) const;

  std::vector<int> free_pixels() const; ///< row * columns + column, ascending

  /// Whether the line crosses no blocked pixel: every pixel it goes through is looked at (J. Amanatides & A.
  /// Woo, Eurographics 1987). A corner where two blocked pixels meet lets nothing through.
  bool line_free(PositionView a, PositionView b) const;

  /// From a free point to the nearest blocked pixel, the edge of the map counting as one; from a blocked
  /// point 0.
  double clearance(PositionView point) const;

  /// Every pixel blocked that comes nearer to a blocked one than `by`, for a robot of this radius. Throws
  /// InputError where nothing is left free.
  OccupancyMap inflated(double by, const std::string& name) const;

private:
  double pixel_distance(PositionView point, int row, int column) const;

  int rows_, columns_;
  double scale_;
  std::vector<std::uint8_t> blocked_;
};

/// A PNG, dark (below half) is blocked.
OccupancyMap read_map(const std::filesystem::path& path, double scale);

} // namespace raphson::optim::tools
