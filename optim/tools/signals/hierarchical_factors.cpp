#include "optim/tools/signals/hierarchical_factors.h"

#include "dsp/error.h"
#include "optim/report/text.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;

/// Ones at row c mod m of each column c.
Matrix wrapped_identity(Index m, Index n) {
  Matrix identity = Matrix::Zero(m, n);
  for (Index c = 0; c < n; ++c) identity(c % m, c) = 1;
  return identity;
}

struct Climb {
  const HierarchyOptions& options;
  double largest_rise = 0;

  /// The objective is looked at from the sweep `from` on: 2 for a start outside the sets, 1 otherwise.
  void run(const PalmTarget& target, const std::vector<FactorSet>& sets, PalmState& state, int sweeps,
           SweepOrder order, std::size_t from) {
    const auto objective = palm_sweeps(target, sets, state, sweeps, order);
    const double whole = target.value(Matrix::Zero(target.rows(), target.columns()), 0);
    for (std::size_t i = from; i < objective.size(); ++i)
      largest_rise = std::max(largest_rise, (objective[i] - objective[i - 1]) / whole);
  }

  PalmState split(const Matrix& t, const FactorSet& residual, const FactorSet& sparse) {
    const Index m = t.rows(), n = t.cols();
    PalmState state;
    const bool from_residual = options.start == SplitStart::residual_zero;
    if (from_residual)
      state.factors = {Matrix::Zero(m, m), wrapped_identity(m, n)};
    else
      state.factors = {Matrix::Identity(m, m), Matrix::Zero(m, n)};
    run(PalmTarget(t), {residual, sparse}, state, options.split_sweeps,
        from_residual ? SweepOrder::from_left : SweepOrder::from_right, 2);
    return state;
  }
};

Index count_of(double entries) { return static_cast<Index>(std::floor(entries + 1e-9)); }

FastTransform transform_of(const PalmState& state) {
  std::vector<Matrix> factors = state.factors;
  factors.front() *= state.lambda;
  return FastTransform(factors);
}

} // namespace

FactorPlan plan_by_totals(Index m, Index n, const PlanOptions& o) {
  if (o.factors < 2) throw InputError("--factors " + std::to_string(o.factors) + ": at least 2 expected");
  const Index least_column = (m + n - 1) / n;
  if (o.column_sparsity < least_column)
    throw InputError("--column-sparsity " + std::to_string(o.column_sparsity) + ": at least "
                     + std::to_string(least_column) + " expected, one entry a row and column");
  if (o.factors > 2 && o.sparsity < 1)
    throw InputError("--sparsity " + std::to_string(o.sparsity) + ": at least 1 expected, one entry a row");
  const auto size = static_cast<double>(m);
  const double thinned = std::pow(o.decay, o.factors - 2);
  if (!(std::min(o.residual * thinned, 1.0) * size >= 1 - 1e-9))
    throw InputError("--residual " + report::format_significant(o.residual, 3) + ", --rho "
                     + report::format_significant(o.decay, 3) + " and --factors " + std::to_string(o.factors)
                     + " leave the last factor "
                     + std::to_string(count_of(std::max(0.0, o.residual * thinned) * size * size))
                     + " entries; at least " + std::to_string(m) + ", one a row, expected: --residual "
                     + report::format_significant(std::ceil(1000 / (size * thinned)) / 1000, 4)
                     + " or more, or fewer --factors");
  FactorPlan plan;
  for (int level = 1; level < o.factors; ++level) {
    const double share = std::min(o.residual * std::pow(o.decay, level - 1), 1.0);
    plan.sparse.push_back(level == 1 ? FactorSet{FactorSet::Kind::column, o.column_sparsity}
                                     : FactorSet{FactorSet::Kind::total, o.sparsity * m});
    plan.residual.push_back({FactorSet::Kind::total, count_of(share * size * size)});
  }
  return plan;
}

FactorPlan plan_by_halving(Index m, Index n) {
  if (m != n || n < 4 || !std::has_single_bit(static_cast<std::uint64_t>(n)))
    throw InputError(
        "--constraint row-col halves a square matrix whose size is a power of 2, at least 4; this one is "
        + std::to_string(m) + " x " + std::to_string(n));
  FactorPlan plan;
  for (Index rest = n / 2; rest >= 2; rest /= 2) {
    plan.sparse.push_back({FactorSet::Kind::row_column, 2});
    plan.residual.push_back({FactorSet::Kind::row_column, rest});
  }
  return plan;
}

HierarchyResult hierarchical_factors(const Matrix& a, const FactorPlan& plan,
                                     const HierarchyOptions& options) {
  if (!a.allFinite() || !(a.squaredNorm() > 0))
    throw InputError("the matrix to factorise is zero or holds values that are not finite");
  if (plan.sparse.empty() || plan.sparse.size() != plan.residual.size())
    throw InputError("fast transform: at least two factors expected");
  Climb climb{options};
  PalmState state;
  std::vector<FactorSet> sets;
  std::vector<FactorLevel> levels;
  Matrix rest = a;
  for (std::size_t level = 0; level < plan.sparse.size(); ++level) {
    const PalmState split = climb.split(rest, plan.residual[level], plan.sparse[level]);
    if (state.factors.empty()) {
      state = split;
      sets = {plan.residual[level], plan.sparse[level]};
    } else {
      state.factors.front() = split.factors[1];
      state.factors.insert(state.factors.begin(), split.factors[0]);
      state.lambda = split.lambda;
      sets.front() = plan.sparse[level];
      sets.insert(sets.begin(), plan.residual[level]);
    }
    const PalmTarget target = options.refine_target ? options.refine_target() : PalmTarget(a);
    const double before = target.relative_error(state.product(), state.lambda);
    climb.run(target, sets, state, options.refine_sweeps, SweepOrder::from_left, 1);
    levels.push_back({transform_of(state), before, target.relative_error(state.product(), state.lambda)});
    if (options.after_level) options.after_level(levels.back().product, static_cast<int>(level) + 1);
    rest = state.lambda * state.factors.front();
  }
  return {transform_of(state), levels, climb.largest_rise};
}

} // namespace raphson::optim::tools
