// A dictionary for sparse coding that is a fast transform from the start: K-SVD gives a dense one and codes,
// which is then factorised level by level, each refined on the data with the codes held,
// |Y - lambda T S_l ... S_1 Gamma|_F^2, and followed by new codes from matching pursuit through the product.
// (That Gamma is coded anew between levels is as in the authors' paper of 2016; their preprint of 2014 may
// treat it as one more factor.)
#pragma once

#include "optim/engine/k_svd.h"
#include "optim/tools/signals/hierarchical_factors.h"

namespace raphson::optim::tools {

struct FastDictionaryOptions {
  Eigen::Index atoms = 128, nonzeros = 5; // n, k
  PlanOptions plan = {};
  int k_svd_iterations = 15, split_sweeps = 50, refine_sweeps = 30;
  SplitStart start = SplitStart::residual_zero;
  std::uint64_t seed = 1;
  std::size_t threads = 1;
  std::function<void(const std::string& line)> progress = {}; ///< may throw to stop
};

struct FastDictionary {
  KSvd dense;
  HierarchyResult fast;
};

/// Throws InputError where there are fewer signals than atoms, k is not below m, or a budget is too small.
FastDictionary learn_fast_dictionary(const Matrix& signals, const FastDictionaryOptions& options);

/// Matrices of as many stored numbers (or fewer) as a transform: the truncated singular value decomposition,
/// r (m + n) for rank r, and the largest entries.
Matrix truncated_to(const Matrix& a, Eigen::Index storage);
Matrix thresholded_to(const Matrix& a, Eigen::Index storage);

/// Relative error of signals coded with k atoms each.
double held_out_error(const Dictionary& dictionary, const Matrix& signals, Eigen::Index nonzeros,
                      std::size_t threads = 1);

} // namespace raphson::optim::tools
