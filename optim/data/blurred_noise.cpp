#include "optim/data/blurred_noise.h"

#include <cmath>

namespace raphson::optim::data {
namespace {

/// Along rows, of which the result, turned over, has as many values fewer as there are taps but one.
std::vector<float> filtered(const std::vector<float>& in, int rows, int columns,
                            const std::vector<float>& taps) {
  const int kept = columns - static_cast<int>(taps.size()) + 1;
  std::vector<float> out(static_cast<std::size_t>(rows * kept));
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < kept; ++c) {
      float sum = 0;
      for (std::size_t k = 0; k < taps.size(); ++k) sum += taps[k] * in[r * columns + c + k];
      out[c * rows + r] = sum;
    }
  return out;
}

} // namespace

std::vector<float> blurred_noise(int rows, int columns, double blur, RandomStream& random) {
  const int reach = static_cast<int>(std::ceil(3.5 * blur));
  std::vector<float> taps;
  float squares = 0;
  for (int k = -reach; k <= reach; ++k) {
    taps.push_back(static_cast<float>(std::exp(-0.5 * k * k / (blur * blur))));
    squares += taps.back() * taps.back();
  }
  for (float& tap : taps) tap /= std::sqrt(squares); // so that the deviation stays 1
  const int high = rows + 2 * reach, wide = columns + 2 * reach;
  std::vector<float> noise(static_cast<std::size_t>(high * wide));
  for (float& value : noise) value = static_cast<float>(random.normal());
  return filtered(filtered(noise, high, wide, taps), columns, high, taps);
}

} // namespace raphson::optim::data
