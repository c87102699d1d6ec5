#include "optim/engine/shampoo.h"

#include "dsp/error.h"
#include "optim/engine/symmetric_eigen.h"

#include <cmath>

namespace raphson::optim {

template <class Scalar>
ShampooRule<Scalar>::ShampooRule(const ParameterBlocks& blocks, const ShampooSettings& settings)
    : settings_(settings), adam_{.learning_rate = settings.learning_rate,
                                 .beta1 = settings.beta1,
                                 .beta2 = settings.beta2,
                                 .epsilon = settings.epsilon,
                                 .decoupled_decay = settings.decoupled_decay},
      mean_(detail::Array<Scalar>::Zero(parameter_count(blocks))), square_(mean_) {
  detail::check("shampoo", adam_);
  detail::check_not_negative("shampoo", "damping", settings.damping);
  if (settings.refresh < 1)
    throw InputError("shampoo: refresh is " + std::to_string(settings.refresh) + ", it must be at least 1");
  for (const ParameterBlock& block : blocks) {
    Layer layer{.block = block};
    const auto set_side = [&](Side& side, Eigen::Index n) {
      if (block.rows == 1 || n > settings.max_precond_dim) return;
      side.covariance.setZero(n, n);
      side.root.setIdentity(n, n);
    };
    set_side(layer.left, block.rows);
    set_side(layer.right, block.columns);
    layers_.push_back(std::move(layer));
  }
}

template <class Scalar>
void ShampooRule<Scalar>::step(std::span<const Scalar> gradient, std::span<Scalar> parameters,
                               double factor) {
  detail::check_sizes(gradient.size(), parameters.size(), mean_.size());
  ++t_;
  const auto constants = clock_.template advance<Scalar>(adam_);
  const double rate = settings_.learning_rate * factor;
  for (Layer& layer : layers_) {
    if (layer.preconditions()) {
      matrix_step(layer, gradient, parameters, constants, rate);
      continue;
    }
    const ParameterBlock& b = layer.block;
    detail::adam_on_vector<Scalar>({gradient.data() + b.offset, b.size()},
                                   {parameters.data() + b.offset, b.size()},
                                   {mean_.data() + b.offset, b.size()}, {square_.data() + b.offset, b.size()},
                                   constants, rate, settings_.decoupled_decay);
  }
}

template <class Scalar>
void ShampooRule<Scalar>::matrix_step(Layer& layer, std::span<const Scalar> gradient,
                                      std::span<Scalar> parameters, const detail::AdamConstants<Scalar>& c,
                                      double rate) {
  const ParameterBlock& b = layer.block;
  const Eigen::Map<const RowMajor> g(gradient.data() + b.offset, b.rows, b.columns);
  Eigen::Map<RowMajor> w(parameters.data() + b.offset, b.rows, b.columns),
      m(mean_.data() + b.offset, b.rows, b.columns), v(square_.data() + b.offset, b.rows, b.columns);
  const bool refresh = t_ == 1 || t_ % static_cast<std::uint64_t>(settings_.refresh) == 0;
  update(layer.left, g, true, refresh);
  update(layer.right, g, false, refresh);
  detail::update_mean(m.array(), g.array(), c);

  step_ = m / c.correction1;
  if (layer.left.root.size() > 0) {
    between_.noalias() = layer.left.root * step_;
    step_.swap(between_);
  }
  if (layer.right.root.size() > 0) {
    between_.noalias() = step_ * layer.right.root;
    step_.swap(between_);
  }
  Scalar scale;
  if (settings_.scale == ShampooSettings::Scale::adam) {
    detail::update_square(v.array(), g.array(), c);
    between_ = detail::adam_step(Scalar(1), m.array(), v.array(), c).matrix();
    const Scalar length = step_.norm();
    scale = length > 0 ? between_.norm() / length : Scalar(0);
  } else {
    const auto& side = layer.left.covariance.size() > 0 ? layer.left : layer.right; // their traces are equal
    scale = std::sqrt(side.covariance.trace() / c.correction2);
  }
  w -= (static_cast<Scalar>(rate) * scale) * step_;
  if (settings_.decoupled_decay > 0) w *= static_cast<Scalar>(1 - rate * settings_.decoupled_decay);
}

template <class Scalar>
void ShampooRule<Scalar>::update(Side& side, const Eigen::Ref<const RowMajor>& g, bool rows, bool refresh) {
  if (side.covariance.size() == 0) return;
  const auto keep = static_cast<Scalar>(settings_.beta2), take = static_cast<Scalar>(1 - settings_.beta2);
  side.covariance.template triangularView<Eigen::Lower>() *= keep;
  auto lower = side.covariance.template selfadjointView<Eigen::Lower>();
  if (rows)
    lower.rankUpdate(g, take);
  else
    lower.rankUpdate(g.transpose(), take);
  if (!refresh) return;
  ++eigensolver_calls_;
  // Of the corrected mean: L / (1 - b2^t), so its root is that much longer.
  if (!symmetric_power(side.covariance, -0.5, settings_.damping, side.root)) {
    ++failures_;
    return;
  }
  side.root *= static_cast<Scalar>(std::sqrt(1 - std::pow(settings_.beta2, static_cast<double>(t_))));
}

template <class Scalar> std::vector<StateArray> ShampooRule<Scalar>::state() {
  std::vector<StateArray> arrays{{"steps", std::span<std::uint64_t>(&t_, 1)},
                                 clock_.state(),
                                 {"mean", detail::span_of(mean_)},
                                 {"square", detail::span_of(square_)}};
  const auto add = [&](const std::string& name, SquareMatrix& matrix) {
    if (matrix.size() > 0)
      arrays.push_back({name, std::span<Scalar>(matrix.data(), static_cast<std::size_t>(matrix.size()))});
  };
  for (Layer& layer : layers_)
    for (const bool rows : {true, false}) {
      Side& side = rows ? layer.left : layer.right;
      const std::string of = layer.block.name + (rows ? " rows" : " columns");
      add("covariance of " + of, side.covariance);
      add("root of " + of, side.root);
    }
  return arrays;
}

template class ShampooRule<float>;
template class ShampooRule<double>;

} // namespace raphson::optim
