#include "optim/engine/adam_rule.h"

namespace raphson::optim {
namespace detail {

template <class Scalar>
void adam_on_vector(Eigen::Map<const Array<Scalar>> gradient, Eigen::Map<Array<Scalar>> parameters,
                    Eigen::Map<Array<Scalar>> mean, Eigen::Map<Array<Scalar>> square,
                    const AdamConstants<Scalar>& constants, double rate, double decoupled_decay) {
  const auto minus_rate = static_cast<Scalar>(-rate), kept = static_cast<Scalar>(1 - rate * decoupled_decay);
  for_pieces(gradient.size(), [&](Eigen::Index begin, Eigen::Index count) {
    const auto g = gradient.segment(begin, count);
    auto x = parameters.segment(begin, count), m = mean.segment(begin, count),
         v = square.segment(begin, count);
    update_mean(m, g, constants);
    update_square(v, g, constants);
    x += adam_step(minus_rate, m, v, constants);
    if (decoupled_decay > 0) x *= kept;
  });
}

template void adam_on_vector(Eigen::Map<const Array<float>>, Eigen::Map<Array<float>>,
                             Eigen::Map<Array<float>>, Eigen::Map<Array<float>>, const AdamConstants<float>&,
                             double, double);
template void adam_on_vector(Eigen::Map<const Array<double>>, Eigen::Map<Array<double>>,
                             Eigen::Map<Array<double>>, Eigen::Map<Array<double>>,
                             const AdamConstants<double>&, double, double);

void check(const char* rule, const AdamSettings& o) {
  check_positive(rule, "learning_rate", o.learning_rate);
  check_decay(rule, "beta1", o.beta1);
  check_decay(rule, "beta2", o.beta2);
  check_not_negative(rule, "epsilon", o.epsilon);
  check_positive(rule, "beta1_decay", o.beta1_decay);
  check_decay(rule, "beta1_decay * beta1", o.beta1_decay * o.beta1);
  check_not_negative(rule, "decoupled_decay", o.decoupled_decay);
}

} // namespace detail

template <class Scalar>
AdamRule<Scalar>::AdamRule(const ParameterBlocks& blocks, const AdamSettings& settings)
    : settings_(settings), mean_(detail::Array<Scalar>::Zero(parameter_count(blocks))), square_(mean_) {
  detail::check("adam", settings);
}

template <class Scalar>
void AdamRule<Scalar>::step(std::span<const Scalar> gradient, std::span<Scalar> parameters, double factor) {
  using namespace detail;
  check_sizes(gradient.size(), parameters.size(), mean_.size());
  adam_on_vector<Scalar>(array_of(gradient), array_of(parameters), array_of(span_of(mean_)),
                         array_of(span_of(square_)), clock_.advance<Scalar>(settings_),
                         settings_.learning_rate * factor, settings_.decoupled_decay);
}

template <class Scalar> std::vector<StateArray> AdamRule<Scalar>::state() {
  return {clock_.state(), {"mean", detail::span_of(mean_)}, {"square", detail::span_of(square_)}};
}

template class AdamRule<float>;
template class AdamRule<double>;

} // namespace raphson::optim
