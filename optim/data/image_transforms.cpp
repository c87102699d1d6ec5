#include "optim/data/image_transforms.h"

#include "dsp/error.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace raphson::optim::data {
namespace {

using ImageMap = Eigen::Map<RowMatrix>;
using ConstImageMap = Eigen::Map<const RowMatrix>;

std::string size_of(int rows, int columns) { return std::to_string(rows) + " x " + std::to_string(columns); }

void check_images(const Dataset& images) {
  if (images.image_rows <= 0 || images.image_columns <= 0
      || images.features.cols() != Eigen::Index{images.image_rows} * images.image_columns)
    throw InputError(images.name + ": no images, pixels are needed here");
}

void check_size(const Dataset& images, int rows, int columns) {
  check_images(images);
  if (rows < 1 || columns < 1)
    throw InputError(images.name + ": images of " + size_of(rows, columns) + " pixels are asked for");
}

ConstImageMap image(const Dataset& images, Eigen::Index i) {
  return {images.features.row(i).data(), images.image_rows, images.image_columns};
}

/// The same examples with room for images of another size.
Dataset resized(const Dataset& images, int rows, int columns) {
  Dataset result{.target = images.target,
                 .labels = images.labels,
                 .class_names = images.class_names,
                 .image_rows = rows,
                 .image_columns = columns,
                 .name = images.name};
  result.features.resize(images.features.rows(), Eigen::Index{rows} * columns);
  return result;
}

/// Row i: the share that each of `from` pixels has in pixel i of `to`.
RowMatrix area_weights(int from, int to) {
  RowMatrix weights = RowMatrix::Zero(to, from);
  for (int i = 0; i < to; ++i) {
    const double begin = static_cast<double>(i) * from / to, end = static_cast<double>(i + 1) * from / to;
    for (int k = static_cast<int>(begin); k < from && k < end; ++k)
      weights(i, k) = std::max(0.0, std::min(end, k + 1.0) - std::max(begin, double(k))) / (end - begin);
  }
  return weights;
}

RowMatrix rotated(const ConstImageMap& image, int quarters) {
  switch (((quarters % 4) + 4) % 4) {
  case 1:
    return image.transpose().colwise().reverse();
  case 2:
    return image.reverse();
  case 3:
    return image.transpose().rowwise().reverse();
  default:
    return image;
  }
}

} // namespace

Dataset resize(const Dataset& images, int rows, int columns) {
  check_size(images, rows, columns);
  Dataset result = resized(images, rows, columns);
  const RowMatrix down = area_weights(images.image_rows, rows);
  const RowMatrix across = area_weights(images.image_columns, columns).transpose();
  for (Eigen::Index i = 0; i < images.features.rows(); ++i)
    ImageMap(result.features.row(i).data(), rows, columns).noalias() = down * image(images, i) * across;
  return result;
}

Dataset pool(const Dataset& images, int rows, int columns) {
  check_size(images, rows, columns);
  if (images.image_rows % rows != 0 || images.image_columns % columns != 0)
    throw InputError(images.name + ": images of " + size_of(images.image_rows, images.image_columns)
                     + " pixels cannot be averaged to " + size_of(rows, columns)
                     + ", a divisor of each is needed");
  Dataset result = resized(images, rows, columns);
  const int high = images.image_rows / rows, wide = images.image_columns / columns;
  for (Eigen::Index i = 0; i < images.features.rows(); ++i) {
    const ConstImageMap from = image(images, i);
    ImageMap to(result.features.row(i).data(), rows, columns);
    for (int r = 0; r < rows; ++r)
      for (int c = 0; c < columns; ++c) to(r, c) = from.block(r * high, c * wide, high, wide).mean();
  }
  return result;
}

Dataset crop_centre(const Dataset& images, int rows, int columns) {
  check_size(images, rows, columns);
  if (rows > images.image_rows || columns > images.image_columns)
    throw InputError(images.name + ": images of " + size_of(images.image_rows, images.image_columns)
                     + " pixels cannot be cut to " + size_of(rows, columns));
  Dataset result = resized(images, rows, columns);
  const int top = (images.image_rows - rows) / 2, left = (images.image_columns - columns) / 2;
  for (Eigen::Index i = 0; i < images.features.rows(); ++i)
    ImageMap(result.features.row(i).data(), rows, columns) = image(images, i).block(top, left, rows, columns);
  return result;
}

void rotate_quarters(Dataset& images, std::span<const std::size_t> rows, int quarters) {
  check_images(images);
  if (quarters % 2 != 0 && images.image_rows != images.image_columns)
    throw InputError(images.name + ": images of " + size_of(images.image_rows, images.image_columns)
                     + " pixels are not square, some of them alone cannot be turned by a quarter");
  for (const std::size_t row : rows) {
    if (row >= images.size()) throw InputError(images.name + ": there is no image " + std::to_string(row));
    const auto i = static_cast<Eigen::Index>(row);
    const RowMatrix turned = rotated(image(images, i), quarters);
    std::copy_n(turned.data(), turned.size(), images.features.row(i).data());
  }
}

Dataset rotate_quarters(const Dataset& images, int quarters) {
  check_images(images);
  const bool upright = quarters % 2 == 0;
  Dataset result = resized(images, upright ? images.image_rows : images.image_columns,
                           upright ? images.image_columns : images.image_rows);
  for (Eigen::Index i = 0; i < images.features.rows(); ++i)
    ImageMap(result.features.row(i).data(), result.image_rows, result.image_columns) =
        rotated(image(images, i), quarters);
  return result;
}

} // namespace raphson::optim::data
