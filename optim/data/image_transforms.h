// Images as rows of a Dataset, made smaller, cut and turned. Each throws InputError where the dataset has no
// images or the sizes do not go together.
#pragma once

#include "optim/data/dataset.h"

#include <cstddef>
#include <span>

namespace raphson::optim::data {

/// Means over blocks, so that an image has rows x columns pixels; its own sizes must be multiples of these
/// (28 -> 14, 28 -> 7).
Dataset pool(const Dataset& images, int rows, int columns);

/// The middle rows x columns pixels; where a border is odd, the smaller part of it lies above and to the
/// left.
Dataset crop_centre(const Dataset& images, int rows, int columns);

/// To any size: each pixel the mean of the area it covers, as a square of constant brightness (pool, where
/// the sizes divide).
Dataset resize(const Dataset& images, int rows, int columns);

/// Turns the images of these rows of the dataset by quarters of a circle, anticlockwise (numpy.rot90); images
/// must be square unless quarters is even. Negative: clockwise.
void rotate_quarters(Dataset& images, std::span<const std::size_t> rows, int quarters = 1);

/// All of them; images that are not square change their shape.
Dataset rotate_quarters(const Dataset& images, int quarters = 1);

} // namespace raphson::optim::data
