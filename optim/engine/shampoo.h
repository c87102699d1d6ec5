// Shampoo with power 1/2: a weight matrix W with gradient G steps by
//   U = L^(-1/2) M R^(-1/2),   L = mean of G G^T, R = mean of G^T G, M = mean of G, means corrected for their
//   start,
// each root damped by `damping` times the largest eigenvalue and made anew at the first step and each
// `refresh` steps by an eigensolver. Its length comes either from Adam's step on the same matrix (grafting: U
// |A| / |U|, Frobenius) or from sqrt(tr L), which makes the step of one gradient that of its polar factor.
// Vectors take Adam's step. A side longer than max_precond_dim is not preconditioned. V. Gupta, T. Koren & Y.
// Singer, "Shampoo: preconditioned stochastic tensor optimization", ICML 2018; power 1/2 and grafting as in
// R. Anil et al., "Scalable second order optimization for deep learning", 2021, and D. Morwani et al., "A new
// perspective on Shampoo's preconditioner", 2024.
#pragma once

#include "optim/engine/adam_rule.h"

namespace raphson::optim {

struct ShampooSettings {
  enum class Scale { adam, trace };

  double learning_rate = 3e-3;
  double beta1 = 0.95;
  double beta2 = 0.95;   // of the covariances as well
  double epsilon = 1e-8; // of Adam
  double decoupled_decay = 0;
  int refresh = 10;
  double damping = 1e-4;
  Eigen::Index max_precond_dim = 10000;
  Scale scale = Scale::adam;
};

template <class Scalar> class ShampooRule final : public UpdateRule<Scalar> {
public:
  ShampooRule(const ParameterBlocks& blocks, const ShampooSettings& settings);
  void step(std::span<const Scalar> gradient, std::span<Scalar> parameters, double factor = 1) override;
  std::vector<StateArray> state() override;

  int eigensolver_calls() const { return eigensolver_calls_; }
  int failures() const { return failures_; } ///< the root is then kept

private:
  using SquareMatrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;
  using RowMajor = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  struct Side {
    SquareMatrix covariance = {}, root = {}; ///< L and L^(-1/2); empty where the side is not preconditioned
  };
  struct Layer {
    ParameterBlock block;
    Side left = {}, right = {};
    bool preconditions() const { return left.covariance.size() + right.covariance.size() > 0; }
  };

  void matrix_step(Layer& layer, std::span<const Scalar> gradient, std::span<Scalar> parameters,
                   const detail::AdamConstants<Scalar>& constants, double rate);
  void update(Side& side, const Eigen::Ref<const RowMajor>& gradient, bool rows, bool refresh);

  ShampooSettings settings_;
  AdamSettings adam_;
  detail::AdamClock clock_;
  std::uint64_t t_ = 0;
  std::vector<Layer> layers_;
  detail::Array<Scalar> mean_, square_; // M, and Adam's second moment
  RowMajor between_, step_;
  int eigensolver_calls_ = 0, failures_ = 0;
};

} // namespace raphson::optim
