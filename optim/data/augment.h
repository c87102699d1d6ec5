// Changes that a batch of features goes through before a step sees it, at random: pixels shifted, noise
// added, inputs dropped. Each has a stream of its own name, drawn afresh for every batch, so that one more
// augmentation changes nothing in the others and a resumed run sees the same batches.
#pragma once

#include "optim/data/dataset.h"
#include "optim/engine/random.h"

#include <functional>
#include <string>

namespace raphson::optim::data {

/// Examples as rows, changed in place.
using FeatureBatch = Eigen::Map<RowMatrix>;

struct Augmentation {
  std::string stream = {}; ///< its name, unique among the augmentations of a loader
  std::function<void(FeatureBatch features, RandomStream& stream)> change = {};
};

/// Every image moved by whole pixels, -at_most ... at_most down and across, each equally likely; zero comes
/// in. Throws InputError where at_most is negative or no image is left.
Augmentation shift_pixels(int image_rows, int image_columns, int at_most);

/// Normal noise of this deviation on every feature. Throws InputError where it is negative or not finite.
Augmentation add_noise(double deviation);

/// Every feature set to zero with this probability. With `rescale` the others are divided by 1 - probability,
/// so that the expectation stays. Throws InputError unless 0 <= probability < 1.
Augmentation drop_inputs(double probability, bool rescale = false);

} // namespace raphson::optim::data
