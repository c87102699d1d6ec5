// Pruning of a trained network by the inverse empirical Fisher matrix, the optimal brain surgeon (engine/
// inverse_fisher.h has the matrix, engine/m_fac.h the solver). Over the weights that are left, never biases,
//   rho_p = w_p^2 / (2 [F^-1]_pp),
// what the loss rises by without weight p, in second order. The set P of the smallest goes at once:
//   w <- w - sum_{p in P} (w_p / [F^-1]_pp) F^-1 e_p,   then P to exactly zero.
// The target density delta is reached in n steps, delta^(j/n) after the j-th, each with gradients of its own.
// E. Frantar, E. Kurtic & D. Alistarh, "M-FAC", NeurIPS 2021, arXiv 2107.03356; B. Hassibi & D. Stork, NIPS
// 1992.
#pragma once

#include "optim/engine/inverse_fisher.h"
#include "optim/engine/random.h"
#include "optim/nn/objective.h"

#include <functional>
#include <string>
#include <vector>

namespace raphson::optim::tools {

enum class PruneScore { m_fac, diagonal_fisher, magnitude };
const char* name_of(PruneScore score);

struct PruneOptions {
  PruneScore score = PruneScore::m_fac;
  Eigen::Index gradients = 256; ///< m
  std::size_t batch = 1;        ///< examples a gradient is the mean of
  int recomputations = 16;      ///< n
  Eigen::Index block = 0;       ///< F in blocks of so many neighbouring weights; 0: whole
  double lambda = 1e-5;
  double memory = 4e9; ///< bytes that the gradients may take
  std::uint64_t seed = 1;
  std::function<void(const std::string&)> progress = {};
};

struct Pruned {
  Vector parameters;
  std::vector<Eigen::Index> kept; ///< positions of the weights that are left, rising
  std::size_t weights = 0;        ///< that there were
  bool without_gradients = false; ///< all were zero in some step: F = lambda I, the scores are magnitudes
};

/// Where a layout has its weight matrices' values: what may be pruned.
std::vector<Eigen::Index> weight_positions(const nn::Layout& layout);

/// Throws InputError for a sparsity outside (0, 1) or that leaves no weight, options out of range, gradients
/// that are not finite, and where they would take more than `memory`, with the number that would fit.
Pruned prune(const nn::NetworkObjective<double>& objective, const nn::Layout& layout, Vector parameters,
             double sparsity, const PruneOptions& options = {});

/// Gradients by these parameters alone, each the mean of the next `batch` examples of a random order, which
/// starts again when it is through: [gradient][position].
RowMatrix sampled_gradients(const nn::NetworkObjective<double>& objective, const Vector& parameters,
                            const std::vector<Eigen::Index>& positions, Eigen::Index count, std::size_t batch,
                            RandomStream& random);

/// w without the chosen ones, the others moved to make up for them; those are exactly zero.
template <class InverseMatrix>
void drop(const InverseMatrix& inverse, const Vector& diagonal, const std::vector<Eigen::Index>& chosen,
          Vector& w) {
  Vector weights = Vector::Zero(w.size());
  for (const Eigen::Index p : chosen) weights[p] = w[p] / diagonal[p];
  w -= inverse.product(weights);
  for (const Eigen::Index p : chosen) w[p] = 0;
}

/// Adam on what is left, the dropped ones held at zero.
Vector fine_tuned(const nn::NetworkObjective<double>& objective, const Pruned& pruned,
                  const nn::Layout& layout, int steps, double learning_rate, std::uint64_t seed);

} // namespace raphson::optim::tools
