#include "optim/engine/sgd.h"

#include "dsp/error.h"

namespace raphson::optim {

template <class Scalar>
SgdRule<Scalar>::SgdRule(const ParameterBlocks& blocks, const SgdSettings& settings)
    : settings_(settings), parameters_(parameter_count(blocks)) {
  detail::check_positive("sgd", "learning_rate", settings.learning_rate);
  detail::check_decay("sgd", "momentum", settings.momentum);
  detail::check_not_negative("sgd", "l2", settings.l2);
  if (settings.nesterov && settings.momentum == 0)
    throw InputError("sgd: nesterov needs a momentum above 0, 0.9 for instance");
  velocity_ = detail::Array<Scalar>::Zero(settings.momentum > 0 ? parameters_ : 0);
}

template <class Scalar>
void SgdRule<Scalar>::step(std::span<const Scalar> gradient, std::span<Scalar> parameters, double factor) {
  detail::check_sizes(gradient.size(), parameters.size(), parameters_);
  const auto rate = static_cast<Scalar>(settings_.learning_rate * factor);
  const auto momentum = static_cast<Scalar>(settings_.momentum), l2 = static_cast<Scalar>(settings_.l2);
  const auto all_g = detail::array_of(gradient);
  auto all_x = detail::array_of(parameters);
  if (momentum == 0) {
    if (l2 == 0)
      all_x -= rate * all_g;
    else
      all_x -= rate * (all_g + l2 * all_x);
    return;
  }
  detail::for_pieces(parameters_, [&](Eigen::Index begin, Eigen::Index count) {
    const auto g = all_g.segment(begin, count);
    auto x = all_x.segment(begin, count), v = velocity_.segment(begin, count);
    v = momentum * v + (g + l2 * x);
    if (settings_.nesterov)
      x -= rate * (g + l2 * x + momentum * v);
    else
      x -= rate * v;
  });
}

template class SgdRule<float>;
template class SgdRule<double>;

} // namespace raphson::optim
