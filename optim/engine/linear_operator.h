// A matrix A (M x N) by its products, for solvers that need no entries: with columns of vectors, with their
// transpose, and the same with S = A o A, the entries squared. A solver that needs A X and S V asks for both
// at once, so that a large A is read once for the two.
//
//   const ConvolutionOperator room(dry, 48000, 8192, 4000);
//   const Matrix wet = room.apply(taps);
//
// Products throw InputError where sizes do not match.
#pragma once

#include "optim/engine/types.h"

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace raphson::optim {

class LinearOperator {
public:
  virtual ~LinearOperator() = default;
  virtual Eigen::Index rows() const = 0;
  virtual Eigen::Index cols() const = 0;

  virtual Matrix apply(const Matrix& x) const = 0;            ///< A X
  virtual Matrix apply_transposed(const Matrix& y) const = 0; ///< A^T Y
  /// A X and S V, as many columns of each, or none of X.
  virtual void apply_both(const Matrix& x, const Matrix& v, Matrix& ax, Matrix& sv) const = 0;
  /// A^T Y and S^T U.
  virtual void apply_both_transposed(const Matrix& y, const Matrix& u, Matrix& aty, Matrix& stu) const = 0;

  /// S^T 1, exactly 0 where a column of A is.
  virtual Vector column_energies() const = 0;
  /// Of A or S or a transpose of them with one vector.
  virtual double multiplications() const = 0;
};

/// A matrix of numbers, which must stay as long as this. S is kept where it fits the cache with A; of a
/// larger one a block of columns at a time is made on the way, so that memory is read once for both.
class DenseOperator final : public LinearOperator {
public:
  explicit DenseOperator(const Matrix& a);

  Eigen::Index rows() const override { return a_.rows(); }
  Eigen::Index cols() const override { return a_.cols(); }
  Matrix apply(const Matrix& x) const override;
  Matrix apply_transposed(const Matrix& y) const override;
  void apply_both(const Matrix& x, const Matrix& v, Matrix& ax, Matrix& sv) const override;
  void apply_both_transposed(const Matrix& y, const Matrix& u, Matrix& aty, Matrix& stu) const override;
  Vector column_energies() const override { return a_.colwise().squaredNorm().transpose(); }
  double multiplications() const override {
    return static_cast<double>(a_.rows()) * static_cast<double>(a_.cols());
  }

private:
  /// body(first column, columns, their squares) until all have been.
  template <class Body> void by_blocks(Body body) const;

  const Matrix& a_;
  Matrix squares_; // empty of a large A
};

/// (A x)[m] = sum_n d[first + m - n] x[n], m = 0 ... M-1, n = 0 ... N-1: a stretch of a signal convolved with
/// N taps, what came before the stretch known and the signal silent before its first sample. By Fourier
/// transforms of at least M + N - 1 points.
class ConvolutionOperator final : public LinearOperator {
public:
  /// Throws InputError where the stretch reaches beyond the signal, or there is no sample or no tap.
  ConvolutionOperator(std::span<const double> signal, std::size_t first, std::size_t samples,
                      std::size_t taps);

  Eigen::Index rows() const override { return samples_; }
  Eigen::Index cols() const override { return taps_; }
  Matrix apply(const Matrix& x) const override;
  Matrix apply_transposed(const Matrix& y) const override;
  void apply_both(const Matrix& x, const Matrix& v, Matrix& ax, Matrix& sv) const override;
  void apply_both_transposed(const Matrix& y, const Matrix& u, Matrix& aty, Matrix& stu) const override;
  Vector column_energies() const override { return energies_; }
  /// Two transforms of L points at L log2 L, and four a bin.
  double multiplications() const override;

  Matrix dense() const; ///< M x N, for solvers that need entries

private:
  using Spectrum = std::vector<std::complex<double>>;
  Matrix product(const Spectrum& of, const Matrix& x) const;
  Matrix transposed_product(const Spectrum& of, const Matrix& y) const;

  Eigen::Index samples_, taps_;
  std::vector<double> window_; // d[first - N + 1 ... first + M - 1]
  std::size_t length_;         // of the transforms
  Spectrum signal_, squared_;
  Vector energies_;
};

/// The largest eigenvalue of A^T A, by power iteration.
double squared_norm(const LinearOperator& a, int iterations = 100);

} // namespace raphson::optim
