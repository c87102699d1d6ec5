#include "optim/engine/langevin.h"

#include <cmath>

namespace raphson::optim {

template <class Scalar>
LangevinRule<Scalar>::LangevinRule(const ParameterBlocks& blocks, const LangevinSettings& settings)
    : settings_(settings), parameters_(parameter_count(blocks)), noise_(settings.seed, "langevin") {
  detail::check_positive("langevin", "learning_rate", settings.learning_rate);
  detail::check_not_negative("langevin", "sigma", settings.sigma);
}

template <class Scalar>
void LangevinRule<Scalar>::step(std::span<const Scalar> gradient, std::span<Scalar> parameters,
                                double factor) {
  detail::check_sizes(gradient.size(), parameters.size(), parameters_);
  const double eta = settings_.learning_rate * factor, noise = std::sqrt(2 * eta) * settings_.sigma;
  detail::array_of(parameters) -= static_cast<Scalar>(eta) * detail::array_of(gradient);
  if (noise == 0) return;
  for (Scalar& x : parameters) x += static_cast<Scalar>(noise * noise_.normal());
}

template class LangevinRule<float>;
template class LangevinRule<double>;

} // namespace raphson::optim
