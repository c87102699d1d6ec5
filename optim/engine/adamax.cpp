#include "optim/engine/adamax.h"

namespace raphson::optim {

template <class Scalar>
AdaMaxRule<Scalar>::AdaMaxRule(const ParameterBlocks& blocks, const AdaMaxSettings& settings)
    : settings_{.learning_rate = settings.learning_rate,
                .beta1 = settings.beta1,
                .beta2 = settings.beta2,
                .epsilon = 0,
                .beta1_decay = settings.beta1_decay,
                .decoupled_decay = settings.decoupled_decay},
      mean_(detail::Array<Scalar>::Zero(parameter_count(blocks))), maximum_(mean_) {
  detail::check("adamax", settings_);
}

template <class Scalar>
void AdaMaxRule<Scalar>::step(std::span<const Scalar> gradient, std::span<Scalar> parameters, double factor) {
  detail::check_sizes(gradient.size(), parameters.size(), mean_.size());
  const auto c = clock_.advance<Scalar>(settings_);
  const double rate = settings_.learning_rate * factor;
  const Scalar scale = static_cast<Scalar>(rate) / c.correction1;
  const auto kept = static_cast<Scalar>(1 - rate * settings_.decoupled_decay);
  const auto all_g = detail::array_of(gradient);
  auto all_x = detail::array_of(parameters);
  detail::for_pieces(mean_.size(), [&](Eigen::Index begin, Eigen::Index count) {
    const auto g = all_g.segment(begin, count);
    auto x = all_x.segment(begin, count), m = mean_.segment(begin, count), u = maximum_.segment(begin, count);
    detail::update_mean(m, g, c);
    u = (c.beta2 * u).max(g.abs());
    x -= scale * m / u.max(std::numeric_limits<Scalar>::min()); // 0/0 where no gradient has been
    if (settings_.decoupled_decay > 0) x *= kept;
  });
}

template <class Scalar> std::vector<StateArray> AdaMaxRule<Scalar>::state() {
  return {clock_.state(), {"mean", detail::span_of(mean_)}, {"maximum", detail::span_of(maximum_)}};
}

template class AdaMaxRule<float>;
template class AdaMaxRule<double>;

} // namespace raphson::optim
