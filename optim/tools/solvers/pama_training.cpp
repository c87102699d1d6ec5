#include "optim/tools/solvers/pama_training.h"

#include "dsp/error.h"
#include "optim/autodiff/operations/arithmetic.h"
#include "optim/autodiff/operations/reduction.h"
#include "optim/engine/adam_rule.h"
#include "optim/engine/min_norm.h"
#include "optim/rl/ridge_critic.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

using data::RowMatrix;
using Floats = std::vector<float>;

// [sequence][objective], with factors.
RowMatrix sequence_rewards(const TokenBatch& batch, std::span<const Reward> rewards) {
  RowMatrix result(static_cast<Eigen::Index>(batch.sequences()), std::ssize(rewards));
  for (Eigen::Index i = 0; i < result.rows(); ++i) {
    const Sequence sequence = batch.sequence(static_cast<std::size_t>(i));
    for (Eigen::Index k = 0; k < result.cols(); ++k) {
      const Reward& reward = rewards[static_cast<std::size_t>(k)];
      result(i, k) = reward.factor * reward.of(sequence);
    }
  }
  return result;
}

void check_rewards(const RowMatrix& rewards, std::span<const Reward> given) {
  for (Eigen::Index k = 0; k < rewards.cols(); ++k) {
    const double range = rewards.col(k).maxCoeff() - rewards.col(k).minCoeff();
    if (range > 1e-12 * std::max(1.0, std::abs(rewards(0, k)))) continue;
    throw InputError("the reward " + given[static_cast<std::size_t>(k)].name + " is "
                     + std::to_string(rewards(0, k))
                     + " for every sequence of the first batch; no update could tell"
                       " what raises it");
  }
}

// Per token: the divergence's share, and at the last token the sequence's reward.
RowMatrix token_rewards(const TokenBatch& batch, const RowMatrix& of_sequences, const Floats& old,
                        const Floats& reference, double beta) {
  RowMatrix rewards(static_cast<Eigen::Index>(batch.size()), of_sequences.cols());
  for (std::size_t t = 0; t < batch.size(); ++t) {
    rewards.row(static_cast<Eigen::Index>(t)).setConstant(-beta * static_cast<double>(old[t] - reference[t]));
  }
  for (std::size_t i = 0; i < batch.sequences(); ++i) {
    rewards.row(static_cast<Eigen::Index>(batch.begin[i + 1]) - 1) +=
        of_sequences.row(static_cast<Eigen::Index>(i));
  }
  return rewards;
}

RowMatrix token_returns(const TokenBatch& batch, RowMatrix rewards) {
  for (std::size_t i = 0; i < batch.sequences(); ++i) {
    for (std::size_t t = batch.begin[i + 1] - 1; t-- > batch.begin[i];) {
      rewards.row(static_cast<Eigen::Index>(t)) += rewards.row(static_cast<Eigen::Index>(t + 1));
    }
  }
  return rewards;
}

double divergence(const TokenBatch& batch, const Floats& log_probability, const Floats& reference) {
  double sum = 0;
  for (std::size_t t = 0; t < batch.size(); ++t)
    sum += static_cast<double>(log_probability[t] - reference[t]);
  return sum / static_cast<double>(batch.sequences());
}

TokenBatch weighted_tokens(const TokenBatch& batch, const Vector& weight, int window,
                           std::vector<std::size_t>& chosen) {
  TokenBatch part;
  for (std::size_t t = 0; t < batch.size(); ++t) {
    if (weight[static_cast<Eigen::Index>(t)] == 0) continue;
    chosen.push_back(t);
    const auto at = batch.window.begin() + static_cast<std::ptrdiff_t>(t) * window;
    part.window.insert(part.window.end(), at, at + window);
    part.position.push_back(batch.position[t]);
    part.action.push_back(batch.action[t]);
  }
  return part;
}

class Aligner {
public:
  Aligner(const SequenceGenerator& generator, const Parameters& reference, std::span<const Reward> rewards,
          Alignment method, const AlignmentSettings& settings)
      : generator_(generator), reference_(reference), rewards_(rewards), method_(method), settings_(settings),
        random_(settings.seed, "pama samples"),
        adam_(one_block(reference.size()), {.learning_rate = settings.learning_rate}),
        critic_(generator.spec().tokens + 4 + std::ssize(rewards), objectives(), settings.ridge) {
    result_.theta = reference;
    result_.limiting.assign(rewards.size(), 0.0);
  }

  AlignmentResult run() {
    for (int iteration = 0; iteration < settings_.iterations; ++iteration) iterate(iteration);
    const double tokens = static_cast<double>(std::max<std::size_t>(1, tokens_));
    for (double& share : result_.limiting) share /= tokens;
    result_.stalled = !result_.steps.empty() && result_.steps.back().improving == 0;
    return std::move(result_);
  }

private:
  Eigen::Index objectives() const { return method_ == Alignment::morlhf ? 1 : std::ssize(rewards_); }

