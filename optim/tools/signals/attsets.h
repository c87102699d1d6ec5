// Any number of partial observations of one thing merged into one: B. Yang, S. Wang, A. Markham & N. Trigoni,
// "Robust attentional aggregation of deep feature sets for multi-view 3D reconstruction", IJCV 2020.
//
// An encoder makes features x_1 ... x_N in R^D of the N views; a layer W (D x D, shared by all views, no
// bias) the attention activations c_n = x_n W; for each feature d by itself a softmax over the set the shares
//   s_n^d = exp(c_n^d) / sum_j exp(c_j^d),   y = sum_n x_n s_n   (elementwise),
// and a decoder the result of y. W = 0 is the mean over the set, W = k I with large k the maximum; one view
// alone has the share 1 exactly, and no gradient reaches W.
//
// FASet, the training that goes with it (section 3.4): the base (encoder and decoder) on single views, then,
// the base frozen, W alone on sets. What the network makes of one view is the same before and after, to the
// bit.
#pragma once

#include "optim/autodiff/operations/softmax.h"
#include "optim/nn/layers.h"
#include "optim/tools/signals/attsets_views.h"

#include <cstdint>
#include <functional>
#include <optional>

namespace raphson::optim::tools {

/// gru: a gated recurrent unit that reads the views one after the other, what the paper measures against.
enum class Aggregation { attention, mean, maximum, gru };
const char* name_of(Aggregation aggregation);

template <class T> struct AttendedSet {
  Var<T> y;      ///< {sets, D}
  Var<T> shares; ///< {sets, N, D}, their sum over a set 1 for every feature
};

/// x {sets, N, D}, w {D, D}; present {sets, N, 1}: 1, or 0 for a view that a set does not have.
template <class T>
AttendedSet<T> attend(Var<T> x, Var<T> w, std::type_identity_t<std::optional<Var<T>>> present = {});

/// The weights of an aggregation, and what it does: {sets, N, D} to {sets, D}.
class Aggregator {
public:
  Aggregator(nn::Layout& layout, Aggregation aggregation, Index width);

  Aggregation aggregation() const { return aggregation_; }
  const nn::Block& attention() const { return attention_; }

  template <class T>
  Var<T> operator()(const nn::Weights<T>& w, Var<T> x,
                    std::type_identity_t<std::optional<Var<T>>> present = {}) const;

private:
  Aggregation aggregation_;
  nn::Block attention_, gates_, candidate_;
};

struct SetNetworkSpec {
  Index inputs = 0, outputs = 0;
  Index hidden = 160, width = 64; ///< encoder inputs-hidden-width, decoder width-hidden-outputs
  Aggregation aggregation = Aggregation::attention;
  bool binary = true; ///< outputs are logits of occupancy, else values
};

/// Layers that a relu follows are drawn as nn::he(), the encoder's last one too; the decoder's last, which
/// none follows, as nn::lecun(), the same without the factor 2 for what a relu takes. The base has a vector
/// of its own: what is trained on sets cannot change it.
struct SetParameters {
  Vector base, aggregation;
};

class SetNetwork {
public:
  /// Throws InputError for a size below 1.
  explicit SetNetwork(const SetNetworkSpec& spec);

  const SetNetworkSpec& spec() const { return spec_; }
  const nn::Layout& base() const { return base_; }
  const nn::Layout& aggregation() const { return aggregation_; }
  const Aggregator& aggregator() const { return aggregator_; }
  SetParameters initial(std::uint64_t seed) const;

  /// {views, inputs} to {views, D}, relu after both layers.
  template <class T> Var<T> encode(const nn::Weights<T>& base, Var<T> views) const {
    return relu(encoder_.output(base, relu(encoder_.hidden(base, views))));
  }
  template <class T> Var<T> decode(const nn::Weights<T>& base, Var<T> y) const {
    return decoder_.output(base, relu(decoder_.hidden(base, y)));
  }

private:
  struct TwoLayers {
    nn::Linear hidden, output;
    TwoLayers(nn::Layout& layout, const std::string& name, Index inputs, Index hidden_units, Index outputs,
              nn::Initialiser (*of_output)(Index));
  };

  SetNetworkSpec spec_;
  nn::Layout base_, aggregation_;
  TwoLayers encoder_, decoder_;
  Aggregator aggregator_;
};

/// Features of views, results of sets and what each view counted for, in T = float or double.
template <class T> class SetPredictor {
public:
  using Rows = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  SetPredictor(const SetNetwork& network, const SetParameters& parameters);

  /// [view][D].
  Rows features(const data::RowMatrix& views) const;
  /// Logits or values of each set, [set][output], from the first `most` of its views. features: of all views.
  data::RowMatrix results(const Rows& features, const SetBounds& sets, Index most) const;
  /// Of attention, of each of these views the mean of its shares over the features, set by set; NaN for views
  /// that were left out.
  Vector shares(const Rows& features, const SetBounds& sets, Index most) const;

private:
  template <class Use>
  void for_batches(const Rows& features, const SetBounds& sets, Index most, Use use) const;

  const SetNetwork& network_;
  Eigen::Matrix<T, Eigen::Dynamic, 1> base_, aggregation_;
};

/// Mean over the objects of |{logit > 0} and {target > 0.4}| / |either|; 1 where both are empty.
double mean_iou(const data::RowMatrix& logits, const data::RowMatrix& targets);

/// Mean over objects and outputs of the cross-entropy of logits, or of the squared error.
double mean_loss(const data::RowMatrix& results, const data::RowMatrix& targets, bool binary);

} // namespace raphson::optim::tools
