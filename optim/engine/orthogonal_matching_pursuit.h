// Orthogonal matching pursuit: y ~ D x with few entries of x, chosen one by one. At each step the atom
// (column of D) that the residual correlates with most, the columns taken at unit norm, joins the support,
// and the coefficients of all atoms of the support are fitted anew by least squares:
//
//   j = argmax |d_j^T (y - D x)| / |d_j|,   I = I + {j},   x_I = argmin |y - D_I x_I|
//
// (Y. Pati, R. Rezaiifar & P. Krishnaprasad, Asilomar 1993), by the correlations D^T y, the Gram columns
// D^T d_j and a Cholesky factor that grows by a row a step (R. Rubinstein, M. Zibulevsky & M. Elad,
// "Efficient Implementation of the K-SVD Algorithm using Batch Orthogonal Matching Pursuit", Technion
// CS-2008-08). D may be anything that offers its products: it is never needed as a matrix. A column of zeros
// is never chosen; of columns that correlate alike the first is.
#pragma once

#include "optim/engine/types.h"

#include <Eigen/SparseCore>

#include <cstddef>

namespace raphson::optim {

using SparseMatrix = Eigen::SparseMatrix<double>; // by columns

/// D, m x n, by its products. They may be called from several threads at once.
class Dictionary {
public:
  virtual ~Dictionary() = default;
  virtual Eigen::Index rows() const = 0;  // m
  virtual Eigen::Index atoms() const = 0; // n
  /// D x of each column x.
  virtual Matrix multiply(const Eigen::Ref<const Matrix>& coefficients) const = 0;
  /// D^T y of each column y.
  virtual Matrix multiply_transposed(const Eigen::Ref<const Matrix>& signals) const = 0;
};

class DenseDictionary final : public Dictionary {
public:
  explicit DenseDictionary(Matrix d) : d_(std::move(d)) {}

  Eigen::Index rows() const override { return d_.rows(); }
  Eigen::Index atoms() const override { return d_.cols(); }
  Matrix multiply(const Eigen::Ref<const Matrix>& coefficients) const override;
  Matrix multiply_transposed(const Eigen::Ref<const Matrix>& signals) const override;
  const Matrix& matrix() const { return d_; }

private:
  Matrix d_;
};

struct PursuitOptions {
  Eigen::Index nonzeros = 0; ///< at most so many atoms a signal; 0: as many as D has rows or columns
  double residual = 0;       ///< stops where |y - D x| is no larger; absolute
  std::size_t threads = 1;
};

/// Codes signals (columns) over D.
class OrthogonalMatchingPursuit {
public:
  /// Keeps a reference to D. Throws InputError where D is empty or not finite.
  explicit OrthogonalMatchingPursuit(const Dictionary& dictionary);

  /// X, n x (number of signals), at most `nonzeros` a column. A step that would not lower the residual (the
  /// atom depends on those chosen) ends a signal early. Where all signals together need more Gram columns
  /// than there are atoms, the Gram matrix is made once. Throws InputError where a signal has not m entries,
  /// one is not finite, or the options cannot be.
  SparseMatrix code(const Eigen::Ref<const Matrix>& signals, const PursuitOptions& options) const;

  /// |y - D x| of each signal after 1, 2 ... options.nonzeros atoms, [step][signal], by one pursuit; where a
  /// signal ends early its last value goes on. To about 1e-8 |y|.
  Matrix residuals(const Eigen::Ref<const Matrix>& signals, const PursuitOptions& options) const;

private:
  struct Pursuit; // of one signal
  /// use(number of the signal, its pursuit); from several threads.
  template <class Use>
  void pursue(const Eigen::Ref<const Matrix>& signals, const PursuitOptions& options, const Use& use) const;
  /// D^T D of the columns at unit norm, by blocks of unit vectors.
  Matrix gram() const;
  Vector gram_column(Eigen::Index atom) const;

  const Dictionary& dictionary_;
  Vector scale_; // 1 / |d_j|; 0 for a column of zeros
};

/// |Y - D X|_F / |Y|_F: the relative error of codes.
double coding_error(const Dictionary& dictionary, const Eigen::Ref<const Matrix>& signals,
                    const SparseMatrix& codes);

} // namespace raphson::optim
