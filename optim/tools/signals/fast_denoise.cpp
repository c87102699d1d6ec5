#include "optim/tools/signals/fast_denoise.h"

#include "dsp/error.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {

using Eigen::Index;

data::RowMatrix denoise(const data::RowMatrix& noisy, const data::Tiling& tiling,
                        const Dictionary& dictionary, const DenoiseOptions& options) {
  tiling.check();
  if (!(options.sigma > 0) || !std::isfinite(options.sigma))
    throw InputError("--denoise: the noise's deviation, above 0, expected");
  const OrthogonalMatchingPursuit pursuit(dictionary);
  const double limit = 1.15 * options.sigma * std::sqrt(static_cast<double>(tiling.tile_size()));
  data::RowMatrix sum = data::RowMatrix::Zero(tiling.rows, tiling.columns), covered = sum;
  constexpr Index at_once = 8192; // tiles: what they take does not grow with the recording
  for (Index begin = 0; begin < tiling.count(); begin += at_once) {
    Matrix tiles(tiling.tile_size(), std::min(at_once, tiling.count() - begin));
    for (Index i = 0; i < tiles.cols(); ++i) tiles.col(i) = data::tile(noisy, tiling, begin + i);
    Eigen::RowVectorXd means = Eigen::RowVectorXd::Zero(tiles.cols());
    if (options.centre) means = tiles.colwise().mean();
    tiles.rowwise() -= means;
    const SparseMatrix codes = pursuit.code(tiles, {.residual = limit, .threads = options.threads});
    const Matrix clean = dictionary.multiply(Matrix(codes)).rowwise() + means;
    for (Index i = 0; i < clean.cols(); ++i) data::add_tile(clean.col(i), tiling, begin + i, sum, covered);
    if (options.progress)
      options.progress(static_cast<double>(begin + tiles.cols()) / static_cast<double>(tiling.count()));
  }
  return sum.cwiseQuotient(covered.cwiseMax(1));
}

} // namespace raphson::optim::tools
