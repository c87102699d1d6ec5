// A generator of short token sequences: a perceptron that sees the embeddings of the last `window` tokens and
// the position, and gives the next token's logits. Token 0 ends a sequence; so does the length L.
#pragma once

#include "optim/engine/random.h"
#include "optim/nn/layers.h"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace raphson::optim::tools {

using Sequence = std::vector<int>; // without the end

struct GeneratorSpec {
  int tokens = 2; // the end included
  int window = 3, embedding = 8, hidden = 32;
  int longest = 20; // L
};

/// The tokens of a batch, one sequence behind the other; the end is a token.
struct TokenBatch {
  std::vector<int> window; // [token][place], the last place the latest; `tokens` stands for what lies before
  std::vector<float> position;    // of the token in its sequence over L
  std::vector<int> action;        // the token itself
  std::vector<std::size_t> begin; // of each sequence, and the end of the last
  std::size_t size() const { return action.size(); }
  std::size_t sequences() const { return begin.size() - 1; }
  /// The tokens of a sequence but the end.
  Sequence sequence(std::size_t index) const;
};

using Parameters = Eigen::VectorXf;

class SequenceGenerator {
public:
  explicit SequenceGenerator(const GeneratorSpec& spec);

  const GeneratorSpec& spec() const { return spec_; }
  const nn::Layout& layout() const { return layout_; }

  /// {tokens of the batch}: the log-probability of each.
  Var<float> log_probabilities(const nn::Weights<float>& weights, const TokenBatch& batch) const;
  std::vector<float> log_probabilities(const Parameters& theta, const TokenBatch& batch) const;

  TokenBatch sample(const Parameters& theta, std::size_t sequences, RandomStream& random) const;

  /// Given sequences; those longer than L are cut, and have no end then.
  TokenBatch batch_of(std::span<const Sequence> sequences) const;

  struct Fit {
    int steps = 1500;
    std::size_t batch = 128; // sequences
    double learning_rate = 3e-3;
    double held_out = 0; // share of the sequences that only tell which of the fits on the way is best
    std::uint64_t seed = 1;
    std::function<void(const std::string&)> progress = {};
  };
  /// Maximum likelihood, by Adam.
  Parameters fit(std::span<const Sequence> sequences, const Fit& settings) const;

private:
  Var<float> logits(const nn::Weights<float>& weights, const TokenBatch& batch) const;
  void add_state(TokenBatch& batch, std::span<const int> so_far) const;

  GeneratorSpec spec_;
  nn::Layout layout_;
  nn::Embedding embedding_;
  nn::Linear hidden_, out_;
};

} // namespace raphson::optim::tools
