// A picture between its pixels: linear in both directions between the four around a place, the border going
// on for ever outside. Places are in pixels, row and column, that of a pixel's middle being whole numbers.
#pragma once

#include <cstddef>

namespace raphson::optim::data {

/// Grey levels, row by row, that are the caller's.
struct PictureView {
  const float* pixels = nullptr;
  int rows = 0, columns = 0;
};

float bilinear(const PictureView& picture, double row, double column);

/// A square of the picture around a place, `half` pixels to each side of it.
struct Square {
  double row = 0, column = 0, half = 0;
};

/// The square as size x size cells, each its level in the middle, or, where a cell is more than 1.3 pixels
/// wide, the mean of those in the middles of its quarters. `cells` has room for size x size values.
void crop(const PictureView& picture, const Square& square, int size, float* cells);

} // namespace raphson::optim::data
