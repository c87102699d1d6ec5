#include "optim/tools/solvers/pama_generator.h"

#include "optim/autodiff/operations/reduction.h"
#include "optim/autodiff/operations/softmax.h"
#include "optim/engine/adam_rule.h"
#include "optim/engine/batches.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace raphson::optim::tools {
namespace {

int draw(std::span<const float> logits, RandomStream& random) {
  const float highest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float z : logits) sum += std::exp(static_cast<double>(z - highest));
  double left = random.uniform() * sum;
  for (std::size_t a = 0; a + 1 < logits.size(); ++a) {
    left -= std::exp(static_cast<double>(logits[a] - highest));
    if (left < 0) return static_cast<int>(a);
  }
  return static_cast<int>(logits.size()) - 1;
}

} // namespace

Sequence TokenBatch::sequence(std::size_t index) const {
  Sequence tokens(action.begin() + static_cast<std::ptrdiff_t>(begin[index]),
                  action.begin() + static_cast<std::ptrdiff_t>(begin[index + 1]));
  if (!tokens.empty() && tokens.back() == 0) tokens.pop_back();
  return tokens;
}

SequenceGenerator::SequenceGenerator(const GeneratorSpec& spec)
    : spec_(spec), embedding_(layout_, "tokens", spec.tokens + 1, spec.embedding, 0.3),
      hidden_(layout_, "hidden", spec.window * spec.embedding + 1, spec.hidden),
      out_(layout_, "out", spec.hidden, spec.tokens) {}

Var<float> SequenceGenerator::logits(const nn::Weights<float>& weights, const TokenBatch& batch) const {
  const auto count = static_cast<Index>(batch.position.size());
  const Var<float> windows =
      reshape(embedding_(weights, std::span<const int>(batch.window), {count, spec_.window}),
              {count, spec_.window * spec_.embedding});
  const Var<float> parts[] = {windows, weights.tape().constant({count, 1}, batch.position.data())};
  return out_(weights, tanh(hidden_(weights, concatenate(std::span<const Var<float>>(parts), 1))));
}

Var<float> SequenceGenerator::log_probabilities(const nn::Weights<float>& weights,
                                                const TokenBatch& batch) const {
  return -cross_entropy(logits(weights, batch), batch.action);
}

std::vector<float> SequenceGenerator::log_probabilities(const Parameters& theta,
                                                        const TokenBatch& batch) const {
  Tape<float> tape;
  const auto each = log_probabilities(nn::Weights<float>(tape, theta.data()), batch);
  return {each.data(), each.data() + each.size()};
}

void SequenceGenerator::add_state(TokenBatch& batch, std::span<const int> so_far) const {
  const auto length = std::ssize(so_far);
  for (std::ptrdiff_t k = length - spec_.window; k < length; ++k) {
    batch.window.push_back(k < 0 ? spec_.tokens : so_far[static_cast<std::size_t>(k)]);
  }
  batch.position.push_back(static_cast<float>(length) / static_cast<float>(spec_.longest));
}

TokenBatch SequenceGenerator::batch_of(std::span<const Sequence> sequences) const {
  TokenBatch batch;
  batch.begin.push_back(0);
  const auto longest = static_cast<std::size_t>(spec_.longest);
  for (const Sequence& sequence : sequences) {
    for (std::size_t t = 0; t < std::min(longest, sequence.size() + 1); ++t) {
      add_state(batch, std::span(sequence).first(t));
      batch.action.push_back(t < sequence.size() ? sequence[t] : 0);
    }
    batch.begin.push_back(batch.size());
  }
  return batch;
}

// All sequences go forward by a token at a time.
TokenBatch SequenceGenerator::sample(const Parameters& theta, std::size_t sequences,
                                     RandomStream& random) const {
  std::vector<Sequence> drawn(sequences);
  std::vector<std::size_t> going(sequences);
  for (std::size_t i = 0; i < sequences; ++i) going[i] = i;
  Tape<float> tape;
  const auto classes = static_cast<std::size_t>(spec_.tokens);
  for (int t = 0; t < spec_.longest && !going.empty(); ++t) {
    TokenBatch states;
    for (const std::size_t i : going) add_state(states, drawn[i]);
    tape.clear();
    const Var<float> z = logits(nn::Weights<float>(tape, theta.data()), states);
    std::vector<std::size_t> still;
    for (std::size_t k = 0; k < going.size(); ++k) {
      const int token = draw({z.data() + k * classes, classes}, random);
      if (token == 0) continue;
      drawn[going[k]].push_back(token);
      still.push_back(going[k]);
    }
    going = std::move(still);
  }
  return batch_of(drawn);
}

namespace {

// The fit with the most likely held-out sequences, or the last where none are held out.
class BestFit {
public:
  BestFit(const SequenceGenerator& generator, const TokenBatch& held_out)
      : generator_(generator), batch_(held_out) {}

  void consider(const Parameters& theta) {
    double mean = 0;
    for (const float logp : generator_.log_probabilities(theta, batch_)) {
      mean += static_cast<double>(logp) / static_cast<double>(batch_.size());
    }
    if (mean <= most_likely_) return;
    most_likely_ = mean;
    best_ = theta;
  }
  const Parameters& best() const { return best_; }

private:
  const SequenceGenerator& generator_;
  const TokenBatch& batch_;
  double most_likely_ = -std::numeric_limits<double>::infinity();
  Parameters best_;
};

} // namespace

Parameters SequenceGenerator::fit(std::span<const Sequence> sequences, const Fit& settings) const {
  Parameters theta = layout_.initial(settings.seed).cast<float>(), gradient(theta.size());
  AdamRule<float> adam(one_block(theta.size()), {.learning_rate = settings.learning_rate});
  std::vector<Sequence> order(sequences.begin(), sequences.end());
  RandomStream(settings.seed, "pama held out").shuffle(order);
  const auto held_out = static_cast<std::size_t>(settings.held_out * static_cast<double>(order.size()));
  const std::size_t training = order.size() - held_out;
  const TokenBatch held_out_batch = batch_of(std::span(order).subspan(training));
  BestFit best(*this, held_out_batch);
  Batches batches(training, settings.batch, settings.seed, "pama fit");
  Tape<float> tape;
  const auto size = static_cast<std::size_t>(theta.size());
  for (int step = 0; step < settings.steps; ++step) {
    std::vector<Sequence> chosen;
    for (const std::size_t i : batches.next()) chosen.push_back(order[i]);
    const TokenBatch batch = batch_of(chosen);
    tape.clear();
    gradient.setZero();
    const nn::Weights<float> weights(tape, theta.data(), {.gradient = gradient.data()});
    tape.backward(-mean(log_probabilities(weights, batch)));
    const double rate = step < settings.steps * 2 / 3 ? 1 : 0.2;
    adam.step(std::span<const float>(gradient.data(), size), std::span<float>(theta.data(), size), rate);
    if (step % 20 == 19 && held_out > 0) best.consider(theta);
    if (settings.progress && step % 100 == 0)
      settings.progress("fitting the generator, step " + std::to_string(step));
  }
  return best.best().size() > 0 ? best.best() : theta;
}

} // namespace raphson::optim::tools
