// Separable least squares by variable projection: f(theta) = min over c of 1/2 |y - Phi(theta) c|^2, an
// objective of theta alone for minimise(f, theta, LevenbergMarquardtOptions{...}); the linear c comes with
// it. G. Golub & V. Pereyra, SIAM J. Numer. Anal. 10 (1973); the Jacobian is L. Kaufman's, BIT 15 (1975):
//   J = -P dPhi/dtheta c,  P the projection onto what Phi leaves over,
// which has the exact gradient and leaves out a term of J that vanishes with the residual.
//
// The rows stream by: of [Phi | D | y], D the columns that the derivatives of Phi are made of, nothing but
// the triangle of its QR factorisation is kept, so that memory does not grow with the rows and no digits are
// lost to normal equations. Pieces run on several threads; the sum's order depends on their number alone.
#pragma once

#include "optim/engine/types.h"

#include <cstddef>
#include <functional>
#include <vector>

namespace raphson::optim {

/// R of the QR factorisation of rows that come in blocks.
class StreamedQr {
public:
  explicit StreamedQr(Eigen::Index columns) : r_(Matrix::Zero(columns, columns)) {}
  void add(const Eigen::Ref<const Matrix>& rows);
  const Matrix& r() const { return r_; } ///< upper triangular

private:
  Matrix r_, stacked_;
};

class SeparableProblem {
public:
  using AddRows = std::function<void(const Eigen::Ref<const Matrix>& rows)>;

  virtual ~SeparableProblem() = default;
  virtual Eigen::Index linear() const = 0;             ///< columns of Phi
  virtual Eigen::Index derivative_columns() const = 0; ///< of D
  virtual std::size_t pieces() const { return 1; }
  /// The rows of a piece in blocks: [Phi | y], or [Phi | D | y] with derivatives. Called from several
  /// threads.
  virtual void rows(std::size_t piece, const Vector& theta, bool derivatives, const AddRows& add) const = 0;
  /// C, derivative_columns() x theta.size(): (dPhi / dtheta_k) c = D C.col(k).
  virtual Matrix combination(const Vector& theta, const Vector& c) const = 0;
};

class VariableProjection {
public:
  /// Keeps a reference to the problem.
  explicit VariableProjection(const SeparableProblem& problem, std::size_t threads = 1)
      : problem_(problem), threads_(threads) {}

  // --- Of the engine's interface (engine/objective.h) -----------------------------------------------------
  double value(const Vector& theta) const;
  double value_gradient_and_gauss_newton(const Vector& theta, Vector& gradient, Matrix& jtj) const;

  /// The best c at theta.
  Vector coefficients(const Vector& theta) const;

private:
  Matrix triangle(const Vector& theta, bool derivatives) const;

  const SeparableProblem& problem_;
  std::size_t threads_;
};

} // namespace raphson::optim