  void iterate(int iteration) {
    const TokenBatch batch = generator_.sample(result_.theta, settings_.batch, random_);
    const Floats old = generator_.log_probabilities(result_.theta, batch);
    const Floats reference = generator_.log_probabilities(reference_, batch);
    const RowMatrix of_sequences = sequence_rewards(batch, rewards_);
    if (iteration == 0) check_rewards(of_sequences, rewards_);
    const RowMatrix merged =
        method_ == Alignment::morlhf ? RowMatrix(of_sequences.rowwise().mean()) : of_sequences;
    const RowMatrix rewards = token_rewards(batch, merged, old, reference, settings_.beta);
    const RowMatrix features = state_features(batch, generator_.spec(), rewards_);
    const RowMatrix advantages =
        token_advantages(batch, rewards, critic_.values(features), settings_.advantages);
    const double improving = step(batch, old, advantages);
    critic_.fit(features, token_returns(batch, rewards));
    const Eigen::RowVectorXd means = of_sequences.colwise().mean();
    result_.steps.push_back({{means.begin(), means.end()}, divergence(batch, old, reference), improving});
    if (method_ != Alignment::morlhf) count_limiting(advantages);
    if (settings_.progress) {
      settings_.progress(std::string(to_string(method_)) + ", iteration " + std::to_string(iteration + 1)
                         + " of " + std::to_string(settings_.iterations));
    }
  }

  void count_limiting(const RowMatrix& advantages) {
    for (const auto& row : advantages.rowwise()) {
      const int least = limiting_objective({row.data(), static_cast<std::size_t>(row.size())});
      ++result_.limiting[static_cast<std::size_t>(least)];
    }
    tokens_ += static_cast<std::size_t>(advantages.rows());
  }

  // The share of tokens with a weight above 0.
  double step(const TokenBatch& batch, const Floats& old, const RowMatrix& advantages) {
    const Vector weight =
        method_ == Alignment::mgda ? Vector(advantages.rowwise().mean()) : merge(how(), advantages);
    for (int epoch = 0; epoch < settings_.epochs; ++epoch) {
      const Parameters ascent =
          method_ == Alignment::mgda ? common_ascent(batch, old, advantages) : ascent_of(batch, old, weight);
      const Parameters descent = -ascent;
      const auto size = static_cast<std::size_t>(descent.size());
      adam_.step(std::span<const float>(descent.data(), size), std::span<float>(result_.theta.data(), size));
    }
    return (weight.array() > 0).cast<double>().mean();
  }

  AdvantageMerge how() const {
    switch (method_) {
    case Alignment::pama:
      return AdvantageMerge::pama;
    case Alignment::noon_mean:
      return AdvantageMerge::noon_mean;
    case Alignment::batch_wide:
      return AdvantageMerge::batch_wide;
    default:
      return AdvantageMerge::mean;
    }
  }

  Parameters ascent_of(const TokenBatch& batch, const Floats& old, const Vector& weight) {
    Parameters gradient;
    surrogate(generator_, result_.theta, batch, old, weight, settings_.epsilon, tape_, gradient);
    return gradient;
  }

  Parameters common_ascent(const TokenBatch& batch, const Floats& old, const RowMatrix& advantages) {
    Matrix gradients(reference_.size(), advantages.cols());
    for (Eigen::Index k = 0; k < advantages.cols(); ++k) {
      gradients.col(k) = ascent_of(batch, old, advantages.col(k)).cast<double>();
    }
    return (gradients * min_norm_point(gradients.transpose() * gradients).weights).cast<float>();
  }

  const SequenceGenerator& generator_;
  const Parameters& reference_;
  std::span<const Reward> rewards_;
  Alignment method_;
  const AlignmentSettings& settings_;
  RandomStream random_;
  AdamRule<float> adam_;
  rl::RidgeCritic critic_;
  Tape<float> tape_;
  AlignmentResult result_;
  std::size_t tokens_ = 0;
};

} // namespace

const char* to_string(Alignment method) {
  switch (method) {
  case Alignment::pama:
    return "PAMA";
  case Alignment::noon_mean:
    return "Noon, mean advantage";
  case Alignment::batch_wide:
    return "one s* a batch";
  case Alignment::ppo_mean:
    return "PPO, mean of whitened advantages";
  case Alignment::morlhf:
    return "MORLHF (PPO on the mean reward)";
  case Alignment::mgda:
    return "MGDA on full gradients";
  }
  return "";
}

