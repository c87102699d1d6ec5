// Classifiers of sequences whose memory is a rational transfer function (engine/rational_kernel.h): the layer
// of R. Parnichkun et al., ICML 2024, section 4.
//
//   blocks = 0   one filter a channel of a scalar signal -> GELU of its last step -> linear: what a filter
//                alone remembers. Of the convolution only the last step is computed, as a product.
//   blocks >= 1  encoder to D channels -> [filter -> GELU -> GLU mix of the channels; residual, layer norm] x
//                blocks -> last step or mean -> linear, the convolutions by Fourier transforms.
//
// Bidirectional blocks add the output of a second filter, which runs through the sequence backwards.
//
// Initially a = b = 0, the paper's choice, or uniform within +-1/sqrt(n) (poles may lie outside the circle)
// or +-1/n; h0 ~ N(0, 1).
#pragma once

#include "optim/data/dataset.h"
#include "optim/engine/rational_kernel.h"
#include "optim/nn/layers.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace raphson::optim::tools {

/// rational: the layer. fir: its 2 n + 1 numbers a channel as the taps of a kernel that ends there. diagonal:
/// h0 and n/2 damped oscillations of a diagonal state matrix (A. Gu et al., NeurIPS 2022), four numbers each.
enum class SequenceKernel { rational, fir, diagonal };

enum class SequenceStart { zero, uniform, small };

struct SequenceShape {
  Index steps = 0, inputs = 1, classes = 0;
};

struct SequenceOptions {
  SequenceKernel kernel = SequenceKernel::rational;
  Index channels = 32, order = 16, blocks = 0;
  Index denominators = 0;     ///< of a rational kernel, each shared by a group of channels; 0: one a channel
  bool bidirectional = false; ///< with blocks
  bool mean = false;          ///< read out the mean of all steps, not the last
  SequenceStart start = SequenceStart::zero; ///< of a rational kernel's a and b
  bool l1_stable = false;                    ///< a / (|a|_1 + |s| + 1e-6)
};

struct SequenceTraining {
  int epochs = 6;
  std::size_t batch_size = 50;
  double filter_rate = 3e-3, rate = 3e-3; ///< of h0, a, b; of the rest
  double decay = 0;                       ///< of the rest
  double warm_up = 0;                     ///< the share of the steps; above 0 the rate then falls as a cosine
  std::function<void(int epoch, double loss)> observer = {};
};

class SequenceClassifier {
public:
  /// Throws InputError for an order below 1 or not below the steps, an odd one of a diagonal kernel, for
  /// more than one input or both directions without blocks, and for channels that are no multiple of the
  /// denominators.
  SequenceClassifier(const SequenceShape& shape, const SequenceOptions& options);

  Index parameters() const { return layout_.size(); }
  Index filter_parameters() const { return filter_parameters_; } ///< h0, a and b of all, first in the layout

  /// Rows of steps x inputs, the inputs of a step together. Labels from 0.
  Vector train(const data::Dataset& rows, const SequenceTraining& training, std::uint64_t seed) const;
  std::vector<int> predictions(const Vector& theta, const data::Dataset& rows) const;
  double accuracy(const Vector& theta, const data::Dataset& rows) const;

  /// Of a rational kernel: the filter of each channel of each block, those that run backwards last.
  std::vector<RationalCoefficients> filters(const Vector& theta) const;

  template <class T> Var<T> logits(const nn::Weights<T>& w, Var<T> rows) const;

private:
  struct Filter {
    nn::Block h0, a, b,
        stability; ///< diagonal: a holds log decays and frequencies, b amplitudes; fir: h0 alone
  };
  struct Mix {
    nn::Linear glu;
    nn::LayerNorm norm;
  };

  Index denominators() const { return options_.denominators > 0 ? options_.denominators : options_.channels; }
  Filter add_filter(const std::string& name);
  template <class T> Var<T> kernel(const nn::Weights<T>& w, const Filter& filter) const;
  template <class T> Var<T> diagonal_kernel(const nn::Weights<T>& w, const Filter& filter) const;
  template <class T> Var<T> last_step(const nn::Weights<T>& w, Var<T> rows) const;
  template <class T> Var<T> filtered(const nn::Weights<T>& w, const Filter& filter, Var<T> x) const;
  template <class T> Var<T> deep(const nn::Weights<T>& w, Var<T> rows) const;

  SequenceShape shape_;
  SequenceOptions options_;
  nn::Layout layout_;
  std::vector<Filter> filters_; ///< of the blocks; then of both directions those that run backwards
  Index filter_parameters_ = 0;
  std::optional<nn::Linear> encoder_;
  std::vector<Mix> mixes_;
  std::optional<nn::Linear> out_;
  std::vector<double> times_; ///< 0, 1, ... steps - 1, for the diagonal kernel
};

/// The rows turned round in time, for blocks = 0.
data::Dataset reversed_in_time(const data::Dataset& rows, Index inputs);

} // namespace raphson::optim::tools
