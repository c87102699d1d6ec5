// Ground for made pictures: Gaussian noise, blurred.
#pragma once

#include "optim/engine/random.h"

#include <vector>

namespace raphson::optim::data {

/// rows x columns values of mean 0 and deviation 1, blurred by a Gaussian of this deviation in pixels; the
/// same in all places, borders included.
std::vector<float> blurred_noise(int rows, int columns, double blur, RandomStream& random);

} // namespace raphson::optim::data
