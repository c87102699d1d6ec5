// The network that Fast-NTK unlearning works on: linear layers without bias, each normalised with FROZEN
// statistics of the pre-training data, a = gamma (u - mu)/s + b, then relu; and a linear head with bias.
//
// All parameters lie in one vector: weights of every layer, then gains and offsets of every layer, then the
// head; every choice of what is trained is a stretch of it.
#pragma once

#include "optim/autodiff/operations/arithmetic.h"
#include "optim/autodiff/operations/matmul.h"
#include "optim/autodiff/operations/normalisation.h"
#include "optim/nn/jacobian.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace raphson::optim::tools {

enum class Trainable { norm, norm_and_head, head, all };
const char* name_of(Trainable trainable);           ///< "norm", "norm+head", "head", "all"
Trainable trainable_named(const std::string& name); ///< throws InputError that lists the names

/// A network as it is stored.
struct NormalisedNet {
  std::vector<Index> widths = {};                 ///< inputs, hidden layers, outputs
  std::vector<Vector> means = {}, variances = {}; ///< frozen, one a hidden layer
  Vector parameters = {};

  Index outputs() const { return widths.back(); }
};

/// Where the parameters lie, and what is trained of them.
class NormalisedLayout {
public:
  /// Throws InputError where nothing is trainable, as `norm` of a network without hidden layers.
  explicit NormalisedLayout(const std::vector<Index>& widths, Trainable trainable = Trainable::all);

  const nn::Layout& all() const { return all_; }
  const nn::Layout& trained() const { return trained_; }
  Index size() const { return trained_.size(); }
  /// The trained part of a vector of all.
  auto part(Vector& parameters) const { return parameters.segment(begin_, size()); }
  auto part(const Vector& parameters) const { return parameters.segment(begin_, size()); }

  template <class T> struct Parameters { nn::Weights<T> trained, frozen; };
  /// statistics(layer, u) gives what layer's sums u are normalised with.
  template <class T, class Statistics>
  Var<T> evaluate(const Parameters<T>& p, Var<T> x, const Statistics& statistics) const {
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      const Var<T> u = matmul(x, at(p, weights_[i]));
      x = relu(batch_norm(u, statistics(i, u)) * at(p, gains_[i]) + at(p, offsets_[i]));
    }
    return matmul(x, at(p, head_weight_)) + at(p, head_bias_);
  }

private:
  template <class T> Var<T> at(const Parameters<T>& p, const nn::Block& block) const {
    const bool is_trained = block.offset >= begin_ && block.offset < begin_ + size();
    return is_trained ? p.trained[{block.offset - begin_, block.shape}] : p.frozen[block];
  }

  nn::Layout all_, trained_;
  Index begin_ = 0;
  std::vector<nn::Block> weights_, gains_, offsets_;
  nn::Block head_weight_, head_bias_;
};

/// The outputs of rows of features as a function of the trained parameters; the others, and the statistics,
/// are copied from the network.
template <class T>
nn::Network<T> network_of(const NormalisedLayout& layout, const NormalisedNet& net,
                          const data::RowMatrix& features);

/// Of all rows, with the network's own parameters.
data::RowMatrix outputs_of(const NormalisedNet& net, const data::RowMatrix& features);

struct PretrainOptions {
  std::vector<Index> hidden = {64, 64};
  int steps = 300;
  std::size_t batch_size = 32;
  double learning_rate = 3e-3; ///< of Adam
  std::uint64_t seed = 1;
  std::function<void(int step, double loss)> observer = {};
};

/// Cross-entropy with the statistics of each batch; then those of all rows are frozen, layer by layer.
NormalisedNet pretrain(const data::Dataset& dataset, const PretrainOptions& options);

/// The same body with a head of so many outputs, all 0.
NormalisedNet with_new_head(const NormalisedNet& net, Index outputs);

/// Share of rows whose largest output is their label's.
double accuracy(const data::RowMatrix& outputs, std::span<const int> labels);

} // namespace raphson::optim::tools
