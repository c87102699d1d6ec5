#include "optim/engine/projections.h"

#include <algorithm>
#include <functional>

namespace raphson::optim {

void Simplex::operator()(Vector& x) const {
  Vector sorted = x;
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  // The largest count of coordinates that stay above 0 when all are lowered by the same shift.
  double sum = 0, shift = 0;
  for (Eigen::Index k = 0; k < sorted.size(); ++k) {
    sum += sorted[k];
    const double with_k = (sum - total) / static_cast<double>(k + 1);
    if (sorted[k] > with_k) shift = with_k;
  }
  x = (x.array() - shift).max(0.0);
}

void Ball::operator()(Vector& x) const {
  if (centre.size() > 0) x -= centre;
  const double length = x.norm();
  if (length > radius) x *= radius / length;
  if (centre.size() > 0) x += centre;
}

} // namespace raphson::optim
