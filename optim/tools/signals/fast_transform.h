// A matrix known as a product of sparse factors, S_J ... S_2 S_1, and used as one: D x and D^T y are chains
// of sparse products, which cost as many multiplications as the factors have entries.
#pragma once

#include "optim/engine/orthogonal_matching_pursuit.h"

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace raphson::optim::tools {

class FastTransform final : public Dictionary {
public:
  using Factor = Eigen::SparseMatrix<double, Eigen::RowMajor>;

  /// Leftmost first. Throws InputError where there is none, or their shapes do not go together.
  explicit FastTransform(std::vector<Factor> factors);
  explicit FastTransform(const std::vector<Matrix>& factors);
  FastTransform(const FastTransform& other);
  FastTransform& operator=(const FastTransform& other);

  Eigen::Index rows() const override { return forward_.front().rows(); }
  Eigen::Index atoms() const override { return forward_.back().cols(); }
  Matrix multiply(const Eigen::Ref<const Matrix>& coefficients) const override;
  Matrix multiply_transposed(const Eigen::Ref<const Matrix>& signals) const override;

  std::size_t factors() const { return forward_.size(); }
  Matrix factor(std::size_t j) const { return Matrix(forward_[j]); }
  /// Entries of all factors: multiplications a product with one column.
  Eigen::Index nonzeros() const;
  /// m n / nonzeros(): the relative complexity gain.
  double complexity_gain() const;
  /// So many times it, by the leftmost factor.
  FastTransform scaled(double by) const;
  /// The matrix itself, for errors and pictures alone.
  Matrix dense() const;
  /// By all products so far.
  std::uint64_t multiplications() const { return multiplications_; }

private:
  Matrix chain(const std::vector<Factor>& factors, const Eigen::Ref<const Matrix>& x) const;

  std::vector<Factor> forward_, transposed_; // each in the order of its product, leftmost first
  mutable std::atomic<std::uint64_t> multiplications_ = 0;
};

/// Triplets (row, column, value), leftmost factor first:
/// {"format": "raphson-fast-transform", "version": 1, "factors": [{"rows", "columns", "entries": [[i, j, v],
/// ...]}]}
std::string to_json(const FastTransform& transform);

/// Throws InputError naming the file and the field.
FastTransform parse_fast_transform(std::string_view bytes, const std::string& name);

} // namespace raphson::optim::tools
