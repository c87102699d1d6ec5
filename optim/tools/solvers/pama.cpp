#include "optim/tools/solvers/pama.h"

#include <algorithm>

namespace raphson::optim::tools {

double merged_value(std::span<const double> a) {
  const auto [least, most] = std::minmax_element(a.begin(), a.end());
  if (*least > 0) return *least;
  return *most < 0 ? *most : 0;
}

MergedAdvantage merge_advantages(std::span<const double> a) {
  const auto [least, most] = std::minmax_element(a.begin(), a.end());
  const double low = *least, high = *most;
  MergedAdvantage merged{merged_value(a), std::vector<double>(a.size(), 0.0)};
  const auto share_out = [&](double extreme, double weight) {
    const auto ties = static_cast<double>(std::count(a.begin(), a.end(), extreme));
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (a[i] == extreme) merged.weights[i] += weight / ties;
    }
  };
  if (low > 0 || low == high) {
    share_out(low, 1);
  } else if (high < 0) {
    share_out(high, 1);
  } else {
    const double of_high = -low / (high - low);
    share_out(high, of_high);
    share_out(low, 1 - of_high);
  }
  return merged;
}

int limiting_objective(std::span<const double> advantages) {
  return static_cast<int>(std::min_element(advantages.begin(), advantages.end()) - advantages.begin());
}

Vector merge(AdvantageMerge how, const data::RowMatrix& advantages) {
  const Eigen::Index tokens = advantages.rows();
  if (how == AdvantageMerge::mean) return advantages.rowwise().mean();
  const data::RowMatrix noon = advantages.cwiseMax(0);
  if (how == AdvantageMerge::noon_mean) return noon.rowwise().mean();
  const auto value_of = [](const auto& row) {
    return merged_value({row.data(), static_cast<std::size_t>(row.size())});
  };
  if (how == AdvantageMerge::batch_wide) {
    const Eigen::RowVectorXd mean = noon.colwise().mean();
    return Vector::Constant(tokens, value_of(mean));
  }
  Vector merged(tokens);
  for (Eigen::Index t = 0; t < tokens; ++t) merged[t] = value_of(noon.row(t));
  return merged;
}

double clipped_surrogate(double ratio, double advantage, double epsilon) {
  return std::min(ratio * advantage, std::clamp(ratio, 1 - epsilon, 1 + epsilon) * advantage);
}

} // namespace raphson::optim::tools
