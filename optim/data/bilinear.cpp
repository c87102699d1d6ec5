#include "optim/data/bilinear.h"

#include <algorithm>

namespace raphson::optim::data {

float bilinear(const PictureView& picture, double row, double column) {
  const double r = std::clamp(row, 0.0, picture.rows - 1.0),
               c = std::clamp(column, 0.0, picture.columns - 1.0);
  const int top = std::min(static_cast<int>(r), std::max(0, picture.rows - 2)),
            left = std::min(static_cast<int>(c), std::max(0, picture.columns - 2));
  const int down = picture.rows > 1 ? picture.columns : 0, right = picture.columns > 1 ? 1 : 0;
  const auto a = static_cast<float>(r - top), b = static_cast<float>(c - left);
  const float* const p = picture.pixels + static_cast<std::ptrdiff_t>(top) * picture.columns + left;
  const float above = p[0] + b * (p[right] - p[0]), below = p[down] + b * (p[down + right] - p[down]);
  return above + a * (below - above);
}

void crop(const PictureView& picture, const Square& square, int size, float* cells) {
  constexpr double widest_cell = 1.3; // pixels
  const double cell = 2 * square.half / size;
  const int samples = cell > widest_cell ? 2 : 1; // in each direction
  const double step = cell / samples;
  const double top = square.row - square.half + step / 2, left = square.column - square.half + step / 2;
  for (int i = 0; i < size; ++i)
    for (int j = 0; j < size; ++j) {
      float sum = 0;
      for (int a = 0; a < samples; ++a)
        for (int b = 0; b < samples; ++b)
          sum += bilinear(picture, top + i * cell + a * step, left + j * cell + b * step);
      cells[i * size + j] = sum / static_cast<float>(samples * samples);
    }
}

} // namespace raphson::optim::data
