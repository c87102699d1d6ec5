// SOAP: Adam in the eigenbasis of Shampoo's preconditioner. A weight matrix W (m x n) with gradient G keeps
// the running covariances L of its rows and R of its columns and an orthogonal basis of each, Q_L and Q_R:
//
//   G' = Q_L^T G Q_R,  M <- b1 M + (1 - b1) G,  M' = Q_L^T M Q_R,  V <- b2 V + (1 - b2) G'^2,
//   W <- W - a Q_L [ (M' / (1 - b1^t)) / (sqrt(V / (1 - b2^t)) + epsilon) ] Q_R^T,   W <- (1 - a decay) W,
//   L <- b2 L + (1 - b2) G G^T,   R <- b2 R + (1 - b2) G^T G,
//
// and each `refresh` steps one power iteration for each side, Q <- the orthogonal factor of L Q: a
// Householder QR, not an eigensolver. Before it the columns of Q are ordered by falling diag(Q^T L Q), and V
// with them; V is otherwise left alone, as it is current in whatever basis there is. The first call only
// takes the covariances and their eigenvectors and moves nothing, since a gradient says little in a basis
// that is made of it alone. Vectors take Adam's step. A side longer than max_precond_dim keeps Q = I. State:
// 2 m^2 + 2 n^2 + 2 m n numbers. N. Vyas et al., "SOAP: improving and stabilizing Shampoo using Adam", ICLR
// 2025, arXiv 2409.11321.
#pragma once

#include "optim/engine/adam_rule.h"

#include <limits>

namespace raphson::optim {

struct SoapSettings {
  enum class Basis { qr, eigh };

  double learning_rate = 3e-3;
  double beta1 = 0.95;
  double beta2 = 0.95; // of the covariances as well
  double epsilon = 1e-8;
  double decoupled_decay = 0.01;
  int refresh = 10; // steps between refreshes of the bases
  Eigen::Index max_precond_dim = 10000;
  bool one_sided = false;  // the shorter side alone rotates
  bool factorised = false; // V from its row and column sums, A_i C_j / sum A: Adafactor in the basis
  Basis basis = Basis::qr; // eigh: an eigensolver at each refresh
};

struct SoapStatistics {
  int qr_calls = 0;
  int eigensolver_calls = 0;
  int failures = 0; // of either; the basis is then kept
  double rotation_seconds = 0;
  double refresh_seconds = 0;
};

template <class Scalar> class SoapRule final : public UpdateRule<Scalar> {
public:
  using SquareMatrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;

  /// One side of a matrix, rows or columns.
  struct Side {
    SquareMatrix covariance = {}; ///< the lower triangle; empty where the side does not rotate
    SquareMatrix basis = {};      ///< eigenvectors in columns
    bool rotates() const { return covariance.size() > 0; }
  };

  SoapRule(const ParameterBlocks& blocks, const SoapSettings& settings);
  void step(std::span<const Scalar> gradient, std::span<Scalar> parameters, double factor = 1) override;
  std::vector<StateArray> state() override;

  const SoapStatistics& statistics() const { return statistics_; }
  /// Of block i: rows and columns; both empty for vectors.
  const Side& left(std::size_t i) const { return layers_[i].left; }
  const Side& right(std::size_t i) const { return layers_[i].right; }

private:
  using RowMajor = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using MatrixMap = Eigen::Map<RowMajor>;
  using ConstMap = Eigen::Map<const RowMajor>;

  struct Layer {
    ParameterBlock block;
    Side left = {}, right = {};
    Eigen::Index second = 0; ///< offset of V within square_
    bool rotates() const { return left.rotates() || right.rotates(); }
  };

  void first_step(std::span<const Scalar> gradient);
  void rotated_step(Layer& layer, std::span<const Scalar> gradient, std::span<Scalar> parameters,
                    const detail::AdamConstants<Scalar>& constants, double rate);
  void set_direction(const Layer& layer, const detail::AdamConstants<Scalar>& constants);
  void update_covariances(Layer& layer, ConstMap gradient, Scalar keep);
  void refresh(Layer& layer);
  bool refresh(Side& side, std::vector<Eigen::Index>& order);
  void set_eigenvectors(Side& side);
  void permute_second_moments(Layer& layer, bool rows, const std::vector<Eigen::Index>& order);

  SoapSettings settings_;
  AdamSettings adam_;
  detail::AdamClock clock_;
  std::uint64_t started_ = 0, t_ = 0; // whether the first call has been; steps since
  std::vector<Layer> layers_;
  detail::Array<Scalar> mean_, square_;                 // M and V of all blocks
  detail::Array<Scalar> rotated_, direction_, between_; // of the block at hand
  SoapStatistics statistics_;
};

} // namespace raphson::optim
