#include "optim/tools/signals/attsets.h"

#include "dsp/error.h"
#include "optim/autodiff/operations/movement.h"
#include "optim/autodiff/operations/reduction.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace raphson::optim::tools {
namespace {

/// Added to what a view that is not there brings, its exponential is exactly 0 beside any that is.
template <class T> Var<T> far_below(Var<T> present) { return scale(shift(present, T(-1)), T(1e9)); }

/// View n of every set, {sets, D}.
template <class T> Var<T> view_of(Var<T> x, Index n) {
  return reshape(slice(x, 1, n, 1), {x.shape()[0], x.shape()[2]});
}

template <class T> Var<T> mean_of(Var<T> x, const std::optional<Var<T>>& present) {
  if (!present) return mean(x, 1);
  return sum(x * *present, 1) / sum(*present, 1);
}

template <class T> Var<T> maximum_of(Var<T> x, const std::optional<Var<T>>& present) {
  if (present) x = x + far_below(*present);
  Var<T> y = view_of(x, 0);
  for (Index n = 1; n < x.shape()[1]; ++n) y = maximum(y, view_of(x, n));
  return y;
}

template <class T> Var<T> beside(Var<T> a, Var<T> b) {
  const Var<T> both[] = {a, b};
  return concatenate(std::span<const Var<T>>(both), 1);
}

/// z, r = sigmoid([x, h] G), h <- (1 - z) h + z tanh([x, r h] C), from h = 0.
template <class T>
Var<T> recurrent(Var<T> x, Var<T> gates, Var<T> candidate, const std::optional<Var<T>>& present) {
  const Index sets = x.shape()[0], width = x.shape()[2];
  const Plane<T> zeros = x.tape().take_zeros(sets * width);
  Var<T> h = x.tape().constant({sets, width}, zeros.value);
  for (Index n = 0; n < x.shape()[1]; ++n) {
    const Var<T> in = view_of(x, n), both = sigmoid(matmul(beside(in, h), gates));
    const Var<T> z = slice(both, 1, 0, width), r = slice(both, 1, width, width);
    Var<T> step = z * (tanh(matmul(beside(in, r * h), candidate)) - h);
    if (present) step = step * view_of(*present, n);
    h = h + step;
  }
  return h;
}

const SetNetworkSpec& checked(const SetNetworkSpec& spec) {
  if (spec.inputs < 1 || spec.outputs < 1 || spec.hidden < 1 || spec.width < 1)
    throw InputError("a network of sets: inputs, outputs, hidden and width are at least 1");
  return spec;
}

} // namespace

const char* name_of(Aggregation aggregation) {
  switch (aggregation) {
  case Aggregation::attention:
    return "attention";
  case Aggregation::mean:
    return "mean";
  case Aggregation::maximum:
    return "maximum";
  case Aggregation::gru:
    return "gru";
  }
  return "";
}

template <class T>
AttendedSet<T> attend(Var<T> x, Var<T> w, std::type_identity_t<std::optional<Var<T>>> present) {
  Var<T> c = matmul(x, w);
  if (present) c = c + far_below(*present);
  const Var<T> shares = softmax(c, 1);
  return {sum(x * shares, 1), shares};
}

Aggregator::Aggregator(nn::Layout& layout, Aggregation aggregation, Index width) : aggregation_(aggregation) {
  if (aggregation == Aggregation::attention)
    attention_ = layout.add("attention", {width, width}, nn::normal(0.01));
  if (aggregation == Aggregation::gru) {
    gates_ = layout.add("gates", {2 * width, 2 * width}, nn::lecun(2 * width));
    candidate_ = layout.add("candidate", {2 * width, width}, nn::lecun(2 * width));
  }
}

template <class T>
Var<T> Aggregator::operator()(const nn::Weights<T>& w, Var<T> x,
                              std::type_identity_t<std::optional<Var<T>>> present) const {
  switch (aggregation_) {
  case Aggregation::attention:
    return attend(x, w[attention_], present).y;
  case Aggregation::mean:
    return mean_of(x, present);
  case Aggregation::maximum:
    return maximum_of(x, present);
  case Aggregation::gru:
    return recurrent(x, w[gates_], w[candidate_], present);
  }
  return x;
}

SetNetwork::TwoLayers::TwoLayers(nn::Layout& layout, const std::string& name, Index inputs,
                                 Index hidden_units, Index outputs, nn::Initialiser (*of_output)(Index))
    : hidden(layout, name + " hidden", inputs, hidden_units, nn::he(inputs)),
      output(layout, name + " output", hidden_units, outputs, of_output(hidden_units)) {}

SetNetwork::SetNetwork(const SetNetworkSpec& spec)
    : spec_(checked(spec)), encoder_(base_, "encoder", spec.inputs, spec.hidden, spec.width, nn::he),
      decoder_(base_, "decoder", spec.width, spec.hidden, spec.outputs, nn::lecun),
      aggregator_(aggregation_, spec.aggregation, spec.width) {}

SetParameters SetNetwork::initial(std::uint64_t seed) const {
  SetParameters start{base_.initial(seed), aggregation_.initial(seed)};
  const nn::Block& bias = decoder_.output.bias;
  if (spec_.binary) start.base.segment(bias.offset, bias.shape.size()).setConstant(-1);
  return start;
}

template <class T>
SetPredictor<T>::SetPredictor(const SetNetwork& network, const SetParameters& parameters)
    : network_(network), base_(parameters.base.cast<T>()), aggregation_(parameters.aggregation.cast<T>()) {
  if (base_.size() != network.base().size() || aggregation_.size() != network.aggregation().size())
    throw InputError("a network of sets: parameters of another network");
}

