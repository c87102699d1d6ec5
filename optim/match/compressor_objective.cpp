#include "optim/match/compressor_objective.h"

#include "dsp/dynamics/compressor.h"
#include "optim/engine/fingerprint.h"

#include <algorithm>

namespace raphson::optim::match {
namespace {

constexpr int parameters = 5;

const std::array<SigmoidRange, parameters>& ranges() {
  static const std::array<SigmoidRange, parameters> all{
      SigmoidRange(dsp::compressor_parameters[0]), SigmoidRange(dsp::compressor_parameters[1]),
      SigmoidRange(dsp::compressor_parameters[2]), SigmoidRange(dsp::compressor_parameters[3]),
      SigmoidRange(dsp::compressor_parameters[4])};
  return all;
}

/// Natural coordinates of physical values, for double or Jet.
template <class S>
std::array<S, parameters> natural_coordinates(const std::array<S, parameters>& p, double sample_rate) {
  constexpr double nepers_per_db = 0.11512925464970228420;
  return {p[0] * S(nepers_per_db), S(1.0) - S(1.0) / p[1], dsp::coefficient_from_ms(p[2], sample_rate),
          dsp::coefficient_from_ms(p[3], sample_rate), p[4] * S(nepers_per_db)};
}

CompressorCoordinates to_coordinates(const std::array<double, parameters>& k) {
  return {k[0], k[1], k[2], k[3], k[4]};
}

} // namespace

CompressorObjective::CompressorObjective(const Pair& pair, const ObjectiveOptions& options)
    : CompressorObjective(cut(pair, options.chunks), pair.sample_rate, options) {}

CompressorObjective::CompressorObjective(std::vector<ChunkView> chunks, double sample_rate,
                                         const ObjectiveOptions& options)
    : chunks_(std::move(chunks)), sample_rate_(sample_rate), options_(options), kernel_(compressor_kernel()),
      target_energy_(1) {
  // A make-up of zero leaves the target alone as the error.
  const CompressorCoordinates silent{0, 0, 0.5, 0.5, -700};
  target_energy_ = sum_groups(
                       [&](const ChunkView* group, int count, LossDerivatives& out) {
                         out.loss += kernel_.value(group, count, silent, options_.pre_emphasis_pole);
                       },
                       kernel_.lanes, silent)
                       .loss;
}

Vector CompressorObjective::unconstrained(const CompressorValues& values) {
  Vector z(parameters);
  for (int i = 0; i < parameters; ++i) z[i] = ranges()[i].unconstrained(values[i]);
  return z;
}

CompressorValues CompressorObjective::physical(const Vector& z) {
  CompressorValues values;
  for (int i = 0; i < parameters; ++i) values[i] = ranges()[i].physical(z[i]);
  return values;
}

std::array<CompressorObjective::Curve, 5> CompressorObjective::natural(const Vector& z) const {
  std::array<Curve, parameters> p;
  for (int i = 0; i < parameters; ++i) p[i] = ranges()[i].physical(Curve::variable(z[i], 0));
  return natural_coordinates(p, sample_rate_);
}

CompressorCoordinates CompressorObjective::coordinates(const std::array<Curve, 5>& curves) const {
  return {curves[0].v, curves[1].v, curves[2].v, curves[3].v, curves[4].v};
}

template <class Evaluate>
LossDerivatives CompressorObjective::sum_groups(Evaluate evaluate, int chunks_at_once,
                                                const CompressorCoordinates& at) const {
  const auto lanes = static_cast<std::size_t>(chunks_at_once);
  const std::size_t groups = (chunks_.size() + lanes - 1) / lanes;
  const std::uint64_t point = Fingerprint().add(&at, sizeof at).value();
  return sum_terms<LossDerivatives>(
      *options_.ranks, groups, options_.threads, point, [&](std::size_t group, LossDerivatives& term) {
        const std::size_t first = group * lanes;
        evaluate(&chunks_[first], static_cast<int>(std::min(lanes, chunks_.size() - first)), term);
      });
}

double CompressorObjective::natural_value(const CompressorCoordinates& k) const {
  return sum_groups(
             [&](const ChunkView* group, int count, LossDerivatives& out) {
               out.loss += kernel_.value(group, count, k, options_.pre_emphasis_pole);
             },
             kernel_.lanes, k)
      .loss;
}

LossDerivatives CompressorObjective::natural_gradient(const CompressorCoordinates& k) const {
  return sum_groups(
      [&](const ChunkView* group, int count, LossDerivatives& out) {
        kernel_.gradient(group, count, k, options_.pre_emphasis_pole, out);
      },
      kernel_.lanes, k);
}

LossDerivatives CompressorObjective::natural_hessian(const CompressorCoordinates& k) const {
  const auto kernel = options_.single_precision ? kernel_.single_hessian : kernel_.hessian;
  return sum_groups([&](const ChunkView* group, int count,
                        LossDerivatives& out) { kernel(group, count, k, options_.pre_emphasis_pole, out); },
                    options_.single_precision ? kernel_.single_lanes : kernel_.lanes, k);
}

double CompressorObjective::value(const Vector& z) const {
  return natural_value(coordinates(natural(z))) / target_energy_;
}

double CompressorObjective::value_and_gradient(const Vector& z, Vector& gradient) const {
  const auto curves = natural(z);
  const LossDerivatives d = natural_gradient(coordinates(curves));
  gradient.resize(parameters);
  for (int i = 0; i < parameters; ++i) gradient[i] = d.gradient[i] * curves[i].g[0] / target_energy_;
  return d.loss / target_energy_;
}

namespace {

/// The derivatives by z from those by the natural coordinates, each a function of its own z alone:
/// H_ij = k_i' k_j' L_ij, plus k_i'' L_i on the diagonal where the exact Hessian is asked for.
template <class Curves>
double change_variables(const LossDerivatives& d, const Curves& curves, double scale, bool exact,
                        Vector& gradient, Matrix& matrix) {
  gradient.resize(parameters);
  matrix.resize(parameters, parameters);
  for (int i = 0, p = 0; i < parameters; ++i) {
    gradient[i] = d.gradient[i] * curves[i].g[0] / scale;
    for (int j = 0; j <= i; ++j, ++p) {
      const double entry = d.gauss_newton[p] + (exact ? d.curvature[p] : 0.0);
      matrix(i, j) = matrix(j, i) = entry * curves[i].g[0] * curves[j].g[0] / scale;
    }
    if (exact) matrix(i, i) += d.gradient[i] * curves[i].h[0] / scale;
  }
  return d.loss / scale;
}

} // namespace

double CompressorObjective::value_gradient_and_hessian(const Vector& z, Vector& gradient,
                                                       Matrix& hessian) const {
  const auto curves = natural(z);
  return change_variables(natural_hessian(coordinates(curves)), curves, target_energy_, true, gradient,
                          hessian);
}

double CompressorObjective::value_gradient_and_gauss_newton(const Vector& z, Vector& gradient,
                                                            Matrix& jtj) const {
  const auto curves = natural(z);
  const CompressorCoordinates k = coordinates(curves);
  const LossDerivatives d = sum_groups(
      [&](const ChunkView* group, int count, LossDerivatives& out) {
        kernel_.gauss_newton(group, count, k, options_.pre_emphasis_pole, out);
      },
      kernel_.lanes, k);
  return change_variables(d, curves, target_energy_, false, gradient, jtj);
}

std::vector<CompressorObjective::LevelFit>
CompressorObjective::fit_makeup(const std::vector<CompressorValues>& values) const {
  std::vector<CompressorCoordinates> candidates;
  for (CompressorValues unity : values) {
    unity[4] = 0;
    candidates.push_back(to_coordinates(natural_coordinates(unity, sample_rate_)));
  }
  std::vector<OutputComparison> sums(values.size());
  const std::size_t lanes = static_cast<std::size_t>(kernel_.lanes);
  for_own(*options_.ranks, (values.size() + lanes - 1) / lanes, options_.threads, [&](std::size_t group) {
    const std::size_t first = group * lanes, count = std::min(lanes, values.size() - first);
    for (const ChunkView& chunk : chunks_)
      kernel_.compare(chunk, &candidates[first], static_cast<int>(count), options_.pre_emphasis_pole,
                      &sums[first]);
  });
  static_assert(sizeof(OutputComparison) == 3 * sizeof(double));
  options_.ranks->sum({&sums.data()->output_energy, 3 * sums.size()});
  std::vector<LevelFit> fits;
  for (const OutputComparison& s : sums) {
    const double gain = std::max(s.correlation / s.output_energy, 1e-3);
    fits.push_back(
        {dsp::gain_to_db(gain),
         (gain * gain * s.output_energy - 2 * gain * s.correlation + s.target_energy) / s.target_energy});
  }
  return fits;
}

Matrix CompressorObjective::block_gradients(const Vector& z, double block_seconds) const {
  const auto curves = natural(z);
  const CompressorCoordinates k = coordinates(curves);
  const auto block_samples = static_cast<std::size_t>(block_seconds * sample_rate_);
  std::vector<std::size_t> begins{0}; // of each chunk's columns
  for (const ChunkView& chunk : chunks_)
    begins.push_back(begins.back() + (chunk.count / block_samples + 2) * parameters);
  std::vector<double> columns(begins.back());
  // One chunk at a time in one lane: a few evaluations' cost, once a match.
  for_own(*options_.ranks, chunks_.size(), options_.threads, [&](std::size_t i) {
    kernel_.block_gradients(chunks_[i], k, options_.pre_emphasis_pole, block_samples, &columns[begins[i]]);
  });
  options_.ranks->sum(columns, Fingerprint().add(&k, sizeof k).value());
  Matrix gradients = Eigen::Map<const Matrix>(columns.data(), parameters,
                                              static_cast<Eigen::Index>(columns.size() / parameters));
  for (int i = 0; i < parameters; ++i) gradients.row(i) *= curves[i].g[0] / target_energy_;
  return gradients;
}

double CompressorObjective::weighted_derivatives(const Vector& z, std::span<const double> weights,
                                                 Vector& gradient, Matrix& hessian) const {
  const auto curves = natural(z);
  const CompressorCoordinates k = coordinates(curves);
  const auto evaluate = [&](const ChunkView* group, int count, LossDerivatives& out) {
    std::vector<LossDerivatives> each(static_cast<std::size_t>(count));
    kernel_.hessian_each(group, count, k, options_.pre_emphasis_pole, each.data());
    const double* weight = &weights[static_cast<std::size_t>(group - chunks_.data())];
    for (const LossDerivatives& one : each) {
      out.loss += *weight * one.loss;
      for (std::size_t i = 0; i < one.gradient.size(); ++i) out.gradient[i] += *weight * one.gradient[i];
      for (std::size_t i = 0; i < one.curvature.size(); ++i) {
        out.gauss_newton[i] += *weight * one.gauss_newton[i];
        out.curvature[i] += *weight * one.curvature[i];
      }
      ++weight;
    }
  };
  return change_variables(sum_groups(evaluate, kernel_.lanes, k), curves, target_energy_, true, gradient,
                          hessian);
}

std::size_t CompressorObjective::scored_samples() const {
  std::size_t samples = 0;
  for (const ChunkView& chunk : chunks_) samples += chunk.count - chunk.first_scored;
  return samples;
}

} // namespace raphson::optim::match
