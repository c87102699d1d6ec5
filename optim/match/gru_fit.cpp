#include "optim/match/gru_fit.h"

#include "dsp/error.h"
#include "optim/engine/lbfgs.h"
#include "optim/engine/random.h"
#include "optim/engine/stopwatch.h"

#include <cmath>

namespace raphson::optim::match {
namespace {

constexpr std::size_t validation_stride = 5, first_validation = 2;

/// As torch.nn.GRU starts, uniform within 1/sqrt(units), but for the update gate's bias and the readout. The
/// biases spread the units' time constants evenly (in the logarithm) from two samples to 100 ms: C. Tallec &
/// Y. Ollivier, "Can recurrent neural networks warp time?", ICLR 2018. The readout starts at 0, where the
/// network corrects nothing.
Vector initial_weights(int units, double sample_rate, std::uint64_t seed) {
  RandomStream stream(seed, "gru weights");
  const auto at = dsp::GruWeights::layout(units);
  const double range = 1 / std::sqrt(units);
  Vector w(static_cast<Eigen::Index>(at.size));
  for (double& x : w) x = stream.uniform(-range, range);
  constexpr double shortest_samples = 2, longest_seconds = 0.1;
  const double low = std::log(shortest_samples), high = std::log(longest_seconds * sample_rate);
  for (int u = 0; u < units; ++u) {
    const double share = (u + 0.5) / units;
    w[static_cast<Eigen::Index>(at.input_bias) + units + u] = low + share * (high - low);
    w[static_cast<Eigen::Index>(at.readout) + u] = 0;
  }
  w[static_cast<Eigen::Index>(at.readout_bias)] = 0;
  return w;
}

dsp::GruWeights unscaled(const Vector& w, int units, double sample_rate,
                         const std::array<double, dsp::GruWeights::inputs>& scale) {
  dsp::GruWeights weights{units, sample_rate, {}};
  for (Eigen::Index i = 0; i < w.size(); ++i) {
    const bool input = static_cast<std::size_t>(i) < dsp::GruWeights::layout(units).recurrent;
    weights.values.push_back(
        static_cast<float>(input ? w[i] / scale[static_cast<std::size_t>(i) % scale.size()] : w[i]));
  }
  return weights;
}

struct Parts {
  std::vector<const GruChunk*> training, validation;
};

Parts parts_of(const GruChunks& chunks) {
  if (chunks.list.size() < validation_stride)
    throw InputError("the recording is too short to train a network: 0.9 s or more are needed");
  Parts parts;
  for (std::size_t i = 0; i < chunks.list.size(); ++i)
    (i % validation_stride == first_validation ? parts.validation : parts.training)
        .push_back(&chunks.list[i]);
  return parts;
}

} // namespace

GruFit fit_gru(const Pair& pair, const dsp::ChainSettings& chain, const GruFitOptions& options) {
  const Stopwatch stopwatch;
  if (options.units < 1 || options.units > dsp::GruWeights::maximum_units)
    throw InputError("a network of " + std::to_string(options.units) + " units: 1 to "
                     + std::to_string(dsp::GruWeights::maximum_units) + " are possible");
  const GruChunks chunks = gru_chunks(pair, chain, {.threads = options.threads});
  const Parts parts = parts_of(chunks);
  const auto scale = input_scale(parts.training);
  const LinearTail tail = linear_tail(chain, pair.sample_rate);
  const double pole = options.pre_emphasis ? 0.995 : 1.0;
  GruObjective<float> training(chunks, parts.training, tail, pole, options.units, scale, options.threads);
  const GruObjective<float> validation(chunks, parts.validation, tail, pole, options.units, scale,
                                       options.threads);

  training.set_decay(options.weight_decay);

  GruFit fit;
  Vector best = initial_weights(options.units, pair.sample_rate, options.seed);
  const auto observer = [&](const Step& step) {
    const double esr = validation.value(step.x), training_esr = step.value - training.penalty(step.x);
    if (step.iteration == 0) {
      fit.training_esr_before = fit.training_esr = training_esr;
      fit.validation_esr_before = fit.validation_esr = esr;
    }
    fit.iterations = step.iteration;
    if (esr < fit.validation_esr) {
      fit.validation_esr = esr;
      fit.training_esr = training_esr;
      fit.best_iteration = step.iteration;
      best = step.x;
    }
    if (options.observer && options.observer(step.iteration, esr) == Control::cancel) return Control::cancel;
    const bool done =
        step.iteration - fit.best_iteration >= options.patience || stopwatch.seconds() > options.seconds;
    return done ? Control::cancel : Control::proceed;
  };
  minimise(training, best,
           LbfgsOptions{.maximum_iterations = options.maximum_iterations, .history = 20, .value_noise = 1e-7},
           observer);
  if (fit.best_iteration > 0) fit.weights = unscaled(best, options.units, pair.sample_rate, scale);
  fit.seconds = stopwatch.seconds();
  return fit;
}

dsp::ChainSettings with_network(const dsp::ChainSettings& chain, const dsp::GruWeights& weights) {
  dsp::ChainSettings result;
  for (const dsp::BlockSettings& block : chain.blocks) {
    if (block.type == dsp::BlockType::gru_makeup) continue;
    result.blocks.push_back(block);
    if (block.type == dsp::BlockType::compressor)
      result.blocks.push_back({dsp::BlockType::gru_makeup, {}, {}, weights});
  }
  return result;
}

} // namespace raphson::optim::match
