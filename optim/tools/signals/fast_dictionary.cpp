#include "optim/tools/signals/fast_dictionary.h"

#include "dsp/error.h"
#include "optim/engine/svd.h"
#include "optim/tools/signals/factor_sets.h"

#include <string>

namespace raphson::optim::tools {

using Eigen::Index;

namespace {

/// Dictionaries and relative errors do not depend on the scale of the signals; their squares are to be
/// finite.
Matrix at_unit_magnitude(const Matrix& signals) {
  const double most = signals.cwiseAbs().maxCoeff();
  return most > 0 ? Matrix(signals / most) : signals;
}

} // namespace

FastDictionary learn_fast_dictionary(const Matrix& given, const FastDictionaryOptions& options) {
  const Index m = given.rows(), n = options.atoms;
  if (m < 2) throw InputError("signals of one row: at least two expected");
  if (given.cols() < n)
    throw InputError(std::to_string(given.cols()) + " signals to learn " + std::to_string(n)
                     + " atoms from: at least as many expected, or fewer --atoms");
  if (const Index most = std::min(m - 1, n); options.nonzeros < 1 || options.nonzeros > most)
    throw InputError("--nonzeros " + std::to_string(options.nonzeros) + ": 1 to " + std::to_string(most)
                     + " expected, below the signals' size and no more than --atoms");
  const Matrix signals = at_unit_magnitude(given);
  const FactorPlan plan = plan_by_totals(m, n, options.plan);
  const auto say = [&](const std::string& line) {
    if (options.progress) options.progress(line);
  };
  KSvd dense = k_svd(signals, {.atoms = n,
                               .nonzeros = options.nonzeros,
                               .iterations = options.k_svd_iterations,
                               .seed = options.seed,
                               .threads = options.threads,
                               .progress = [&](int i) { say("K-SVD, iteration " + std::to_string(i + 1)); }});
  SparseMatrix codes = dense.codes;
  HierarchyOptions hierarchy{
      .split_sweeps = options.split_sweeps, .refine_sweeps = options.refine_sweeps, .start = options.start};
  hierarchy.refine_target = [&] { return PalmTarget(signals, codes); };
  hierarchy.after_level = [&](const FastTransform& product, int level) {
    say("factor " + std::to_string(level));
    if (level == static_cast<int>(plan.sparse.size())) return; // no level after this one needs codes
    codes = OrthogonalMatchingPursuit(product).code(
        signals, {.nonzeros = options.nonzeros, .threads = options.threads});
  };
  HierarchyResult fast = hierarchical_factors(dense.dictionary, plan, hierarchy);
  return {std::move(dense), std::move(fast)};
}

Matrix truncated_to(const Matrix& a, Index storage) {
  const Svd svd = thin_svd(a);
  const Index rank = std::min(storage / (a.rows() + a.cols()), svd.values.size());
  return svd.left.leftCols(rank) * svd.values.head(rank).asDiagonal() * svd.right.leftCols(rank).transpose();
}

Matrix thresholded_to(const Matrix& a, Index storage) {
  const Matrix kept = FactorSet{FactorSet::Kind::total, storage}.project(a);
  return (kept.array() != 0).select(a, 0);
}

double held_out_error(const Dictionary& dictionary, const Matrix& given, Index nonzeros,
                      std::size_t threads) {
  const Matrix signals = at_unit_magnitude(given);
  return coding_error(dictionary, signals,
                      OrthogonalMatchingPursuit(dictionary).code(signals, {nonzeros, 0, threads}));
}

} // namespace raphson::optim::tools
