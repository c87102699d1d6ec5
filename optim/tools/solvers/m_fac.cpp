#include "optim/tools/solvers/m_fac.h"

#include "dsp/error.h"
#include "optim/engine/first_order.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;

void check(const PruneOptions& o, double sparsity, Index weights, std::size_t examples) {
  const auto refuse = [](const std::string& what) { throw InputError("m-fac: " + what); };
  if (!(sparsity > 0 && sparsity < 1))
    refuse("a sparsity of " + std::to_string(sparsity) + ", it must be above 0 and below 1");
  if (o.gradients < 1) refuse(std::to_string(o.gradients) + " gradients, at least 1 is needed");
  if (o.recomputations < 1)
    refuse(std::to_string(o.recomputations) + " recomputations, at least 1 is needed");
  if (o.block < 0) refuse("blocks of " + std::to_string(o.block) + " weights, at least 1, or 0 for none");
  if (!(o.lambda > 0) || !std::isfinite(o.lambda))
    refuse("a damping of " + std::to_string(o.lambda) + ", it must be above 0");
  if (o.batch < 1 || o.batch > examples)
    refuse("gradients of " + std::to_string(o.batch) + " of the " + std::to_string(examples)
           + " rows, it must be from 1 to as many");
  if (weights < 1) refuse("the network has no weights");
  const double each = 8 * static_cast<double>(weights), bytes = each * static_cast<double>(o.gradients);
  if (o.score != PruneScore::magnitude && bytes > o.memory)
    refuse("--grads: " + std::to_string(o.gradients) + " gradients of " + std::to_string(weights)
           + " weights take " + std::to_string(std::llround(bytes)) + " bytes, --memory allows "
           + std::to_string(std::llround(o.memory)) + ", which "
           + std::to_string(std::llround(std::floor(o.memory / each))) + " gradients would fit");
}

/// The `count` positions with the smallest scores; of equals the earlier.
std::vector<Index> smallest(const Vector& scores, Index count) {
  std::vector<Index> order(static_cast<std::size_t>(scores.size()));
  std::iota(order.begin(), order.end(), Index{0});
  const auto end = order.begin() + count;
  std::nth_element(order.begin(), end == order.end() ? end - 1 : end, order.end(),
                   [&](Index a, Index b) { return scores[a] != scores[b] ? scores[a] < scores[b] : a < b; });
  order.resize(static_cast<std::size_t>(count));
  return order;
}

template <class InverseMatrix> void drop_lowest(const InverseMatrix& inverse, Index count, Vector& w) {
  const Vector diagonal = inverse.diagonal();
  drop(inverse, diagonal, smallest(w.array().square() / diagonal.array(), count), w);
}

/// Which of w go, and what the others become. False where all gradients are zero.
bool drop_step(RowMatrix gradients, const PruneOptions& o, Index count, Vector& w) {
  const bool any = (gradients.array() != 0).any();
  if (o.score == PruneScore::diagonal_fisher) {
    // The others stay: a diagonal matrix knows of no exchange.
    const Vector diagonal = diagonal_inverse_fisher(gradients, o.lambda);
    for (const Index p : smallest(w.array().square() / diagonal.array(), count)) w[p] = 0;
  } else if (o.block > 0) {
    drop_lowest(BlockInverseFisher(gradients, o.lambda, o.block), count, w);
  } else {
    drop_lowest(InverseFisher(std::move(gradients), o.lambda), count, w);
  }
  return any;
}

} // namespace

const char* name_of(PruneScore score) {
  switch (score) {
  case PruneScore::m_fac:
    return "m-fac";
  case PruneScore::diagonal_fisher:
    return "diagonal Fisher";
  case PruneScore::magnitude:
    return "magnitude";
  }
  return "";
}

std::vector<Index> weight_positions(const nn::Layout& layout) {
  std::vector<Index> positions;
  for (const auto& entry : layout.entries()) {
    if (entry.block.shape.rank() < 2) continue;
    for (Index i = 0; i < entry.block.shape.size(); ++i) positions.push_back(entry.block.offset + i);
  }
  return positions;
}

