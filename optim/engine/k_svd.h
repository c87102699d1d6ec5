// K-SVD: a dictionary D (m x n, columns of unit norm) and codes X with at most k entries a column,
//
//   min |Y - D X|_F^2.
//
// An iteration codes Y by orthogonal matching pursuit and then goes through the atoms: atom d_j and its row
// of coefficients become the best rank-one fit to what the other atoms leave of the signals that use it. M.
// Aharon, M. Elad & A. Bruckstein, IEEE Trans. Signal Processing 54 (2006). An atom that no signal uses is
// replaced by the signal that is coded worst. The first atoms are random signals.
#pragma once

#include "optim/engine/orthogonal_matching_pursuit.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace raphson::optim {

struct KSvdOptions {
  Eigen::Index atoms = 0, nonzeros = 0; // n, k
  int iterations = 15;
  std::uint64_t seed = 1;
  std::size_t threads = 1;
  std::function<void(int iteration)> progress = {}; // may throw to stop
};

struct KSvd {
  Matrix dictionary;
  SparseMatrix codes;
  std::vector<double> errors; // |Y - D X|_F / |Y|_F after each iteration
};

/// Throws InputError where there are fewer signals that are not zero than atoms, k is not within 1 ... m, or
/// a value is not finite.
KSvd k_svd(const Matrix& signals, const KSvdOptions& options);

} // namespace raphson::optim