template <class T>
typename SetPredictor<T>::Rows SetPredictor<T>::features(const data::RowMatrix& views) const {
  constexpr Index at_once = 1024;
  if (views.cols() != network_.spec().inputs)
    throw InputError("views of " + std::to_string(views.cols()) + " features, the network was trained on "
                     + std::to_string(network_.spec().inputs));
  Rows all(views.rows(), network_.spec().width);
  Tape<T> tape;
  for (Index from = 0; from < views.rows(); from += at_once) {
    const Index count = std::min(at_once, views.rows() - from);
    const Rows some = views.middleRows(from, count).template cast<T>();
    tape.clear();
    all.middleRows(from, count) =
        network_.encode(nn::Weights<T>(tape, base_.data()), tape.constant({count, views.cols()}, some.data()))
            .value();
  }
  return all;
}

/// use(tape, first set, x {sets, N, D}, present), sets with fewer than N views filled up with zeros.
template <class T>
template <class Use>
void SetPredictor<T>::for_batches(const Rows& features, const SetBounds& sets, Index most, Use use) const {
  constexpr std::size_t at_once = 64;
  const Index width = features.cols();
  Tape<T> tape;
  for (std::size_t from = 0; from < sets.sets(); from += at_once) {
    const std::size_t count = std::min(at_once, sets.sets() - from);
    Index views = 1;
    for (std::size_t i = from; i < from + count; ++i) views = std::max(views, std::min(most, sets.size(i)));
    const auto rows = static_cast<Index>(count);
    Rows x = Rows::Zero(rows * views, width), present = Rows::Zero(rows, views);
    for (Index i = 0; i < rows; ++i) {
      const std::size_t set = from + static_cast<std::size_t>(i);
      const Index size = std::min(views, sets.size(set));
      x.middleRows(i * views, size) = features.middleRows(sets.first[set], size);
      present.row(i).head(size).setOnes();
    }
    tape.clear();
    std::optional<Var<T>> mask;
    if ((present.array() == T(0)).any()) mask = tape.constant({rows, views, 1}, present.data());
    use(tape, from, tape.constant({rows, views, width}, x.data()), mask);
  }
}

template <class T>
data::RowMatrix SetPredictor<T>::results(const Rows& features, const SetBounds& sets, Index most) const {
  data::RowMatrix all(static_cast<Index>(sets.sets()), network_.spec().outputs);
  for_batches(features, sets, most, [&](Tape<T>& tape, std::size_t from, Var<T> x, const auto& present) {
    const Var<T> y = network_.aggregator()(nn::Weights<T>(tape, aggregation_.data()), x, present);
    const Var<T> out = network_.decode(nn::Weights<T>(tape, base_.data()), y);
    all.middleRows(static_cast<Index>(from), out.shape()[0]) = out.value().template cast<double>();
  });
  return all;
}

template <class T>
Vector SetPredictor<T>::shares(const Rows& features, const SetBounds& sets, Index most) const {
  if (network_.spec().aggregation != Aggregation::attention)
    throw InputError(std::string("shares of views: attention has them, not ")
                     + name_of(network_.spec().aggregation));
  Vector all = Vector::Constant(features.rows(), std::numeric_limits<double>::quiet_NaN());
  for_batches(features, sets, most, [&](Tape<T>& tape, std::size_t from, Var<T> x, const auto& present) {
    const nn::Weights<T> w(tape, aggregation_.data());
    const Var<T> s = attend(x, w[network_.aggregator().attention()], present).shares;
    const Index views = s.shape()[1];
    const Vector means = s.value().rowwise().mean().template cast<double>();
    for (Index i = 0; i < s.shape()[0]; ++i) {
      const std::size_t set = from + static_cast<std::size_t>(i);
      const Index size = std::min(views, sets.size(set));
      all.segment(sets.first[set], size) = means.segment(i * views, size);
    }
  });
  return all;
}

double mean_iou(const data::RowMatrix& logits, const data::RowMatrix& targets) {
  constexpr double occupied = 0.4;
  double sum = 0;
  for (Index i = 0; i < logits.rows(); ++i) {
    Index both = 0, either = 0;
    for (Index k = 0; k < logits.cols(); ++k) {
      const bool a = logits(i, k) > 0, b = targets(i, k) > occupied;
      both += a && b ? 1 : 0;
      either += a || b ? 1 : 0;
    }
    sum += either == 0 ? 1 : static_cast<double>(both) / static_cast<double>(either);
  }
  return sum / static_cast<double>(logits.rows());
}

double mean_loss(const data::RowMatrix& results, const data::RowMatrix& targets, bool binary) {
  if (!binary) return (results - targets).squaredNorm() / static_cast<double>(results.size());
  double sum = 0;
  for (Index i = 0; i < results.size(); ++i) {
    const double x = results.data()[i];
    sum += std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))) - targets.data()[i] * x;
  }
  return sum / static_cast<double>(results.size());
}

#define RAPHSON_FOR(T)                                                                                       \
  template AttendedSet<T> attend(Var<T>, Var<T>, std::optional<Var<T>>);                                     \
  template Var<T> Aggregator::operator()(const nn::Weights<T>&, Var<T>, std::optional<Var<T>>) const;        \
  template class SetPredictor<T>;
RAPHSON_FOR(float)
RAPHSON_FOR(double)
#undef RAPHSON_FOR

} // namespace raphson::optim::tools
