#include "optim/nn/objective.h"

#include "dsp/error.h"
#include "optim/autodiff/operations/arithmetic.h"
#include "optim/autodiff/operations/reduction.h"

#include <algorithm>
#include <numeric>

namespace raphson::optim::nn {

template <class T> struct NetworkObjective<T>::Worker {
  Tape<T> tape, with_tangents{TapeMode::tangents};
  std::vector<T> gradient, product;
  double value = 0;
};

template <class T>
NetworkObjective<T>::NetworkObjective(const Layout& layout, std::size_t examples, Losses<T> losses,
                                      NetworkOptions options)
    : parameters_(layout.size()), examples_(examples), losses_(std::move(losses)), options_(options),
      order_(examples) {
  for (const Layout::Entry& entry : layout.entries()) blocks_.push_back(entry.block);
  options_.shards = std::max<std::size_t>(1, options_.shards);
  options_.most_at_once = std::max<std::size_t>(1, options_.most_at_once);
  for (std::size_t i = 0; i < options_.shards; ++i) workers_.push_back(std::make_unique<Worker>());
  team_ = std::make_unique<ThreadTeam>(std::min(options_.threads, options_.shards));
  std::iota(order_.begin(), order_.end(), std::size_t{0});
}

template <class T> NetworkObjective<T>::~NetworkObjective() = default;

template <class T> Examples NetworkObjective<T>::all() const { return order_; }

namespace {

template <class T> void convert(const Vector& from, std::vector<T>& to) {
  to.resize(static_cast<std::size_t>(from.size()));
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = static_cast<T>(from[static_cast<Index>(i)]);
}

template <class T> void add(const std::vector<T>& from, T* to) {
  for (std::size_t i = 0; i < from.size(); ++i) to[i] += from[i];
}

} // namespace

/// Adds a piece's share of the mean to what is wanted.
template <class T>
double NetworkObjective<T>::evaluate_piece(Tape<T>& tape, const T* x, Examples examples, std::size_t all,
                                           const Want& want) const {
  tape.clear();
  const typename Tape<T>::Derivatives derivatives{
      .gradient = want.gradient, .direction = want.direction, .product = want.product};
  const Var<T> each =
      losses_(want.gradient ? Weights<T>(tape, x, derivatives) : Weights<T>(tape, x), examples);
  if (each.size() != static_cast<Index>(examples.size()))
    throw InputError("a network's losses are " + to_string(each.shape()) + " for "
                     + std::to_string(examples.size()) + " examples, one each is needed");
  double sum_of_losses = 0;
  for (Index i = 0; i < each.size(); ++i) {
    sum_of_losses += static_cast<double>(each.data()[i]);
    if (want.losses) want.losses[i] = static_cast<double>(each.data()[i]);
  }
  if (want.gradient) tape.backward(scale(sum(each), T(1) / static_cast<T>(all)));
  return sum_of_losses / static_cast<double>(all);
}

/// Shard s takes the pieces s, s + shards, ...; the first adds to what is wanted itself, the others to sums
/// of their own, which follow in order.
template <class T>
double NetworkObjective<T>::evaluate(const T* x, Examples examples, const Want& want) const {
  if (examples.empty()) throw InputError("a network's loss: over at least one example");
  const std::size_t piece =
      std::min(options_.most_at_once, (examples.size() + options_.shards - 1) / options_.shards);
  const std::size_t pieces = (examples.size() + piece - 1) / piece,
                    shards = std::min(options_.shards, pieces);
  const auto run_shard = [&](std::size_t s, std::size_t) {
    Worker& worker = *workers_[s];
    Want own = want;
    if (s > 0) {
      worker.gradient.resize(want.gradient ? static_cast<std::size_t>(parameters_) : 0);
      worker.product.resize(want.product ? static_cast<std::size_t>(parameters_) : 0);
      if (want.gradient) own.gradient = worker.gradient.data();
      if (want.product) own.product = worker.product.data();
    }
    for (T* sum : {own.gradient, own.product})
      if (sum) std::fill_n(sum, parameters_, T(0));
    worker.value = 0;
    for (std::size_t p = s; p < pieces; p += shards) {
      const std::size_t from = p * piece;
      if (want.losses) own.losses = want.losses + from;
      worker.value += evaluate_piece(want.direction ? worker.with_tangents : worker.tape, x,
                                     examples.subspan(from, std::min(piece, examples.size() - from)),
                                     examples.size(), own);
    }
  };
  team_->run(shards, std::ref(run_shard)); // by reference: a copy would allocate
  double value = workers_.front()->value;
  for (std::size_t s = 1; s < shards; ++s) {
    value += workers_[s]->value;
    if (want.gradient) add(workers_[s]->gradient, want.gradient);
    if (want.product) add(workers_[s]->product, want.product);
  }
  return value;
}

template <class T> double NetworkObjective<T>::value(const Vector& x) const {
  convert(x, values_);
  return evaluate(values_.data(), all(), {});
}

template <class T> double NetworkObjective<T>::value_and_gradient(const Vector& x, Vector& gradient) const {
  return value_and_gradient(x, all(), gradient);
}

template <class T>
double NetworkObjective<T>::value_and_gradient(const Vector& x, Examples examples, Vector& gradient) const {
  if constexpr (std::is_same_v<T, double>) {
    gradient.resize(parameters_);
    return evaluate(x.data(), examples, {.gradient = gradient.data()});
  } else {
    convert(x, values_);
    std::vector<T> in_own(static_cast<std::size_t>(parameters_));
    const double value = evaluate(values_.data(), examples, {.gradient = in_own.data()});
    gradient = Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, 1>>(in_own.data(), parameters_)
                   .template cast<double>();
    return value;
  }
}

template <class T>
double NetworkObjective<T>::value_and_gradient(const T* x, Examples examples, T* gradient) const {
  return evaluate(x, examples, {.gradient = gradient});
}

template <class T> Vector NetworkObjective<T>::hessian_product(const Vector& x, const Vector& v) const {
  return hessian_product(x, all(), v);
}

template <class T>
Vector NetworkObjective<T>::hessian_product(const Vector& x, Examples examples, const Vector& v) const {
  convert(x, values_);
  convert(v, direction_);
  std::vector<T> gradient(static_cast<std::size_t>(parameters_)), product(gradient.size());
  evaluate(values_.data(), examples,
           {.gradient = gradient.data(), .direction = direction_.data(), .product = product.data()});
  return Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, 1>>(product.data(), parameters_)
      .template cast<double>();
}

template <class T> Vector NetworkObjective<T>::losses(const Vector& x, Examples examples) const {
  convert(x, values_);
  Vector losses(static_cast<Index>(examples.size()));
  evaluate(values_.data(), examples, {.losses = losses.data()});
  return losses;
}

template <class T> data::RowMatrix NetworkObjective<T>::gradients(const Vector& x, Examples examples) const {
  convert(x, values_);
  data::RowMatrix all(static_cast<Index>(examples.size()), parameters_);
  const std::size_t piece = std::min(options_.most_at_once, examples.size());
  Tape<T>& tape = workers_.front()->tape;
  std::vector<T> gradients;
  for (std::size_t begin = 0; begin < examples.size(); begin += piece) {
    const std::size_t count = std::min(piece, examples.size() - begin);
    const auto rows = static_cast<Index>(count);
    gradients.assign(count * static_cast<std::size_t>(parameters_), T(0));
    tape.clear();
    tape.backward(sum(
        losses_(Weights<T>(tape, values_.data(), gradients.data(), rows), examples.subspan(begin, count))));
    for (const Block& block : blocks_)
      for (Index e = 0; e < rows; ++e)
        for (Index i = 0; i < block.shape.size(); ++i)
          all(static_cast<Index>(begin) + e, block.offset + i) = static_cast<double>(
              gradients[static_cast<std::size_t>(rows * block.offset + e * block.shape.size() + i)]);
  }
  return all;
}

template <class T> Var<T> rows_of(Tape<T>& tape, const data::RowMatrix& features, Examples examples) {
  const Index columns = features.cols(), rows = static_cast<Index>(examples.size());
  T* const copy = tape.template take_array<T>(rows * columns);
  for (Index i = 0; i < rows; ++i) {
    const double* const from =
        features.data() + static_cast<Index>(examples[static_cast<std::size_t>(i)]) * columns;
    for (Index j = 0; j < columns; ++j) copy[i * columns + j] = static_cast<T>(from[j]);
  }
  return tape.constant({rows, columns}, copy);
}

template Var<float> rows_of(Tape<float>&, const data::RowMatrix&, Examples);
template Var<double> rows_of(Tape<double>&, const data::RowMatrix&, Examples);
template class NetworkObjective<float>;
template class NetworkObjective<double>;

} // namespace raphson::optim::nn
