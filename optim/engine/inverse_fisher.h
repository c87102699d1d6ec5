// Exact products with the inverse of the damped empirical Fisher matrix of m gradients in d parameters,
//   F = lambda I + (1/m) sum g_i g_i^T,
// without a d x d matrix: rank-one inversions in order (Sherman & Morrison), with v_i = F_{i-1}^-1 g_i and
// s_i = m + g_i^T v_i,
//   F^-1 x = x / lambda - sum v_i (v_i^T x) / s_i.
// E. Frantar, E. Kurtic & D. Alistarh, "M-FAC: efficient matrix-free approximations of second-order
// information", NeurIPS 2021, arXiv 2107.03356. In double; the relative error grows like 1/lambda.
#pragma once

#include "optim/engine/types.h"

#include <cstdint>

namespace raphson::optim {

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Work in operations on vectors of length d: dot products, and additions of a multiple of one to another.
struct VectorWork {
  std::int64_t dot_products = 0;
  std::int64_t additions = 0;
};

/// Of a fixed set: O(d m^2) once, then O(d m) a product and O(m) an entry. The v_i take the place of the
/// gradients.
class InverseFisher {
public:
  /// Gradients in rows, m of them. Throws InputError unless m >= 1, lambda > 0 and all are finite.
  InverseFisher(RowMatrix gradients, double lambda);

  Eigen::Index parameters() const { return v_.cols(); }
  Eigen::Index gradients() const { return v_.rows(); }
  double lambda() const { return lambda_; }

  Vector product(const Vector& x) const;
  Matrix product(const Matrix& x) const; // of each column
  double entry(Eigen::Index p, Eigen::Index q) const;
  Vector diagonal() const;

  const VectorWork& construction_work() const { return work_; }

private:
  void invert_rows(Eigen::Index begin, Eigen::Index count);

  double lambda_;
  RowMatrix v_;
  Vector s_;
  VectorWork work_;
};

/// F block-diagonal, in blocks of that many neighbouring parameters, the last the smaller.
class BlockInverseFisher {
public:
  BlockInverseFisher(const RowMatrix& gradients, double lambda, Eigen::Index block);
  Vector product(const Vector& x) const;
  Vector diagonal() const;

private:
  Eigen::Index parameters_, block_;
  std::vector<InverseFisher> blocks_;
};

/// Of a window on the latest m gradients, in O(d m + m^3) a replacement. With K the Gram matrix of the
/// gradients, D_ij = g_i^T F_{i-1}^-1 g_j comes from K alone (D + m I is the upper factor of the LU
/// decomposition of K / lambda + m I), and v_j = sum_k B_jk g_k. Slots that are still empty hold zeros, and
/// the divisor stays m.
class SlidingInverseFisher {
public:
  /// Throws InputError unless all three are above 0.
  SlidingInverseFisher(Eigen::Index parameters, Eigen::Index window, double lambda);

  /// Replaces the oldest gradient. Throws InputError where it is not finite.
  void push(const Eigen::Ref<const Vector>& gradient);

  Vector product(const Vector& x) const;
  /// F^-1 of the gradient pushed last, whose products with the others are known.
  void product_of_newest(Eigen::Ref<Vector> result) const;
  double entry(Eigen::Index p, Eigen::Index q) const; // O(m^2)
  Vector diagonal() const;                            // O(d m^2)

  Eigen::Index parameters() const { return gradients_.cols(); }
  Eigen::Index window() const { return gradients_.rows(); }
  Eigen::Index filled() const { return filled_; }
  double lambda() const { return lambda_; }
  const RowMatrix& gradients() const { return gradients_; } // by slot
  const Matrix& gram() const { return gram_; }
  const Matrix& d() const { return d_; } // upper triangle
  const Matrix& b() const { return b_; } // lower triangle
  const VectorWork& work() const { return work_; }

  /// What a resumed run needs; the next push makes the rest of it.
  struct Saved {
    RowMatrix& gradients;
    Matrix& gram;
    std::uint64_t& pushed;
  };
  Saved saved() { return {gradients_, gram_, pushed_}; }

private:
  void factorise();
  void finish(Vector& q, const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> result) const;

  double lambda_;
  RowMatrix gradients_;
  Matrix gram_, schur_, d_, b_;
  std::uint64_t pushed_ = 0;
  Eigen::Index newest_ = 0, filled_ = 0;
  mutable Vector q_, combined_;
  mutable VectorWork work_;
};

/// The baseline: 1 / (lambda + mean of g_p^2).
Vector diagonal_inverse_fisher(const RowMatrix& gradients, double lambda);

} // namespace raphson::optim
