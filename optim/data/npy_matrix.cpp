#include "optim/data/npy_matrix.h"

#include "dsp/error.h"
#include "optim/data/npy.h"

#include <array>
#include <cmath>

namespace raphson::optim::data {

using Eigen::Index;

RowMatrix read_npy_matrix(const std::filesystem::path& path, const std::string& expected) {
  const NpyArray array = read_npy(path);
  if (array.shape.size() != 2)
    throw InputError(path.string() + ": " + std::to_string(array.shape.size()) + " dimensions; 2 expected, "
                     + expected);
  const Eigen::Map<const RowMatrix> matrix(array.values.data(), static_cast<Index>(array.shape[0]),
                                           static_cast<Index>(array.shape[1]));
  for (Index i = 0; i < matrix.rows(); ++i)
    for (Index j = 0; j < matrix.cols(); ++j)
      if (!std::isfinite(matrix(i, j)))
        throw InputError(path.string() + ": row " + std::to_string(i + 1) + ", column "
                         + std::to_string(j + 1) + " is not a finite number");
  return matrix;
}

std::string npy_bytes(const RowMatrix& matrix) {
  const std::array shape{static_cast<std::size_t>(matrix.rows()), static_cast<std::size_t>(matrix.cols())};
  return npy_bytes(shape, std::span(matrix.data(), static_cast<std::size_t>(matrix.size())));
}

} // namespace raphson::optim::data
