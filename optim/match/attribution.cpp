#include "optim/match/attribution.h"

#include "optim/engine/parallel.h"
#include "optim/match/chain_fit.h"
#include "optim/match/chain_objective.h"
#include "optim/match/stretches.h"

#include <Eigen/Eigenvalues>

#include <cmath>

namespace raphson::optim::match {
namespace {

struct Share { // of one stretch in the whole loss
  double loss = 0;
  Vector gradient;
  Matrix hessian;
};

/// Of one chunk by itself, in units of half the sum of the squared errors.
Share share_of(const ChunkView& chunk, const Pair& pair, const dsp::ChainSettings& chain, const Vector& z,
               const MatchOptions& options, const ObjectiveOptions& objective_options) {
  Share s;
  const auto scaled = [&s](double loss, double energy) {
    s.loss = loss * energy;
    s.gradient *= energy;
    s.hessian *= energy;
  };
  const ChainObjective objective({chunk}, pair.sample_rate, chain, fitted_parameters(chain), options.mode,
                                 objective_options);
  if (objective.target_energy() == 0) { // silence says nothing
    s.gradient = Vector::Zero(z.size());
    s.hessian = Matrix::Zero(z.size(), z.size());
    return s;
  }
  const bool exact = to_string(chain) == "compressor" && options.mode == Mode::forward;
  const double loss = exact ? CompressorObjective({chunk}, pair.sample_rate, objective_options)
                                  .value_gradient_and_hessian(z, s.gradient, s.hessian)
                            : objective.value_gradient_and_gauss_newton(z, s.gradient, s.hessian);
  scaled(loss, objective.target_energy());
  return s;
}

/// H^-1 g where H is positive definite, by its eigenvalues' magnitudes where not; flat directions stay.
Vector solve(const Matrix& hessian, const Vector& g) {
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(hessian);
  const Vector size = eigen.eigenvalues().cwiseAbs();
  const double flat = 1e-10 * size.maxCoeff();
  const Vector inverse = size.unaryExpr([flat](double v) { return v > flat ? 1 / v : 0.0; });
  return eigen.eigenvectors() * inverse.cwiseProduct(eigen.eigenvectors().transpose() * g);
}

Vector at_most_one_long(const Vector& step) {
  constexpr double longest = 1;
  const double length = step.norm();
  return length > longest ? Vector(step * (longest / length)) : step;
}

double pull_of(const Vector& shift, const std::vector<ParameterEstimate>& fitted) {
  double sum = 0;
  int determined = 0;
  for (std::size_t k = 0; k < fitted.size(); ++k) {
    if (!fitted[k].determined || !(fitted[k].standard_error > 0)) continue;
    sum += std::pow(shift[static_cast<Eigen::Index>(k)] / fitted[k].standard_error, 2);
    ++determined;
  }
  return determined > 0 ? std::sqrt(sum / determined) : 0;
}

} // namespace

std::vector<AttributedStretch> attribute(const Pair& pair, const dsp::ChainSettings& chain,
                                         const std::vector<ParameterEstimate>& fitted,
                                         const MatchOptions& options) {
  const Stretches stretches = stretches_of(pair, release_ms(chain));
  ObjectiveOptions one;
  if (!options.pre_emphasis) one.pre_emphasis_pole = 1;
  const std::vector<std::size_t> free = fitted_parameters(chain);
  const ChainObjective whole(stretches.chunks, pair.sample_rate, chain, free, options.mode, one);
  const Vector z = whole.unconstrained(chain);

  std::vector<Share> chunks(stretches.chunks.size());
  const std::size_t threads = options.threads ? options.threads : default_threads();
  parallel_for(chunks.size(), threads, [&](std::size_t i, std::size_t) {
    chunks[i] = share_of(stretches.chunks[i], pair, chain, z, options, one);
  });
  const Share nothing{0, Vector::Zero(z.size()), Matrix::Zero(z.size(), z.size())};
  std::vector<Share> shares(static_cast<std::size_t>(stretches.count()), nothing);
  Share all = nothing;
  for (std::size_t i = 0; i < chunks.size(); ++i)
    for (Share* sum : {&shares[static_cast<std::size_t>(stretches.number[i])], &all}) {
      sum->loss += chunks[i].loss;
      sum->gradient += chunks[i].gradient;
      sum->hessian += chunks[i].hessian;
    }

  const std::vector<double> values = chain.values();
  const double begin = static_cast<double>(pair.scored_begin) / pair.sample_rate;
  std::vector<AttributedStretch> list;
  for (std::size_t b = 0; b < shares.size(); ++b) {
    // The whole gradient is zero but for the stopping rule, and the settling that differs from the match's.
    const Vector g = shares[b].gradient - all.gradient / static_cast<double>(shares.size());
    const Vector step = at_most_one_long(solve(all.hessian - shares[b].hessian, g));
    const std::vector<double> without = whole.chain_at(z + step).values();
    AttributedStretch s{begin + static_cast<double>(b) * stretches.seconds,
                        begin + static_cast<double>(b + 1) * stretches.seconds,
                        all.loss > 0 ? shares[b].loss / all.loss : 0, Vector(z.size()), 0};
    for (std::size_t k = 0; k < free.size(); ++k)
      s.shift[static_cast<Eigen::Index>(k)] = without[free[k]] - values[free[k]];
    s.pull = pull_of(s.shift, fitted);
    list.push_back(std::move(s));
  }
  return list;
}

} // namespace raphson::optim::match
