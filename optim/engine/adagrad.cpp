#include "optim/engine/adagrad.h"

#include "optim/engine/adam_rule.h"

namespace raphson::optim {

template <class Scalar>
SquareRootRule<Scalar>::SquareRootRule(const ParameterBlocks& blocks, const AdaGradSettings& settings)
    : learning_rate_(settings.learning_rate), keep_(1), take_(1),
      epsilon_(static_cast<Scalar>(settings.epsilon)),
      squares_(detail::Array<Scalar>::Zero(parameter_count(blocks))) {
  detail::check_positive("adagrad", "learning_rate", settings.learning_rate);
  detail::check_not_negative("adagrad", "epsilon", settings.epsilon);
}

template <class Scalar>
SquareRootRule<Scalar>::SquareRootRule(const ParameterBlocks& blocks, const RmsPropSettings& settings)
    : learning_rate_(settings.learning_rate), keep_(static_cast<Scalar>(settings.decay)),
      take_(static_cast<Scalar>(1 - settings.decay)), epsilon_(static_cast<Scalar>(settings.epsilon)),
      squares_(detail::Array<Scalar>::Zero(parameter_count(blocks))) {
  detail::check_positive("rmsprop", "learning_rate", settings.learning_rate);
  detail::check_decay("rmsprop", "decay", settings.decay);
  detail::check_not_negative("rmsprop", "epsilon", settings.epsilon);
}

template <class Scalar>
void SquareRootRule<Scalar>::step(std::span<const Scalar> gradient, std::span<Scalar> parameters,
                                  double factor) {
  detail::check_sizes(gradient.size(), parameters.size(), squares_.size());
  const auto rate = static_cast<Scalar>(learning_rate_ * factor);
  const auto all_g = detail::array_of(gradient);
  auto all_x = detail::array_of(parameters);
  detail::for_pieces(squares_.size(), [&](Eigen::Index begin, Eigen::Index count) {
    const auto g = all_g.segment(begin, count);
    auto s = squares_.segment(begin, count);
    s = keep_ * s + take_ * g.square();
    all_x.segment(begin, count) -= rate * g / (s.sqrt() + epsilon_).max(detail::smallest_root<Scalar>());
  });
}

template class SquareRootRule<float>;
template class SquareRootRule<double>;

} // namespace raphson::optim
