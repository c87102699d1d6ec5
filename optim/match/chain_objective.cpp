#include "optim/match/chain_objective.h"

#include "dsp/error.h"
#include "optim/engine/fingerprint.h"
#include "optim/match/chain_hessian.h"
#include "optim/match/chain_loss.h"
#include "optim/match/fitted_range.h"
#include "optim/match/lane_pieces.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::match {

double release_ms(const dsp::ChainSettings& chain) {
  const dsp::BlockSettings* block = chain.compressor();
  if (block == nullptr) return 100; // filters settle within the shortest warm-up
  if (block->type == dsp::BlockType::compressor) return block->values[3];
  const bool remembers = block->values[8] != 0;
  return remembers ? std::max(block->values[4], block->values[10]) : block->values[4];
}

ChainObjective::ChainObjective(std::vector<ChunkView> chunks, double sample_rate,
                               const dsp::ChainSettings& chain, std::vector<std::size_t> free, Mode mode,
                               const ObjectiveOptions& options)
    : chunks_(std::move(chunks)), sample_rate_(sample_rate), chain_(chain), free_(std::move(free)),
      mode_(mode), options_(options) {
  if (mode == Mode::inverse && to_string(chain) != "compressor")
    throw InputError("inverse mode divides by a gain, which only the model 'compressor' has, not '"
                     + to_string(chain) + "'");
  if (dsp::correction(chain) != nullptr)
    throw InputError(
        "the chain " + to_string(chain)
        + " has a network, whose weights and features no fit of the other parameters follows: fit "
          "the chain without it and train it afterwards");
  if (free_.size() > most_free_parameters || chain.size() > most_chain_values)
    throw InputError("at most " + std::to_string(most_free_parameters)
                     + " parameters can be fitted together, not " + std::to_string(free_.size()));
  for (const std::size_t i : free_) ranges_.push_back(fitted_range(chain.parameter(i)));
  const double settle_seconds =
      std::max(options.chunks.warm_up_seconds, 0.6 * settling_seconds(release_ms(chain)));
  pieces_ = lane_pieces(chunks_, static_cast<std::size_t>(settle_seconds * sample_rate));

  struct Energy {
    double half_sum;
  };
  const auto energy = [&](std::size_t i, Energy& term) {
    const ChunkView& chunk = chunks_[i];
    dsp::PreEmphasis<double> emphasise(options.pre_emphasis_pole);
    const float* target = mode == Mode::forward ? chunk.wet : chunk.dry;
    for (std::size_t t = 0; t < chunk.count; ++t) {
      const double v = emphasise(static_cast<double>(target[t]));
      if (chunk.is_scored(t)) term.half_sum += 0.5 * v * v;
    }
  };
  target_energy_ = sum_terms<Energy>(*options_.ranks, chunks_.size(), options_.threads, 0, energy).half_sum;
}

Vector ChainObjective::unconstrained(const dsp::ChainSettings& chain) const {
  const std::vector<double> values = chain.values();
  Vector z(static_cast<Eigen::Index>(free_.size()));
  for (std::size_t k = 0; k < free_.size(); ++k) z[k] = ranges_[k].unconstrained(values[free_[k]]);
  return z;
}

dsp::ChainSettings ChainObjective::chain_at(const Vector& z) const {
  dsp::ChainSettings chain = chain_;
  std::vector<double> values = chain.values();
  for (std::size_t k = 0; k < free_.size(); ++k) values[free_[k]] = ranges_[k].physical(z[k]);
  chain.set_values(values);
  return chain;
}

ChainProblem ChainObjective::problem(std::span<const double> values) const {
  return {chain_, values, free_, sample_rate_, options_.pre_emphasis_pole, mode_ == Mode::inverse};
}

template <class Evaluate>
ChainLossDerivatives ChainObjective::sum_groups(std::size_t lanes, std::span<const double> values,
                                                Evaluate evaluate) const {
  const std::size_t groups = (pieces_.size() + lanes - 1) / lanes;
  const std::uint64_t point = Fingerprint().add(values).value();
  return sum_terms<ChainLossDerivatives>(
      *options_.ranks, groups, options_.threads, point, [&](std::size_t group, ChainLossDerivatives& term) {
        const std::size_t first = group * lanes;
        evaluate(&pieces_[first], static_cast<int>(std::min(lanes, pieces_.size() - first)), term);
      });
}

