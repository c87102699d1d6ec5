// A network's mean loss over examples, for the engine's solvers: value, gradient, minibatches, Hessian
// products and the gradient of each example apart.
//
//   const NetworkObjective<float> f(layout, rows, [&](const Weights<float>& w, auto examples) {
//     const Var<float> x = rows_of(w.tape(), features, examples);
//     return cross_entropy(mlp(w, x), labels_of(examples));
//   });
//   minimise(f, layout.initial(seed), FirstOrderOptions{...});
//
// The work on a batch is cut into `shards` and spread over threads, each with a tape of its own; sums are
// formed in the order of the shards, so that the result depends on their number but not on the threads.
#pragma once

#include "optim/data/dataset.h"
#include "optim/engine/thread_team.h"
#include "optim/nn/layout.h"

#include <functional>
#include <memory>
#include <span>

namespace raphson::optim::nn {

using Examples = std::span<const std::size_t>;

/// The losses of the examples, one each, {examples}.
template <class T> using Losses = std::function<Var<T>(const Weights<T>&, Examples)>;

struct NetworkOptions {
  std::size_t threads = 1;
  std::size_t shards = 1;
  std::size_t most_at_once = 512; ///< examples on one tape, which bounds its memory
};

template <class T> class NetworkObjective {
public:
  NetworkObjective(const Layout& layout, std::size_t examples, Losses<T> losses, NetworkOptions options = {});
  ~NetworkObjective();

  std::size_t size() const { return examples_; } ///< examples
  Index parameters() const { return parameters_; }

  // --- Of the engine's interface (engine/objective.h), parameters in double ------------------------------
  double value(const Vector& x) const;
  double value_and_gradient(const Vector& x, Vector& gradient) const;
  double value_and_gradient(const Vector& x, Examples examples, Vector& gradient) const;
  Vector hessian_product(const Vector& x, const Vector& v) const;
  Vector hessian_product(const Vector& x, Examples examples, const Vector& v) const;

  // --- In the network's own precision, nothing converted ---------------------------------------------------
  /// The mean loss; gradient has parameters() values and is overwritten.
  double value_and_gradient(const T* x, Examples examples, T* gradient) const;

  // --- Example by example ---------------------------------------------------------------------------------
  Vector losses(const Vector& x, Examples examples) const;
  /// [example][parameter].
  data::RowMatrix gradients(const Vector& x, Examples examples) const;

private:
  struct Worker;
  struct Want {
    T* gradient = nullptr;
    const T* direction = nullptr;
    T* product = nullptr;
    double* losses = nullptr;
  };
  double evaluate(const T* x, Examples examples, const Want& want) const;
  double evaluate_piece(Tape<T>& tape, const T* x, Examples examples, std::size_t all,
                        const Want& want) const;
  Examples all() const;

  Index parameters_;
  std::size_t examples_;
  std::vector<Block> blocks_;
  Losses<T> losses_;
  NetworkOptions options_;
  std::unique_ptr<ThreadTeam> team_;
  mutable std::vector<std::unique_ptr<Worker>> workers_; ///< one a shard: tapes and sums, kept
  mutable std::vector<T> values_, direction_;
  std::vector<std::size_t> order_;
};

/// Rows of a matrix of examples on a tape, copied and converted: {examples, features}.
template <class T> Var<T> rows_of(Tape<T>& tape, const data::RowMatrix& features, Examples examples);

extern template class NetworkObjective<float>;
extern template class NetworkObjective<double>;

} // namespace raphson::optim::nn
