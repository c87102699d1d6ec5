// Denoising by sparse codes: overlapping tiles, each coded until what is left is no larger than the noise,
// |y - D x| <= 1.15 sigma sqrt(m), and put together by the mean of those that overlap (M. Elad & M. Aharon,
// IEEE Trans. Image Processing 15, 2006).
#pragma once

#include "optim/data/tiles.h"
#include "optim/engine/orthogonal_matching_pursuit.h"

#include <functional>

namespace raphson::optim::tools {

struct DenoiseOptions {
  double sigma = 0;    ///< of the noise, in the data's unit
  bool centre = false; ///< each tile's mean is coded apart, as it is
  std::size_t threads = 1;
  std::function<void(double share)> progress = {}; ///< of the work that is done; may throw to stop
};

/// Throws InputError where the tiling does not fit, or tiles have not as many entries as the atoms.
data::RowMatrix denoise(const data::RowMatrix& noisy, const data::Tiling& tiling,
                        const Dictionary& dictionary, const DenoiseOptions& options);

} // namespace raphson::optim::tools
