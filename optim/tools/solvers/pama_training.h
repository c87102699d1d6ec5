// Reinforcement fine-tuning of a generator on several rewards: sampled batches, advantages of each objective,
// one weight a token, clipped steps of Adam (PPO, J. Schulman et al. 2017).
#pragma once

#include "optim/rl/advantages.h"
#include "optim/tools/solvers/pama.h"
#include "optim/tools/solvers/pama_rewards.h"

namespace raphson::optim::tools {

enum class Alignment {
  pama,
  noon_mean,  // the mean of the advantages above 0
  batch_wide, // one s* for all tokens
  ppo_mean,   // the mean of the whitened advantages
  morlhf,     // PPO on the mean of the rewards
  mgda,       // the min-norm point of the objectives' PPO gradients
};
const char* to_string(Alignment method);

struct AlignmentSettings {
  std::size_t batch = 256; // sequences
  int iterations = 80, epochs = 4;
  double beta = 0.02;   // of the divergence from the reference, in every objective's reward
  double epsilon = 0.2; // of the ratio
  /// Of Adam. With 3e-3 the policy becomes almost deterministic within 80 iterations
  /// and gives up again what it had gained in the harder objective.
  double learning_rate = 1e-3;
  double ridge = 1e-2; // of the value functions
  rl::AdvantageSettings advantages = {};
  std::uint64_t seed = 1;
  std::function<void(const std::string&)> progress = {};
};

struct AlignmentStep {
  std::vector<double> rewards; // batch means
  double divergence = 0;       // from the reference, nats a sequence
  double improving = 0;        // share of tokens whose weight is above 0
};

struct AlignmentResult {
  Parameters theta;
  std::vector<AlignmentStep> steps;
  std::vector<double> limiting; // share of all tokens by the objective with the least advantage
  bool stalled = false;         // in the last iteration no token had a weight above 0
};

/// Throws InputError for fewer than two rewards, and naming one that is constant over the first batch.
AlignmentResult align(const SequenceGenerator& generator, const Parameters& reference,
                      std::span<const Reward> rewards, Alignment method, const AlignmentSettings& settings);

struct RewardFigures {
  std::vector<double> mean, standard_error;
  double divergence = 0;
  std::vector<std::vector<double>> of_sequences; // [sequence][objective]
  TokenBatch batch;
};
RewardFigures measure_rewards(const SequenceGenerator& generator, const Parameters& theta,
                              const Parameters& reference, std::span<const Reward> rewards,
                              std::size_t sequences, RandomStream& random);

// --- Its parts
// ----------------------------------------------------------------------------------------------

/// [token][objective], whitened. values: of the states, in the same order.
data::RowMatrix token_advantages(const TokenBatch& batch, const data::RowMatrix& rewards,
                                 const data::RowMatrix& values, const rl::AdvantageSettings& settings);

/// [token][feature] for the value functions: one-hot of the token before, 1, position, its square, and each
/// reward of the sequence so far.
data::RowMatrix state_features(const TokenBatch& batch, const GeneratorSpec& spec,
                               std::span<const Reward> rewards);

/// The value of mean over tokens of min(u s, clip(u) s), and its gradient. Tokens without weight cost
/// nothing.
double surrogate(const SequenceGenerator& generator, const Parameters& theta, const TokenBatch& batch,
                 std::span<const float> old_log_probability, const Vector& weight, double epsilon,
                 Tape<float>& tape, Parameters& gradient);

} // namespace raphson::optim::tools
