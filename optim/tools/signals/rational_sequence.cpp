#include "optim/tools/signals/rational_sequence.h"

#include "dsp/error.h"
#include "optim/autodiff/operations/movement.h"
#include "optim/autodiff/operations/rational.h"
#include "optim/autodiff/operations/reduction.h"

#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

namespace raphson::optim::tools {
namespace {

using nn::Weights;

void check(const SequenceShape& shape, const SequenceOptions& o) {
  if (o.order < 1 || o.order >= shape.steps)
    throw InputError("order " + std::to_string(o.order) + " for sequences of " + std::to_string(shape.steps)
                     + " steps: from 1 to below the steps expected");
  if (o.kernel == SequenceKernel::fir && 2 * o.order + 1 > shape.steps)
    throw InputError("a kernel of " + std::to_string(2 * o.order + 1) + " taps for sequences of "
                     + std::to_string(shape.steps) + " steps: no more taps than steps expected");
  if (o.kernel == SequenceKernel::diagonal && o.order % 2 != 0)
    throw InputError("order " + std::to_string(o.order) + ": a diagonal kernel needs an even one");
  if (o.blocks == 0 && shape.inputs != 1)
    throw InputError("sequences of " + std::to_string(shape.inputs) + " inputs need one block at least");
  if (o.blocks == 0 && o.bidirectional)
    throw InputError("filters alone hear their last step: both directions need one block at least");
  if (o.denominators > 0 && o.channels % o.denominators != 0)
    throw InputError(std::to_string(o.denominators) + " denominators for " + std::to_string(o.channels)
                     + " channels: a divisor of the channels expected");
}

nn::Initialiser start_of(const SequenceOptions& o) {
  const auto order = static_cast<double>(o.order);
  if (o.start == SequenceStart::uniform) return nn::uniform(1 / std::sqrt(order));
  return o.start == SequenceStart::small ? nn::uniform(1 / order) : nn::constant(0);
}

/// Parts of a constant, in T, on the tape.
template <class T> Var<T> constant(Tape<T>& tape, const Shape& shape, std::span<const double> values) {
  T* const copy = tape.template take_array<T>(static_cast<Index>(values.size()));
  for (std::size_t i = 0; i < values.size(); ++i) copy[i] = static_cast<T>(values[i]);
  return tape.constant(shape, copy);
}

/// Signals {examples, steps, channels} with their last step first.
template <class T> Var<T> backwards(Var<T> x) {
  constexpr std::array steps_first{1, 0, 2};
  const Var<T> by_step = permute(x, std::span<const int>(steps_first));
  std::vector<int> order(static_cast<std::size_t>(by_step.shape()[0]));
  std::iota(order.rbegin(), order.rend(), 0);
  return permute(gather(by_step, order, {by_step.shape()[0]}), std::span<const int>(steps_first));
}

} // namespace

SequenceClassifier::SequenceClassifier(const SequenceShape& shape, const SequenceOptions& options)
    : shape_(shape), options_(options) {
  check(shape, options);
  const Index channels = options.channels;
  for (Index i = 0; i < std::max<Index>(1, options.blocks); ++i)
    filters_.push_back(add_filter("filter " + std::to_string(i)));
  if (options.bidirectional)
    for (Index i = 0; i < options.blocks; ++i)
      filters_.push_back(add_filter("backward filter " + std::to_string(i)));
  filter_parameters_ = layout_.size();
  if (options.blocks > 0) encoder_.emplace(layout_, "encoder", shape.inputs, channels);
  for (Index i = 0; i < options.blocks; ++i) {
    const std::string name = "block " + std::to_string(i);
    mixes_.push_back({{layout_, name + ".glu", channels, 2 * channels}, {layout_, name + ".norm", channels}});
  }
  out_.emplace(layout_, "out", channels, shape.classes);
  for (Index t = 0; t < shape.steps; ++t) times_.push_back(static_cast<double>(t));
}

SequenceClassifier::Filter SequenceClassifier::add_filter(const std::string& name) {
  const Index d = options_.channels, n = options_.order, pairs = n / 2;
  Filter f;
  switch (options_.kernel) {
  case SequenceKernel::rational:
    f.h0 = layout_.add(name + ".h0", {d}, nn::normal(1));
    f.a = layout_.add(name + ".a", {denominators(), n}, start_of(options_));
    f.b = layout_.add(name + ".b", {d, n}, start_of(options_));
    if (options_.l1_stable) f.stability = layout_.add(name + ".s", {denominators(), 1}, nn::constant(1));
    break;
  case SequenceKernel::fir:
    f.h0 = layout_.add(name + ".taps", {d, 2 * n + 1},
                       nn::normal(1 / std::sqrt(2.0 * static_cast<double>(n) + 1)));
    break;
  case SequenceKernel::diagonal:
    f.h0 = layout_.add(name + ".h0", {d, 1}, nn::normal(1));
    f.a = layout_.add(name + ".poles", {2, d, pairs, 1}, nn::uniform(1));
    f.b = layout_.add(name + ".amplitudes", {2, d, pairs, 1},
                      nn::normal(1 / std::sqrt(static_cast<double>(n))));
    break;
  }
  return f;
}

/// sum_i exp(-d_i t) (c_i cos w_i t + s_i sin w_i t), log d_i = -4 + 2 x and w_i = pi (1 + y) / 2 of
/// parameters that start within -1 and 1.
template <class T> Var<T> SequenceClassifier::diagonal_kernel(const Weights<T>& w, const Filter& f) const {
  const Index d = options_.channels, pairs = options_.order / 2, steps = shape_.steps;
  const Var<T> t = constant(w.tape(), {1, 1, steps}, std::span<const double>(times_));
  const auto part = [&](const nn::Block& block, Index which) {
    return reshape(slice(w[block], 0, which, 1), {d, pairs, 1});
  };
  const Var<T> decay = exp(shift(scale(part(f.a, 0), T(2)), T(-4)));
  const Var<T> frequency = scale(shift(part(f.a, 1), T(1)), T(std::numbers::pi / 2));
  const Var<T> angle = frequency * t;
  const Var<T> waves = exp(-(decay * t)) * (part(f.b, 0) * cos(angle) + part(f.b, 1) * sin(angle));
  std::vector<double> impulse(static_cast<std::size_t>(steps));
  impulse[0] = 1;
  return sum(waves, 1) + w[f.h0] * constant(w.tape(), {1, steps}, std::span<const double>(impulse));
}

/// {channels, length}.
template <class T> Var<T> SequenceClassifier::kernel(const Weights<T>& w, const Filter& f) const {
  if (options_.kernel == SequenceKernel::fir) return w[f.h0];
  if (options_.kernel == SequenceKernel::diagonal) return diagonal_kernel(w, f);
  if (!options_.l1_stable) return rational_kernel(w[f.h0], w[f.a], w[f.b], shape_.steps);
  const Var<T> a = w[f.a];
  const Var<T> norm = shift(sum(abs(a), 1, Keep::yes) + abs(w[f.stability]), T(1e-6));
  return rational_kernel(w[f.h0], a / norm, w[f.b], shape_.steps);
}

/// y_L = sum_s k_s u_(L - s): rows that come turned round meet the kernel in one product.
template <class T> Var<T> SequenceClassifier::last_step(const Weights<T>& w, Var<T> rows) const {
  const Var<T> k = kernel(w, filters_[0]);
  const Index heard = k.shape()[1];
  const Var<T> u = heard < rows.shape()[1] ? slice(rows, 1, 0, heard) : rows;
  return gelu(matmul(u, k, {.b = true}));
}

/// Of signals {examples, steps, channels}.
template <class T>
Var<T> SequenceClassifier::filtered(const Weights<T>& w, const Filter& filter, Var<T> x) const {
  return transpose(causal_convolution(transpose(x), kernel(w, filter)));
}

template <class T> Var<T> SequenceClassifier::deep(const Weights<T>& w, Var<T> rows) const {
  const Index examples = rows.shape()[0], steps = shape_.steps, d = options_.channels;
  Var<T> x = (*encoder_)(w, reshape(rows, {examples, steps, shape_.inputs}));
  for (std::size_t i = 0; i < mixes_.size(); ++i) {
    Var<T> y = filtered(w, filters_[i], x);
    if (options_.bidirectional) y = y + backwards(filtered(w, filters_[mixes_.size() + i], backwards(x)));
    const Var<T> both = mixes_[i].glu(w, gelu(y));
    x = mixes_[i].norm(w, x + slice(both, 2, 0, d) * sigmoid(slice(both, 2, d, d)));
  }
  if (options_.mean) return mean(x, 1);
  return reshape(slice(x, 1, steps - 1, 1), {examples, d});
}

template <class T> Var<T> SequenceClassifier::logits(const Weights<T>& w, Var<T> rows) const {
  return (*out_)(w, options_.blocks == 0 ? last_step(w, rows) : deep(w, rows));
}

std::vector<RationalCoefficients> SequenceClassifier::filters(const Vector& theta) const {
  std::vector<RationalCoefficients> all;
  if (options_.kernel != SequenceKernel::rational) return all;
  const Index n = options_.order;
  for (const Filter& f : filters_)
    for (Index c = 0; c < options_.channels; ++c) {
      const Index shared = c / (options_.channels / denominators());
      const double *a = theta.data() + f.a.offset + shared * n, *b = theta.data() + f.b.offset + c * n;
      RationalCoefficients filter{theta[f.h0.offset + c], {a, a + n}, {b, b + n}};
      if (options_.l1_stable) filter.a = l1_stable(filter.a, theta[f.stability.offset + shared]);
      all.push_back(std::move(filter));
    }
  return all;
}

template Var<float> SequenceClassifier::logits(const Weights<float>&, Var<float>) const;
template Var<double> SequenceClassifier::logits(const Weights<double>&, Var<double>) const;

} // namespace raphson::optim::tools