RowMatrix token_advantages(const TokenBatch& batch, const RowMatrix& rewards, const RowMatrix& values,
                           const rl::AdvantageSettings& settings) {
  RowMatrix advantages(rewards.rows(), rewards.cols());
  const auto count = static_cast<std::size_t>(rewards.rows());
  for (Eigen::Index k = 0; k < rewards.cols(); ++k) {
    const Vector r = rewards.col(k), v = values.col(k);
    Vector a(rewards.rows());
    const std::span<const double> reward(r.data(), count), value(v.data(), count);
    const std::span<double> advantage(a.data(), count);
    for (std::size_t i = 0; i < batch.sequences(); ++i) {
      const std::size_t begin = batch.begin[i], length = batch.begin[i + 1] - begin;
      rl::generalised_advantages(reward.subspan(begin, length), value.subspan(begin, length), settings,
                                 advantage.subspan(begin, length));
    }
    rl::whiten(advantage);
    advantages.col(k) = a;
  }
  return advantages;
}

RowMatrix state_features(const TokenBatch& batch, const GeneratorSpec& spec,
                         std::span<const Reward> rewards) {
  const Eigen::Index tokens = spec.tokens + 1;
  RowMatrix features =
      RowMatrix::Zero(static_cast<Eigen::Index>(batch.size()), tokens + 3 + std::ssize(rewards));
  for (std::size_t i = 0; i < batch.sequences(); ++i) {
    const std::span<const int> sequence =
        std::span(batch.action).subspan(batch.begin[i], batch.begin[i + 1] - batch.begin[i]);
    for (std::size_t t = 0; t < sequence.size(); ++t) {
      const auto row = static_cast<Eigen::Index>(batch.begin[i] + t);
      const double position = batch.position[batch.begin[i] + t];
      features(row, t == 0 ? spec.tokens : sequence[t - 1]) = 1;
      features(row, tokens) = 1;
      features(row, tokens + 1) = position;
      features(row, tokens + 2) = position * position;
      for (Eigen::Index k = 0; k < std::ssize(rewards); ++k) {
        features(row, tokens + 3 + k) = rewards[static_cast<std::size_t>(k)].of(sequence.first(t));
      }
    }
  }
  return features;
}

double surrogate(const SequenceGenerator& generator, const Parameters& theta, const TokenBatch& batch,
                 std::span<const float> old_log_probability, const Vector& weight, double epsilon,
                 Tape<float>& tape, Parameters& gradient) {
  gradient = Parameters::Zero(theta.size());
  std::vector<std::size_t> chosen;
  const TokenBatch part = weighted_tokens(batch, weight, generator.spec().window, chosen);
  if (chosen.empty()) return 0;
  Floats old, weights;
  for (const std::size_t t : chosen) {
    old.push_back(old_log_probability[t]);
    weights.push_back(static_cast<float>(weight[static_cast<Eigen::Index>(t)]));
  }
  tape.clear();
  const auto count = std::ssize(chosen);
  const nn::Weights<float> w(tape, theta.data(), {.gradient = gradient.data()});
  const Var<float> u = exp(generator.log_probabilities(w, part) - tape.constant({count}, old.data()));
  const Var<float> s = tape.constant({count}, weights.data());
  const Var<float> low = tape.constant(static_cast<float>(1 - epsilon)),
                   high = tape.constant(static_cast<float>(1 + epsilon));
  const Var<float> value =
      sum(minimum(u * s, minimum(maximum(u, low), high) * s)) / static_cast<float>(batch.size());
  tape.backward(value);
  return static_cast<double>(value.item());
}

AlignmentResult align(const SequenceGenerator& generator, const Parameters& reference,
                      std::span<const Reward> rewards, Alignment method, const AlignmentSettings& settings) {
  if (rewards.size() < 2) {
    throw InputError("--reward: " + std::to_string(rewards.size())
                     + " given; PAMA weighs at least two against each other");
  }
  return Aligner(generator, reference, rewards, method, settings).run();
}

RewardFigures measure_rewards(const SequenceGenerator& generator, const Parameters& theta,
                              const Parameters& reference, std::span<const Reward> rewards,
                              std::size_t sequences, RandomStream& random) {
  RewardFigures figures;
  figures.batch = generator.sample(theta, sequences, random);
  figures.divergence = divergence(figures.batch, generator.log_probabilities(theta, figures.batch),
                                  generator.log_probabilities(reference, figures.batch));
  const RowMatrix all = sequence_rewards(figures.batch, rewards);
  const double n = static_cast<double>(sequences);
  for (Eigen::Index k = 0; k < all.cols(); ++k) {
    const double mean = all.col(k).mean(), variance = (all.col(k).array() - mean).square().mean();
    figures.mean.push_back(mean);
    figures.standard_error.push_back(std::sqrt(variance / n));
  }
  for (const auto& row : all.rowwise()) figures.of_sequences.emplace_back(row.begin(), row.end());
  return figures;
}

} // namespace raphson::optim::tools
