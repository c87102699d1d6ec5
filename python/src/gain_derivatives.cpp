#include "gain_derivatives.h"

#include "dsp/dynamics/compressor.h"
#include "optim/autodiff/jet.h"

#include <vector>

namespace raphson::python {
namespace {

using J = optim::Jet<double, gain_parameters, 2>;

double static_slope(double ratio) { return 1 - 1 / ratio; }

} // namespace

void compressor_gain(std::span<const double> level, const GainParameters& p, double* gain) {
  static const dsp::CompressorBlockGain block_gain = dsp::compressor_block_gain();
  double state = 1;
  block_gain(level.data(), gain, level.size(),
             {p.threshold_db * dsp::nepers_per_db, static_slope(p.ratio), p.attack, p.release}, state);
}

void compressor_gain_derivatives(std::span<const double> level, const GainParameters& p, double* gain,
                                 double* jacobian, double* hessian, std::size_t stride) {
  const J log_threshold = J::variable(p.threshold_db, 0) * J(dsp::nepers_per_db);
  const J slope = J(1.0) - J(1.0) / J::variable(p.ratio, 1);
  dsp::AttackRelease<J> ballistics(J::variable(p.attack, 2), J::variable(p.release, 3));
  for (std::size_t t = 0; t < level.size(); ++t) {
    const J u = J(dsp::math::log(dsp::PeakDetector{}(level[t]))) - log_threshold;
    const J g = ballistics(dsp::HardKnee{}.gain(u, slope));
    gain[t] = g.v;
    for (int i = 0; i < gain_parameters; ++i) {
      jacobian[static_cast<std::size_t>(i) * stride + t] = g.g[i];
      for (int j = 0; hessian != nullptr && j < gain_parameters; ++j)
        hessian[static_cast<std::size_t>(i * gain_parameters + j) * stride + t] = g.hessian(i, j);
    }
  }
}

GainPullback compressor_gain_pullback(std::span<const double> level, const GainParameters& p,
                                      std::span<const double> by_gain, double* by_level) {
  std::vector<double> gain(level.size());
  compressor_gain(level, p, gain.data());
  const double slope = static_slope(p.ratio), log_threshold = p.threshold_db * dsp::nepers_per_db;
  GainPullback sums;
  double adjoint = 0; // of g_t, from the samples after t
  for (std::size_t t = level.size(); t-- > 0;) {
    const double before = t > 0 ? gain[t - 1] : 1, x = dsp::PeakDetector{}(level[t]);
    const double u = dsp::math::log(x) - log_threshold, f = dsp::HardKnee{}.gain(u, slope);
    const bool attacks = f < before;
    const double c = attacks ? p.attack : p.release;
    adjoint += by_gain[t];
    sums.parameters[attacks ? 2 : 3] += adjoint * (f - before);
    const double by_f = u > 0 ? adjoint * c * f : 0; // times f: all derivatives of f have that factor
    sums.parameters[0] += by_f * slope * dsp::nepers_per_db;
    sums.parameters[1] -= by_f * u / (p.ratio * p.ratio);
    const bool floored = dsp::math::abs(level[t]) < dsp::lowest_level;
    by_level[t] = floored ? 0 : (level[t] < 0 ? by_f : -by_f) * slope / x;
    adjoint *= 1 - c;
  }
  return sums;
}

} // namespace raphson::python
