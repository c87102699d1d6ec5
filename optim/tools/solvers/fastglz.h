// FaSTGLZ: K related elastic-net models on one matrix X, trained at once.
//
// Problem k has labels y_k, row weights d_k and penalties of its own and minimises
//
//   F_k(w, b) = sum_i d_ki l(y_ki, x_i^T w + b) + l1_k |w|_1 + l2_k/2 |w|^2
//
// (l of engine/glm.h; sums, not means; b free). Newton steps, each a weighted least-squares problem that ADMM
// solves with the split w = z: by the matrix inversion lemma a step costs two products with X, which all
// problems make together as matrix-matrix products, and the Gram matrix X X^T is formed once for all of them.
// Problems that are done leave the matrices. The coefficients are z: their zeros are exact.
//
// B. R. Conroy, J. M. Walz, B. Cheung & P. Sajda, "Fast Simultaneous Training of Generalized Linear Models
// (FaSTGLZ)", 2013, arXiv 1307.8430. ADMM: S. Boyd et al., Foundations and Trends in ML 3 (2011).
#pragma once

#include "optim/engine/glm.h"

#include <functional>
#include <string>
#include <vector>

namespace raphson::optim::tools {

/// A table's columns with mean 0 and 1/n-deviation 1 over all rows, once for all problems: scaled by resample
/// or fold the problems would no longer share X. Constant columns are left out.
struct StandardisedColumns {
  Matrix x;
  Vector mean, deviation;             ///< of the columns kept
  std::vector<Eigen::Index> kept;     ///< their numbers in the table
  std::vector<Eigen::Index> constant; ///< those left out
};
/// Throws InputError where a cell is not finite (naming `what`, row and column from 1) or no column varies.
StandardisedColumns standardise(const Eigen::Ref<const Matrix>& table, const std::string& what);

/// max_j |x_j^T (y - mean y)|: from here up every coefficient is zero.
double largest_l1(const Matrix& x, const Vector& y);

struct GlmProblems {
  GlmFamily family = GlmFamily::logistic; ///< linear, logistic or poisson
  Matrix labels;                          ///< n x K, or n x 1 for all
  Matrix weights;                         ///< n x K, not negative
  Vector l1, l2;                          ///< K each

  Eigen::Index count() const { return weights.cols(); }
  auto label(Eigen::Index k) const { return labels.col(labels.cols() == 1 ? 0 : k); }
};

struct FastglzOptions {
  double tolerance = 1e-6;     ///< of the splitting, relative to |z|
  double kkt_tolerance = 1e-4; ///< relative to l1; 1e-6 n where that is 0
  int inner_iterations = 25;   ///< of ADMM a Newton step
  int newton_steps = 60;
  double memory_bytes = 1e9; ///< problems go in groups of as many as fit: 4 p + 4 n + n^2 numbers each
  std::size_t threads = 1;
  std::function<void(Eigen::Index done, Eigen::Index all)> progress = {}; ///< problems, at every Newton step;
                                                                          ///< may throw to stop
};

/// What a run did. A matrix-matrix product counts once whatever its columns; `columns` sums these up.
struct FastglzWork {
  long products = 0, columns = 0;
  long choleskys = 0, gram_matrices = 0;
  long iterations = 0; ///< of ADMM, of all problems
  int groups = 0;
};

struct FastglzResult {
  Matrix coefficients;           ///< p x K, of the standardised columns
  Vector intercepts;             ///< K
  Vector kkt;                    ///< the largest residual of each problem
  std::vector<int> newton_steps; ///< K
  std::vector<bool> converged;   ///< K
  FastglzWork work;

  bool all_converged() const;
};

/// Throws InputError where sizes differ, a penalty is negative or not finite, a weight is negative, a target
/// is none of its family (check_glm_target), a problem has no mean that its family can take (one class
/// alone), or not even one problem fits the memory.
FastglzResult fastglz(const Matrix& x, const GlmProblems& problems, const FastglzOptions& options = {});

} // namespace raphson::optim::tools