RowMatrix sampled_gradients(const nn::NetworkObjective<double>& objective, const Vector& x,
                            const std::vector<Index>& positions, Index count, std::size_t batch,
                            RandomStream& random) {
  std::vector<std::size_t> order(objective.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<std::size_t> drawn;
  while (drawn.size() < static_cast<std::size_t>(count) * batch) {
    random.shuffle(order);
    drawn.insert(drawn.end(), order.begin(), order.end());
  }
  RowMatrix gradients(count, static_cast<Index>(positions.size()));
  constexpr Index together = 32; // bounds what is held of all parameters
  Vector mean;
  for (Index begin = 0; begin < count; begin += batch == 1 ? together : 1) {
    const Index rows = batch == 1 ? std::min(together, count - begin) : 1;
    const nn::Examples examples(drawn.data() + static_cast<std::size_t>(begin) * batch,
                                static_cast<std::size_t>(rows) * batch);
    if (batch == 1) {
      gradients.middleRows(begin, rows) = objective.gradients(x, examples)(Eigen::all, positions);
    } else {
      objective.value_and_gradient(x, examples, mean);
      gradients.row(begin) = mean(positions).transpose();
    }
  }
  return gradients;
}

Pruned prune(const nn::NetworkObjective<double>& objective, const nn::Layout& layout, Vector x,
             double sparsity, const PruneOptions& o) {
  Pruned result{.parameters = std::move(x), .kept = weight_positions(layout)};
  const auto weights = static_cast<Index>(result.kept.size());
  check(o, sparsity, weights, objective.size());
  result.weights = result.kept.size();
  const int steps = o.score == PruneScore::magnitude ? 1 : o.recomputations;
  RandomStream random(o.seed, "pruning gradients");
  for (int j = 1; j <= steps; ++j) {
    if (o.progress)
      o.progress(std::string(name_of(o.score)) + ", recomputation " + std::to_string(j) + " of "
                 + std::to_string(steps));
    const double density = std::pow(1 - sparsity, static_cast<double>(j) / steps);
    const Index left = std::llround(density * static_cast<double>(weights)),
                count = static_cast<Index>(result.kept.size()) - left;
    if (left < 1)
      throw InputError("m-fac: a sparsity of " + std::to_string(sparsity) + " leaves none of the "
                       + std::to_string(weights) + " weights");
    if (count <= 0) continue;
    Vector w = result.parameters(result.kept);
    if (o.score == PruneScore::magnitude) {
      for (const Index p : smallest(w.cwiseAbs(), count)) w[p] = 0;
    } else if (!drop_step(
                   sampled_gradients(objective, result.parameters, result.kept, o.gradients, o.batch, random),
                   o, count, w)) {
      result.without_gradients = true;
    }
    result.parameters(result.kept) = w;
    // A weight that was zero before counts as dropped: its score is 0.
    std::erase_if(result.kept, [&](Index p) { return result.parameters[p] == 0; });
  }
  return result;
}

Vector fine_tuned(const nn::NetworkObjective<double>& objective, const Pruned& pruned,
                  const nn::Layout& layout, int steps, double learning_rate, std::uint64_t seed) {
  std::vector<Index> dropped;
  const std::vector<Index> all = weight_positions(layout);
  std::set_difference(all.begin(), all.end(), pruned.kept.begin(), pruned.kept.end(),
                      std::back_inserter(dropped));
  return minimise(objective, pruned.parameters,
                  FirstOrderOptions{.rule = AdamSettings{.learning_rate = learning_rate},
                                    .maximum_iterations = steps,
                                    .batch_size = std::min<std::size_t>(100, objective.size()),
                                    .seed = seed,
                                    .schedule = cosine(steps),
                                    .projection = [&](Vector& x) { x(dropped).setZero(); }})
      .x;
}

} // namespace raphson::optim::tools
