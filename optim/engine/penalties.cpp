#include "optim/engine/penalties.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace raphson::optim {

Penalty elastic_net_penalty(double l1, double l2, Eigen::Index count) {
  const auto own = [count](const Vector& x) { return count < 0 ? x.size() : count; };
  return {.value =
              [=](const Vector& x) {
                const auto part = x.head(own(x));
                return l1 * part.lpNorm<1>() + 0.5 * l2 * part.squaredNorm();
              },
          .proximal =
              [=](Vector& x, double step) {
                for (double& entry : x.head(own(x)))
                  entry = soft_threshold(entry, step * l1) / (1 + step * l2);
              }};
}

Penalty constraint(std::function<void(Vector&)> projection) {
  return {.value =
              [projection](const Vector& x) {
                Vector inside = x;
                projection(inside);
                const bool is_inside = (inside - x).norm() <= 1e-12 * std::max(1.0, x.norm());
                return is_inside ? 0.0 : std::numeric_limits<double>::infinity();
              },
          .proximal = [projection](Vector& x, double) { projection(x); }};
}

} // namespace raphson::optim
