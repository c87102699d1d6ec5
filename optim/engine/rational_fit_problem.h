// The separable least squares problem of rational_fit.h: the columns of a recording through the sections.
#pragma once

#include "optim/engine/variable_projection.h"

#include <span>
#include <vector>

namespace raphson::optim {

/// Samples [begin, end) of the recordings; those before `scored` let the sections settle.
struct FitChunk {
  std::size_t begin, end, scored;
};

/// Phi: the input u, then v[-1], v[-2] of each section, v = u / (1 + p z^-1 + q z^-2). D: w[-2], w[-3], w[-4]
/// of each, w = v / (1 + p z^-1 + q z^-2), since d/dp (beta1 v[-1] + beta2 v[-2]) = -(beta1 w[-2] + beta2
/// w[-3]).
class RationalFitProblem : public SeparableProblem {
public:
  /// Rows are multiplied by `weight`.
  RationalFitProblem(std::span<const double> input, std::span<const double> target,
                     std::vector<FitChunk> chunks, Eigen::Index sections, double weight)
      : input_(input), target_(target), chunks_(std::move(chunks)), sections_(sections), weight_(weight) {}

  Eigen::Index linear() const override { return 2 * sections_ + 1; }
  Eigen::Index derivative_columns() const override { return 3 * sections_; }
  std::size_t pieces() const override { return chunks_.size(); }
  void rows(std::size_t piece, const Vector& theta, bool derivatives, const AddRows& add) const override;
  Matrix combination(const Vector& theta, const Vector& c) const override;

private:
  std::span<const double> input_, target_;
  std::vector<FitChunk> chunks_;
  Eigen::Index sections_;
  double weight_;
};

} // namespace raphson::optim
