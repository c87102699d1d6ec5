#include "optim/tools/solvers/fast_ntk_network.h"

#include "dsp/error.h"
#include "optim/autodiff/operations/softmax.h"
#include "optim/engine/adam_rule.h"
#include "optim/engine/batches.h"

#include <array>
#include <memory>
#include <numeric>

namespace raphson::optim::tools {
namespace {

constexpr std::array choices = {Trainable::norm, Trainable::norm_and_head, Trainable::head, Trainable::all};

template <class T> using Array = Eigen::Matrix<T, Eigen::Dynamic, 1>;

// Of a network, in its own precision.
template <class T> struct Frozen {
  Array<T> parameters;
  std::vector<Array<T>> means, variances;

  explicit Frozen(const NormalisedNet& net) : parameters(net.parameters.cast<T>()) {
    for (const Vector& mean : net.means) means.push_back(mean.cast<T>());
    for (const Vector& variance : net.variances) variances.push_back(variance.cast<T>());
  }
  BatchStatistics<T> statistics(Tape<T>& tape, std::size_t layer) const {
    const Shape shape{1, means[layer].size()};
    return {tape.constant(shape, means[layer].data()), tape.constant(shape, variances[layer].data())};
  }
};

void check(const NormalisedNet& net) {
  const std::size_t hidden = net.widths.size() < 2 ? 0 : net.widths.size() - 2;
  if (net.means.size() == hidden && net.variances.size() == hidden) return;
  throw InputError("fast-ntk-unlearning: the network has " + std::to_string(hidden) + " hidden layers and "
                   + std::to_string(net.means.size())
                   + " frozen statistics; each layer needs those of the pre-training data (pretrain)");
}

std::vector<std::size_t> all_rows(std::size_t count) {
  std::vector<std::size_t> rows(count);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

// Each layer's sums over all rows, below the layers that are frozen already.
void freeze_statistics(NormalisedNet& net, const data::RowMatrix& features) {
  data::RowMatrix x = features;
  const NormalisedLayout layout(net.widths);
  const auto& entries = layout.all().entries();
  const std::size_t hidden = net.widths.size() - 2;
  const auto block = [&](std::size_t entry) {
    const auto& b = entries[entry].block;
    return Eigen::Map<const data::RowMatrix>(net.parameters.data() + b.offset, b.shape.rows(),
                                             b.shape.last());
  };
  net.means.clear();
  net.variances.clear();
  for (std::size_t i = 0; i < hidden; ++i) {
    x = (x * block(i)).eval();
    const Eigen::RowVectorXd mean = x.colwise().mean();
    x.rowwise() -= mean;
    const Eigen::RowVectorXd variance = x.cwiseAbs2().colwise().mean();
    const Eigen::RowVectorXd gain = (variance.array() + 1e-5).rsqrt() * block(hidden + 2 * i).row(0).array();
    x = ((x.array().rowwise() * gain.array()).rowwise() + block(hidden + 2 * i + 1).row(0).array()).max(0);
    net.means.push_back(mean.transpose());
    net.variances.push_back(variance.transpose());
  }
}

} // namespace

const char* name_of(Trainable trainable) {
  switch (trainable) {
  case Trainable::norm:
    return "norm";
  case Trainable::norm_and_head:
    return "norm+head";
  case Trainable::head:
    return "head";
  case Trainable::all:
    return "all";
  }
  return "";
}

Trainable trainable_named(const std::string& name) {
  for (const Trainable choice : choices)
    if (name == name_of(choice)) return choice;
  throw InputError("--train " + name + ": it must be norm, norm+head, head or all");
}

NormalisedLayout::NormalisedLayout(const std::vector<Index>& widths, Trainable trainable) {
  if (widths.size() < 2) throw InputError("fast-ntk-unlearning: a network needs inputs and outputs");
  const std::size_t hidden = widths.size() - 2;
  const auto name = [](std::size_t layer, const char* what) { return std::to_string(layer + 1) + what; };
  for (std::size_t i = 0; i < hidden; ++i)
    weights_.push_back(all_.add(name(i, ".weight"), {widths[i], widths[i + 1]}, nn::he(widths[i])));
  const Index norm = all_.size();
  for (std::size_t i = 0; i < hidden; ++i) {
    gains_.push_back(all_.add(name(i, ".gain"), {1, widths[i + 1]}, nn::constant(1)));
    offsets_.push_back(all_.add(name(i, ".offset"), {1, widths[i + 1]}, nn::constant(0)));
  }
  const Index head = all_.size();
  head_weight_ = all_.add("head.weight", {widths[hidden], widths.back()}, nn::lecun(widths[hidden]));
  head_bias_ = all_.add("head.bias", {widths.back()}, nn::constant(0));
  begin_ = trainable == Trainable::all ? 0 : trainable == Trainable::head ? head : norm;
  const Index end = trainable == Trainable::norm ? head : all_.size();
  for (const auto& entry : all_.entries())
    if (entry.block.offset >= begin_ && entry.block.offset < end)
      trained_.add(entry.name, entry.block.shape, entry.initialiser);
  if (trained_.size() == 0)
    throw InputError("--train " + std::string(name_of(trainable))
                     + ": the network has no such parameters; --train head would do");
}

template <class T>
nn::Network<T> network_of(const NormalisedLayout& layout, const NormalisedNet& net,
                          const data::RowMatrix& features) {
  check(net);
  if (features.cols() != net.widths.front())
    throw InputError("fast-ntk-unlearning: the rows have " + std::to_string(features.cols())
                     + " features, the network takes " + std::to_string(net.widths.front()));
  const auto frozen = std::make_shared<const Frozen<T>>(net);
  return {net.outputs(), [frozen, layout, &features](const nn::Weights<T>& w, nn::Examples examples) {
            Tape<T>& tape = w.tape();
            return layout.evaluate<T>({w, {tape, frozen->parameters.data()}},
                                      nn::rows_of(tape, features, examples),
                                      [&](std::size_t i, Var<T>) { return frozen->statistics(tape, i); });
          }};
}

template nn::Network<float> network_of(const NormalisedLayout&, const NormalisedNet&, const data::RowMatrix&);
template nn::Network<double> network_of(const NormalisedLayout&, const NormalisedNet&,
                                        const data::RowMatrix&);

data::RowMatrix outputs_of(const NormalisedNet& net, const data::RowMatrix& features) {
  const NormalisedLayout layout(net.widths);
  const auto rows = all_rows(static_cast<std::size_t>(features.rows()));
  return nn::outputs_of(net.parameters, network_of<double>(layout, net, features), rows);
}

NormalisedNet pretrain(const data::Dataset& dataset, const PretrainOptions& options) {
  if (dataset.classes() < 2)
    throw InputError("fast-ntk-unlearning: pretrain needs rows of at least two classes");
  NormalisedNet net;
  net.widths = options.hidden;
  net.widths.insert(net.widths.begin(), dataset.features.cols());
  net.widths.push_back(dataset.classes());
  const NormalisedLayout layout(net.widths);
  const nn::NetworkObjective<float> f(
      layout.all(), dataset.size(),
      [&](const nn::Weights<float>& w, nn::Examples examples) {
        std::vector<int> labels;
        for (const std::size_t e : examples) labels.push_back(dataset.labels[e]);
        const Var<float> y =
            layout.evaluate<float>({w, w}, nn::rows_of(w.tape(), dataset.features, examples),
                                   [](std::size_t, Var<float> u) { return batch_statistics(u); });
        return cross_entropy(y, std::span<const int>(labels));
      },
      {.most_at_once = options.batch_size}); // a batch's statistics are those of all its rows
  Array<float> theta = layout.all().initial(options.seed).cast<float>(), gradient(theta.size());
  const auto size = static_cast<std::size_t>(theta.size());
  AdamRule<float> adam(one_block(theta.size()), {.learning_rate = options.learning_rate});
  Batches batches(dataset.size(), options.batch_size, options.seed, "fast-ntk pretrain");
  for (int step = 1; step <= options.steps; ++step) {
    const double loss = f.value_and_gradient(theta.data(), batches.next(), gradient.data());
    adam.step(std::span<const float>(gradient.data(), size), std::span<float>(theta.data(), size));
    if (options.observer) options.observer(step, loss);
  }
  net.parameters = theta.cast<double>();
  freeze_statistics(net, dataset.features);
  return net;
}

NormalisedNet with_new_head(const NormalisedNet& net, Index outputs) {
  NormalisedNet result = net;
  result.widths.back() = outputs;
  const Index body =
      NormalisedLayout(net.widths).all().size() - NormalisedLayout(net.widths, Trainable::head).size();
  result.parameters = Vector::Zero(NormalisedLayout(result.widths).all().size());
  result.parameters.head(body) = net.parameters.head(body);
  return result;
}

double accuracy(const data::RowMatrix& outputs, std::span<const int> labels) {
  if (labels.empty()) return std::numeric_limits<double>::quiet_NaN();
  int right = 0;
  for (Index e = 0; e < outputs.rows(); ++e) {
    Index largest = 0;
    outputs.row(e).maxCoeff(&largest);
    right += largest == labels[static_cast<std::size_t>(e)];
  }
  return static_cast<double>(right) / static_cast<double>(outputs.rows());
}

} // namespace raphson::optim::tools
