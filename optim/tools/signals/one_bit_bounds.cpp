#include "optim/tools/signals/one_bit_bounds.h"

namespace raphson::optim::tools {

UnrollingBounds bounds_of(const Unrolled& network, const RowMatrix& a) {
  UnrollingBounds bounds;
  for (const RowMatrix& w : network.w) {
    bounds.contraction.push_back(spectral_norm(RowMatrix::Identity(a.cols(), a.cols()) - w * a));
    bounds.weight_norm.push_back(spectral_norm(w));
    bounds.error *= bounds.contraction.back();
    bounds.sensitivity = bounds.contraction.back() * bounds.sensitivity + bounds.weight_norm.back();
  }
  return bounds;
}

} // namespace raphson::optim::tools
