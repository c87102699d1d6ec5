// What the tests of Deep-LK cut crops and films from.
#pragma once

#include "optim/data/digits.h"
#include "optim/tools/signals/deep_lk_training.h"

#include <cmath>

namespace raphson::optim::tools {

/// A smooth function of the plane, in pixels.
inline double level(double x, double y) {
  return 0.5 + 0.2 * std::sin(0.21 * x + 0.05 * y) + 0.15 * std::cos(0.17 * y - 0.06 * x + 1)
         + 0.1 * std::sin(0.13 * (x + y));
}

inline Card any_digit(std::size_t at) {
  return digit_card(data::digits(50).features.row(static_cast<Eigen::Index>(at)).data());
}

inline Crop any_digit_crop(std::size_t at) {
  const Card card = any_digit(at);
  return Crop(card.begin(), card.begin() + crop_side * crop_side);
}

} // namespace raphson::optim::tools
