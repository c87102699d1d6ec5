#include "optim/engine/distances.h"

#include "dsp/error.h"
#include "optim/engine/parallel.h"

#include <string>

namespace raphson::optim {

CostMatrix distances(const CostMatrix& a, const CostMatrix& b, std::size_t threads) {
  if (a.cols() != b.cols()) {
    throw InputError("distances: rows of " + std::to_string(a.cols()) + " and of " + std::to_string(b.cols())
                     + " columns; both must have the same");
  }
  const CostMatrix columns = b.transpose(); // so that one column of b lies together
  CostMatrix result = CostMatrix::Zero(a.rows(), b.rows());
  constexpr Eigen::Index block = 64;
  const auto blocks = static_cast<std::size_t>((a.rows() + block - 1) / block);
  parallel_for(blocks, threads, [&](std::size_t index, std::size_t) {
    const Eigen::Index first = static_cast<Eigen::Index>(index) * block;
    for (Eigen::Index i = first; i < std::min(first + block, a.rows()); ++i) {
      auto row = result.row(i).array();
      for (Eigen::Index k = 0; k < a.cols(); ++k) row += (columns.row(k).array() - a(i, k)).square();
      row = row.sqrt();
    }
  });
  return result;
}

} // namespace raphson::optim
