#include "optim/data/augment.h"

#include "dsp/error.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace raphson::optim::data {
namespace {

struct ImageSize {
  int rows, columns;
};

/// Row r of an image becomes what was row r - down, moved to the right by `across`; zero where nothing was.
void move_row(double* image, ImageSize size, int r, int down, int across) {
  double* const to = image + r * size.columns;
  const int from = r - down;
  if (from < 0 || from >= size.rows) {
    std::fill_n(to, size.columns, 0.0);
    return;
  }
  const double* const source = image + from * size.columns;
  const int kept = size.columns - std::abs(across);
  std::memmove(to + std::max(across, 0), source + std::max(-across, 0),
               static_cast<std::size_t>(kept) * sizeof(double));
  if (across > 0) std::fill_n(to, across, 0.0);
  if (across < 0) std::fill_n(to + kept, -across, 0.0);
}

// In the order in which no row is overwritten before it was moved.
void shift(double* image, ImageSize size, int down, int across) {
  if (down > 0)
    for (int r = size.rows; r-- > 0;) move_row(image, size, r, down, across);
  else
    for (int r = 0; r < size.rows; ++r) move_row(image, size, r, down, across);
}

int draw(RandomStream& stream, int at_most) {
  return static_cast<int>(stream.index(static_cast<std::size_t>(2 * at_most + 1))) - at_most;
}

} // namespace

Augmentation shift_pixels(int image_rows, int image_columns, int at_most) {
  if (image_rows < 1 || image_columns < 1 || at_most < 0 || at_most >= std::min(image_rows, image_columns))
    throw InputError("images of " + std::to_string(image_rows) + " x " + std::to_string(image_columns)
                     + " pixels cannot be shifted by up to " + std::to_string(at_most));
  const ImageSize size{image_rows, image_columns};
  return {"shift", [size, at_most](FeatureBatch features, RandomStream& stream) {
            if (features.cols() != Eigen::Index{size.rows} * size.columns)
              throw InputError("a shift by pixels needs images of " + std::to_string(size.rows) + " x "
                               + std::to_string(size.columns) + " pixels");
            for (Eigen::Index i = 0; i < features.rows(); ++i) {
              const int down = draw(stream, at_most);
              shift(features.row(i).data(), size, down, draw(stream, at_most));
            }
          }};
}

Augmentation add_noise(double deviation) {
  if (!(deviation >= 0 && std::isfinite(deviation)))
    throw InputError("noise of deviation " + std::to_string(deviation) + ", a number from 0 on expected");
  return {"noise", [deviation](FeatureBatch features, RandomStream& stream) {
            for (double* x = features.data(); x != features.data() + features.size(); ++x)
              *x += deviation * stream.normal();
          }};
}

Augmentation drop_inputs(double probability, bool rescale) {
  if (!(probability >= 0 && probability < 1))
    throw InputError("inputs dropped with probability " + std::to_string(probability)
                     + ", 0 to below 1 expected");
  const double kept = rescale ? 1 / (1 - probability) : 1;
  return {"dropout", [probability, kept](FeatureBatch features, RandomStream& stream) {
            for (double* x = features.data(); x != features.data() + features.size(); ++x)
              *x *= stream.uniform() < probability ? 0 : kept;
          }};
}

} // namespace raphson::optim::data
