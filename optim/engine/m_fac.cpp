#include "optim/engine/m_fac.h"

namespace raphson::optim {

template <class Scalar>
MFacRule<Scalar>::MFacRule(const ParameterBlocks& blocks, const MFacSettings& settings)
    : settings_(settings), inverse_(parameter_count(blocks), settings.window, settings.lambda),
      gradient_(Vector::Zero(inverse_.parameters())), direction_(gradient_), momentum_(gradient_) {
  detail::check_positive("m-fac", "learning_rate", settings.learning_rate);
  detail::check_decay("m-fac", "momentum", settings.momentum);
  detail::check_not_negative("m-fac", "l2", settings.l2);
}

template <class Scalar>
void MFacRule<Scalar>::step(std::span<const Scalar> gradient, std::span<Scalar> parameters, double factor) {
  detail::check_sizes(gradient.size(), parameters.size(), gradient_.size());
  const double rate = settings_.learning_rate * factor;
  auto w = detail::array_of(parameters);
  gradient_ = detail::array_of(gradient).template cast<double>();
  if (settings_.l2 > 0) gradient_.array() += settings_.l2 * w.template cast<double>();
  inverse_.push(gradient_);
  inverse_.product_of_newest(direction_);
  momentum_ = settings_.momentum * momentum_ + (1 - settings_.momentum) * direction_;
  w -= (rate * momentum_.array()).template cast<Scalar>();
}

template <class Scalar> std::vector<StateArray> MFacRule<Scalar>::state() {
  const auto saved = inverse_.saved();
  const auto span = [](auto& values) {
    return std::span<double>(values.data(), static_cast<std::size_t>(values.size()));
  };
  return {{"pushed", std::span<std::uint64_t>(&saved.pushed, 1)},
          {"gradients", span(saved.gradients)},
          {"gram", span(saved.gram)},
          {"momentum", span(momentum_)}};
}

template class MFacRule<float>;
template class MFacRule<double>;

} // namespace raphson::optim
