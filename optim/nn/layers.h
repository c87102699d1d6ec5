// Layers: where their weights lie, and what they do on a tape. Each is made with a layout, a name and its
// sizes, and called with the weights:
//
//   const Linear layer(layout, "hidden", 784, 512);
//   Var<float> y = relu(layer(weights, x));
#pragma once

#include "optim/autodiff/operations/arithmetic.h"
#include "optim/autodiff/operations/attention.h"
#include "optim/autodiff/operations/convolution.h"
#include "optim/autodiff/operations/gru.h"
#include "optim/autodiff/operations/matmul.h"
#include "optim/autodiff/operations/movement.h"
#include "optim/autodiff/operations/normalisation.h"
#include "optim/nn/layout.h"

#include <optional>

namespace raphson::optim::nn {

enum class Activation { none, tanh, sigmoid, relu, softplus, silu, gelu };

/// "tanh" ...; throws InputError that lists the names.
Activation activation_named(const std::string& name);
const char* name_of(Activation activation);

template <class T> Var<T> activate(Activation activation, Var<T> x) {
  switch (activation) {
  case Activation::none:
    return x;
  case Activation::tanh:
    return tanh(x);
  case Activation::sigmoid:
    return sigmoid(x);
  case Activation::relu:
    return relu(x);
  case Activation::softplus:
    return softplus(x);
  case Activation::silu:
    return silu(x);
  case Activation::gelu:
    return gelu(x);
  }
  return x;
}

/// x W + b; W is {inputs, outputs}.
struct Linear {
  Block weight, bias;

  Linear(Layout& layout, const std::string& name, Index inputs, Index outputs)
      : Linear(layout, name, inputs, outputs, lecun(inputs)) {}
  Linear(Layout& layout, const std::string& name, Index inputs, Index outputs, const Initialiser& initialiser)
      : weight(layout.add(name + ".weight", {inputs, outputs}, initialiser)),
        bias(layout.add(name + ".bias", {outputs}, constant(0))) {}

  template <class T> Var<T> operator()(const Weights<T>& w, Var<T> x) const {
    return matmul(x, w[weight]) + w[bias];
  }
};

/// Gain and offset of the values along the last axis, after layer_norm.
struct LayerNorm {
  Block gain, offset;

  LayerNorm(Layout& layout, const std::string& name, Index width)
      : gain(layout.add(name + ".gain", {width}, constant(1))),
        offset(layout.add(name + ".offset", {width}, constant(0))) {}

  template <class T> Var<T> operator()(const Weights<T>& w, Var<T> x) const {
    return layer_norm(x) * w[gain] + w[offset];
  }
};

/// Gain alone, after rms_norm.
struct RmsNorm {
  Block gain;

  RmsNorm(Layout& layout, const std::string& name, Index width)
      : gain(layout.add(name + ".gain", {width}, constant(1))) {}

  template <class T> Var<T> operator()(const Weights<T>& w, Var<T> x) const { return rms_norm(x) * w[gain]; }
};

/// Gain and offset of each channel, axis 1, after batch_norm with the statistics given: the batch's own
/// (batch_statistics) in training, constants where they are frozen.
struct BatchNorm {
  Block gain, offset;

  /// axes: of what is normalised, 2 for rows of features, 4 for images.
  BatchNorm(Layout& layout, const std::string& name, Index channels, int axes = 2)
      : gain(layout.add(name + ".gain", spread(channels, axes), constant(1))),
        offset(layout.add(name + ".offset", spread(channels, axes), constant(0))) {}

  template <class T>
  Var<T> operator()(const Weights<T>& w, Var<T> x, const BatchStatistics<T>& statistics) const {
    return batch_norm(x, statistics) * w[gain] + w[offset];
  }

private:
  static Shape spread(Index channels, int axes) {
    Shape shape{1, channels};
    while (shape.rank() < axes) shape = shape.appended(1);
    return shape;
  }
};

/// A row for each of `entries` symbols.
struct Embedding {
  Block table;

  Embedding(Layout& layout, const std::string& name, Index entries, Index width, double deviation = 0.02)
      : table(layout.add(name + ".table", {entries, width}, normal(deviation))) {}

  template <class T>
  Var<T> operator()(const Weights<T>& w, std::span<const int> symbols, const Shape& shape) const {
    return gather(w[table], symbols, shape);
  }
};

/// Convolution of images {batch, inputs, rows, columns} with square kernels, and an offset a channel.
struct Convolution2d {
  Block kernel, bias;
  Window window;

  Convolution2d(Layout& layout, const std::string& name, Index inputs, Index outputs, Index size,
                Window step = {})
      : kernel(layout.add(name + ".kernel", {outputs, inputs, size, size}, he(inputs * size * size))),
        bias(layout.add(name + ".bias", {1, outputs, 1, 1}, constant(0))), window(step) {}

  template <class T> Var<T> operator()(const Weights<T>& w, Var<T> x) const {
    return convolution_2d(x, w[kernel], window) + w[bias];
  }
};

/// A gated recurrent unit's step.
struct Gru {
  Block input, recurrent, input_bias, recurrent_bias;

  Gru(Layout& layout, const std::string& name, Index inputs, Index units)
      : input(layout.add(name + ".input", {inputs, 3 * units}, lecun(units))),
        recurrent(layout.add(name + ".recurrent", {units, 3 * units}, lecun(units))),
        input_bias(layout.add(name + ".input_bias", {3 * units}, constant(0))),
        recurrent_bias(layout.add(name + ".recurrent_bias", {3 * units}, constant(0))) {}

  template <class T> Var<T> operator()(const Weights<T>& w, Var<T> x, Var<T> h) const {
    return gru_cell(x, h, {w[input], w[recurrent], w[input_bias], w[recurrent_bias]});
  }
};

/// A transformer's block with its norms in front (R. Xiong et al., ICML 2020): x + attention(norm x), then
/// x + mlp(norm x) with a hidden layer four times as wide.
struct TransformerBlock {
  LayerNorm before_attention, before_mlp;
  Linear queries_keys_values, joined, widen, narrow;
  Index heads, width;

  TransformerBlock(Layout& layout, const std::string& name, Index width_, Index heads_)
      : before_attention(layout, name + ".norm1", width_), before_mlp(layout, name + ".norm2", width_),
        queries_keys_values(layout, name + ".qkv", width_, 3 * width_, normal(0.02)),
        joined(layout, name + ".joined", width_, width_, normal(0.02)),
        widen(layout, name + ".widen", width_, 4 * width_, normal(0.02)),
        narrow(layout, name + ".narrow", 4 * width_, width_, normal(0.02)), heads(heads_), width(width_) {}

  /// x {batch, length, width}.
  template <class T>
  Var<T> operator()(const Weights<T>& w, Var<T> x,
                    std::type_identity_t<std::optional<Var<T>>> mask = {}) const {
    const Var<T> qkv = queries_keys_values(w, before_attention(w, x));
    const auto part = [&](Index i) { return split_heads(slice(qkv, 2, i * width, width), heads); };
    x = x + joined(w, join_heads(attention(part(0), part(1), part(2), mask)));
    return x + narrow(w, gelu(widen(w, before_mlp(w, x))));
  }
};

} // namespace raphson::optim::nn
