#include "optim/engine/svd.h"

#include "dsp/error.h"

#include <Eigen/SVD>

namespace raphson::optim {

Svd thin_svd(const Matrix& m) {
  if (m.size() == 0 || !m.allFinite())
    throw InputError("singular values: a matrix with entries, all finite numbers, expected");
  const Eigen::BDCSVD<Matrix> svd(m, Eigen::ComputeThinU | Eigen::ComputeThinV);
  return {svd.matrixU(), svd.matrixV(), svd.singularValues()};
}

PolarFactor polar_factor(const Matrix& m) {
  const Svd svd = thin_svd(m);
  return {svd.left * svd.right.transpose(), svd.values[svd.values.size() - 1] >= 1e-12 * svd.values[0]};
}

} // namespace raphson::optim
