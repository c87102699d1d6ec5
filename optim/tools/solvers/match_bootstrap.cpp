#include "optim/tools/solvers/match_bootstrap.h"

#include "dsp/error.h"
#include "optim/match/compressor_fit.h"
#include "optim/match/compressor_objective.h"
#include "optim/match/stretches.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;
using match::CompressorObjective;

/// From the unconstrained coordinates to physical units: values through the sigmoids, deviations by their
/// slopes at the estimate.
FreeLunchResult physical(const FreeLunchResult& z) {
  const auto values = [](const Vector& at) {
    const match::CompressorValues v = CompressorObjective::physical(at);
    return Vector(Eigen::Map<const Vector>(v.data(), static_cast<Index>(v.size())));
  };
  constexpr double step = 1e-6;
  const Vector moved = Vector::Constant(z.estimate.size(), step);
  const Vector slope = (values(z.estimate + moved) - values(z.estimate - moved)) / (2 * step);
  FreeLunchResult p = rescaled(z, slope);
  p.estimate = values(z.estimate);
  p.low = values(z.low);
  p.high = values(z.high);
  if (z.minimum.size() > 0) p.minimum = values(z.minimum);
  for (Index b = 0; b < z.draws.rows(); ++b) p.draws.row(b) = values(z.draws.row(b).transpose()).transpose();
  return p;
}

} // namespace

MatchBootstrap bootstrap_match(const match::Pair& pair, const dsp::ChainSettings& chain,
                               const MatchBootstrapOptions& o) {
  if (dsp::to_string(chain) != "compressor")
    throw InputError("--bootstrap: it is for --model compressor, whose Hessian is fast enough; this is '"
                     + dsp::to_string(chain) + "'");
  const match::CompressorValues values = match::compressor_values(chain);
  const match::Stretches stretches = match::stretches_of(pair, values[3]);
  match::ObjectiveOptions options;
  options.threads = o.threads;
  if (!o.pre_emphasis) options.pre_emphasis_pole = 1;
  const CompressorObjective objective(stretches.chunks, pair.sample_rate, options);
  const auto derivatives = [&](const Vector& z, const Vector& weights, Vector& gradient, Matrix& hessian) {
    return objective.weighted_derivatives(z, {weights.data(), static_cast<std::size_t>(weights.size())},
                                          gradient, hessian);
  };
  const auto value = [&](const Vector& z, const Vector& weights) {
    Vector gradient;
    Matrix hessian;
    return derivatives(z, weights, gradient, hessian);
  };
  const RowObjective rows{static_cast<Index>(stretches.chunks.size()), match::compressor_parameters, value,
                          derivatives};
  FreeLunchOptions run;
  run.draws = o.draws;
  run.gamma = o.gamma;
  run.level = o.level;
  run.warn_of_large_batches = false; // they are meant
  run.from_minimum = true;           // the match's own stopping rules know this loss's kinks
  run.seed = o.seed;
  run.units.cluster = stretches.number;
  run.batch = o.times_over * stretches.count();
  run.progress = o.progress;
  MatchBootstrap b{physical(free_lunch_bootstrap(rows, CompressorObjective::unconstrained(values), run)),
                   {},
                   {},
                   {},
                   stretches.seconds};
  for (std::size_t k = 0; k < match::compressor_parameters; ++k) {
    const dsp::Parameter& p = chain.parameter(k);
    b.names.push_back(chain.name(k));
    b.labels.push_back(p.label);
    b.units.push_back(p.unit);
  }
  return b;
}

} // namespace raphson::optim::tools