double ChainObjective::change_variables(const ChainLossDerivatives& d, const Vector& z, bool exact,
                                        Vector& gradient, Matrix& matrix) const {
  const auto n = static_cast<Eigen::Index>(free_.size());
  gradient.resize(n);
  matrix.resize(n, n);
  std::vector<Jet<double, 1, 2>> curves;
  for (Eigen::Index i = 0; i < n; ++i)
    curves.push_back(ranges_[i].physical(Jet<double, 1, 2>::variable(z[i], 0)));
  for (Eigen::Index i = 0, k = 0; i < n; ++i) {
    gradient[i] = d.gradient[i] * curves[i].g[0] / target_energy_;
    for (Eigen::Index j = 0; j <= i; ++j, ++k) {
      const double entry = d.gauss_newton[k] + (exact ? d.curvature[k] : 0.0);
      matrix(i, j) = matrix(j, i) = entry * curves[i].g[0] * curves[j].g[0] / target_energy_;
    }
    if (exact) matrix(i, i) += d.gradient[i] * curves[i].h[0] / target_energy_;
  }
  return d.loss / target_energy_;
}

double ChainObjective::physical_value(std::span<const double> values) const {
  const ChainKernel& kernel = chain_kernel();
  return sum_groups(kernel.lanes, values,
                    [&](const ChunkView* group, int count, ChainLossDerivatives& out) {
                      kernel.value(group, count, problem(values), out);
                    })
      .loss;
}

ChainLossDerivatives ChainObjective::physical_gauss_newton(std::span<const double> values) const {
  const ChainKernel& kernel = chain_kernel();
  return sum_groups(kernel.lanes, values, [&](const ChunkView* group, int count, ChainLossDerivatives& out) {
    kernel.gauss_newton(group, count, problem(values), out);
  });
}

ChainLossDerivatives ChainObjective::physical_hessian(std::span<const double> values) const {
  return sum_groups(1, values, [&](const ChunkView* chunk, int count, ChainLossDerivatives& out) {
    chain_hessian(chunk, count, problem(values), out);
  });
}

double ChainObjective::value(const Vector& z) const {
  return physical_value(chain_at(z).values()) / target_energy_;
}

double ChainObjective::value_gradient_and_gauss_newton(const Vector& z, Vector& gradient, Matrix& jtj) const {
  return change_variables(physical_gauss_newton(chain_at(z).values()), z, false, gradient, jtj);
}

double ChainObjective::value_gradient_and_hessian(const Vector& z, Vector& gradient, Matrix& hessian) const {
  return change_variables(physical_hessian(chain_at(z).values()), z, true, gradient, hessian);
}

Matrix ChainObjective::block_gradients(const Vector& z, double block_seconds) const {
  // Each block is a chunk of its own that settles on what lies before it. Of a long recording a sample of the
  // blocks stands for all.
  constexpr std::size_t enough_blocks = 240;
  const auto block = static_cast<std::size_t>(block_seconds * sample_rate_);
  const auto settle = static_cast<std::size_t>(options_.chunks.warm_up_seconds * sample_rate_);
  std::vector<ChunkView> parts;
  for (const ChunkView& chunk : chunks_)
    for (std::size_t from = chunk.first_scored; from < chunk.count; from += block) {
      const std::size_t start = from > settle ? from - settle : 0, to = std::min(from + block, chunk.count);
      parts.push_back({chunk.dry + start, chunk.wet + start, to - start, from - start});
    }
  const std::size_t stride = (parts.size() + enough_blocks - 1) / enough_blocks;
  const std::size_t sampled = (parts.size() + stride - 1) / stride;

  for (std::size_t i = 0; i < sampled; ++i) parts[i] = parts[i * stride];
  const std::vector<double> values = chain_at(z).values();
  const auto lanes = static_cast<std::size_t>(chain_kernel().lanes);
  Matrix columns(static_cast<Eigen::Index>(free_.size()), static_cast<Eigen::Index>(sampled));
  columns.setZero();
  for_own(*options_.ranks, (sampled + lanes - 1) / lanes, options_.threads, [&](std::size_t group) {
    const std::size_t first = group * lanes, count = std::min(lanes, sampled - first);
    std::vector<ChainLossDerivatives> each(count);
    chain_kernel().gauss_newton_each(&parts[first], static_cast<int>(count), problem(values), each.data());
    Vector gradient;
    Matrix unused;
    for (std::size_t i = 0; i < count; ++i) {
      change_variables(each[i], z, false, gradient, unused);
      columns.col(static_cast<Eigen::Index>(first + i)) = gradient * std::sqrt(static_cast<double>(stride));
    }
  });
  options_.ranks->sum({columns.data(), static_cast<std::size_t>(columns.size())});
  return columns;
}

} // namespace raphson::optim::match
