#include "optim/match/reverse_objective.h"

#include "dsp/dynamics/compressor.h"
#include "optim/match/hessian_strategies.h"

namespace raphson::optim::match {
namespace {

using Curve = Jet<double, 1, 2>; // one natural coordinate as a function of one z

std::array<Curve, 5> natural(const Vector& z, double sample_rate) {
  std::array<Curve, 5> p;
  for (int i = 0; i < 5; ++i)
    p[i] = SigmoidRange(dsp::compressor_parameters[i]).physical(Curve::variable(z[i], 0));
  return {p[0] * Curve(dsp::nepers_per_db), Curve(1.0) - Curve(1.0) / p[1],
          dsp::coefficient_from_ms(p[2], sample_rate), dsp::coefficient_from_ms(p[3], sample_rate),
          p[4] * Curve(dsp::nepers_per_db)};
}

CompressorCoordinates values_of(const std::array<Curve, 5>& k) {
  return {k[0].v, k[1].v, k[2].v, k[3].v, k[4].v};
}

} // namespace

ReverseCompressorObjective::ReverseCompressorObjective(const Pair& pair, const ObjectiveOptions& options)
    : forward_(pair, options), chunks_(cut(pair, options.chunks)), sample_rate_(pair.sample_rate),
      options_(options), target_energy_(1) {
  const CompressorCoordinates silent{0, 0, 0.5, 0.5, -700}; // a make-up of zero leaves the target as the error
  target_energy_ = match::evaluate(HessianStrategy::gauss_newton, chunks_, silent, options.pre_emphasis_pole,
                                   options.threads)
                       .loss;
}

double ReverseCompressorObjective::value_and_gradient(const Vector& z, Vector& gradient) const {
  const auto curves = natural(z, sample_rate_);
  const SecondOrder d = match::evaluate(HessianStrategy::adjoint_gradient, chunks_, values_of(curves),
                                        options_.pre_emphasis_pole, options_.threads);
  gradient.resize(5);
  for (int i = 0; i < 5; ++i) gradient[i] = d.gradient[i] * curves[i].g[0] / target_energy_;
  return d.loss / target_energy_;
}

/// With k(z) the coordinates, each of its own z: H v = k' (L'' (k' v)) + k'' L' v.
Vector ReverseCompressorObjective::hessian_product(const Vector& z, const Vector& v) const {
  const auto curves = natural(z, sample_rate_);
  std::array<double, 5> direction;
  for (int i = 0; i < 5; ++i) direction[i] = curves[i].g[0] * v[i];
  const HessianProduct d = match::hessian_product(chunks_, values_of(curves), direction,
                                                  options_.pre_emphasis_pole, options_.threads);
  Vector product(5);
  for (int i = 0; i < 5; ++i)
    product[i] =
        (curves[i].g[0] * d.product[i] + curves[i].h[0] * d.gradient[i] * v[i]) / target_energy_;
  return product;
}

} // namespace raphson::optim::match
