#include "dsp/error.h"
#include "dsp/filters/rational_conversions.h"
#include "dsp/filters/rational_stage.h"

#include <Eigen/LU>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

namespace raphson::dsp {
namespace {

/// The bilinear transform back: (1 + p z^-1 + q z^-2) is s^2 + s / Q + 1 in units of its corner w.
struct Prototype {
  double hz, q;
};

Prototype prototype(const RationalSection<double>& s, double sample_rate) {
  const double at_dc = 1 + s.p + s.q, at_nyquist = 1 - s.p + s.q; // w^2 and 1, up to a common factor
  const double w = std::sqrt(at_dc / at_nyquist);
  const double damping = 2 * (1 - s.q) / at_nyquist; // w / Q
  return {std::atan(w) * sample_rate / std::numbers::pi, w / damping};
}

} // namespace

std::vector<double> stage_values(const RationalSections<double>& filter, double sample_rate) {
  if (filter.sections.size() > RationalStage<double>::sections)
    throw InputError("a chain's rational block has " + std::to_string(RationalStage<double>::sections)
                     + " sections, this filter " + std::to_string(filter.sections.size()));
  if (!is_stable(filter)) throw InputError("the filter is not stable: a chain's rational block is");
  std::vector<double> values;
  for (const Parameter& parameter : rational_parameters) values.push_back(parameter.initial);
  values[0] = filter.h0;
  for (std::size_t j = 0; j < filter.sections.size(); ++j) {
    const RationalSection<double>& s = filter.sections[j];
    const Prototype analog = prototype(s, sample_rate);
    const auto band = band_pass(analog.hz, analog.q, sample_rate),
               low = low_pass(analog.hz, analog.q, sample_rate);
    // The numerator 0 + beta1 z^-1 + beta2 z^-2 as shares of the denominator and of the two filters.
    Eigen::Matrix3d system;
    system << 1, band.b0, low.b0, s.p, band.b1, low.b1, s.q, band.b2, low.b2;
    const Eigen::Vector3d shares = system.partialPivLu().solve(Eigen::Vector3d(0, s.beta1, s.beta2));
    values[0] += shares[0];
    const double of_section[] = {analog.hz, analog.q, shares[1], shares[2]};
    std::copy(of_section, of_section + 4, values.begin() + static_cast<std::ptrdiff_t>(1 + 4 * j));
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Parameter& p = rational_parameters[i];
    if (!(values[i] >= p.minimum && values[i] <= p.maximum))
      throw InputError(std::string("a chain's rational block cannot hold the filter: its ") + p.label
                       + " would be " + std::to_string(values[i]) + ", outside " + std::to_string(p.minimum)
                       + " to " + std::to_string(p.maximum));
  }
  return values;
}

std::vector<double> stage_values_at_rate(std::span<const double> values, double old_rate, double new_rate) {
  const RationalStage<double> stage(values, old_rate);
  const auto sections = stage.coefficients(); // no taps: it runs where it was fitted
  return stage_values(at_rate({stage.direct(), {sections.begin(), sections.end()}}, old_rate, new_rate),
                      new_rate);
}

} // namespace raphson::dsp
