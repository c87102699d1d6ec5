#include "coordinates.h"

#include "dsp/dynamics/compressor.h"
#include "dsp/error.h"
#include "optim/match/sigmoid_range.h"

#include <cmath>

namespace raphson::python {
namespace {

using optim::match::SigmoidRange;

void check_size(std::size_t size, std::size_t wanted) {
  if (size != wanted)
    throw InputError("p: " + std::to_string(wanted) + " numbers are expected, not " + std::to_string(size));
}

[[noreturn]] void refuse(const std::string& name, const std::string& range) {
  throw InputError("p: " + name + " must be " + range);
}

void check_finite(const std::string& name, double value) {
  if (!std::isfinite(value)) refuse(name, "a finite number");
}

/// What the formulas bear, which is more than a parameter's range.
void check_physical(const dsp::Parameter& parameter, double value) {
  check_finite(parameter.name, value);
  const bool above_zero = parameter.scale == dsp::Scale::logarithmic;
  if (above_zero && !(value > 0)) refuse(parameter.name, "above 0");
}

void check_natural(std::span<const double> k) {
  const char* const names[] = {"ln threshold", "slope", "attack", "release", "ln make-up"};
  for (std::size_t i = 0; i < k.size(); ++i) check_finite(names[i], k[i]);
  for (const std::size_t i : {2, 3})
    if (!(k[i] > 0 && k[i] <= 1)) refuse(names[i], "a coefficient above 0, up to 1");
}

Curve physical(const dsp::Parameter& parameter, double p, Coordinates coordinates) {
  const Curve variable = Curve::variable(p, 0);
  if (coordinates == Coordinates::physical) {
    check_physical(parameter, p);
    return variable;
  }
  check_finite(parameter.name, p);
  return SigmoidRange(parameter).physical(variable);
}

} // namespace

Coordinates parse_coordinates(const std::string& text, bool has_natural) {
  if (text == "physical") return Coordinates::physical;
  if (text == "unconstrained") return Coordinates::unconstrained;
  if (text == "natural" && has_natural) return Coordinates::natural;
  throw InputError("coordinates: '" + text + "' must be physical, " + (has_natural ? "natural " : "")
                   + "or unconstrained");
}

std::vector<Curve> compressor_curves(std::span<const double> p, Coordinates coordinates, double sample_rate) {
  check_size(p.size(), 5);
  std::vector<Curve> curves;
  if (coordinates == Coordinates::natural) {
    check_natural(p);
    for (const double k : p) curves.push_back(Curve::variable(k, 0));
    return curves;
  }
  for (std::size_t i = 0; i < p.size(); ++i)
    curves.push_back(physical(dsp::compressor_parameters[i], p[i], coordinates));
  return {curves[0] * Curve(dsp::nepers_per_db), Curve(1.0) - Curve(1.0) / curves[1],
          dsp::coefficient_from_ms(curves[2], sample_rate), dsp::coefficient_from_ms(curves[3], sample_rate),
          curves[4] * Curve(dsp::nepers_per_db)};
}

std::array<double, 5> convert_compressor(std::span<const double> p, Coordinates from, Coordinates to,
                                         double sample_rate) {
  const std::vector<Curve> curves = compressor_curves(p, from, sample_rate);
  const std::array<double, 5> k{curves[0].v, curves[1].v, curves[2].v, curves[3].v, curves[4].v};
  if (to == Coordinates::natural) return k;
  std::array<double, 5> physical{k[0] / dsp::nepers_per_db, 1 / (1 - k[1]),
                                 dsp::ms_from_coefficient(k[2], sample_rate),
                                 dsp::ms_from_coefficient(k[3], sample_rate), k[4] / dsp::nepers_per_db};
  if (to == Coordinates::unconstrained)
    for (std::size_t i = 0; i < 5; ++i)
      physical[i] = SigmoidRange(dsp::compressor_parameters[i]).unconstrained(physical[i]);
  return physical;
}

std::vector<Curve> chain_curves(std::span<const double> p, const dsp::ChainSettings& chain,
                                std::span<const std::size_t> free, Coordinates coordinates) {
  check_size(p.size(), free.size());
  std::vector<Curve> curves;
  for (std::size_t i = 0; i < p.size(); ++i)
    curves.push_back(physical(chain.parameter(free[i]), p[i], coordinates));
  return curves;
}

std::vector<double> convert_chain(std::span<const double> p, const dsp::ChainSettings& chain,
                                  std::span<const std::size_t> free, Coordinates from, Coordinates to) {
  std::vector<double> values;
  const std::vector<Curve> curves = chain_curves(p, chain, free, from);
  for (std::size_t i = 0; i < curves.size(); ++i)
    values.push_back(to == Coordinates::physical
                         ? curves[i].v
                         : SigmoidRange(chain.parameter(free[i])).unconstrained(curves[i].v));
  return values;
}

LossAt change_variables(double loss, std::span<const double> gradient, std::span<const double> gauss_newton,
                        std::span<const double> curvature, std::span<const Curve> curves, double scale,
                        int order) {
  LossAt at{loss / scale, {}, {}};
  const std::size_t n = curves.size();
  if (order >= 1)
    for (std::size_t i = 0; i < n; ++i) at.gradient.push_back(gradient[i] * curves[i].g[0] / scale);
  if (order < 2) return at;
  at.hessian.resize(n * n);
  for (std::size_t i = 0, k = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j, ++k)
      at.hessian[i * n + j] = at.hessian[j * n + i] =
          (gauss_newton[k] + curvature[k]) * curves[i].g[0] * curves[j].g[0] / scale;
    at.hessian[i * n + i] += gradient[i] * curves[i].h[0] / scale;
  }
  return at;
}

} // namespace raphson::python
