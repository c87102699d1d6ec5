// A multilayer perceptron: widths[0] inputs, hidden layers with an activation, widths.back() outputs without.
#pragma once

#include "optim/nn/layers.h"

namespace raphson::optim::nn {

struct MlpSpec {
  std::vector<Index> widths = {};
  Activation activation = Activation::tanh;
};

/// "784-512-10 tanh".
std::string to_string(const MlpSpec& spec);

class Mlp {
public:
  /// Weights are drawn as he() for relu, silu and gelu, as lecun() otherwise, biases are 0; the blocks are
  /// called prefix + "1.weight", "1.bias", "2.weight" ... Throws InputError for fewer than two widths or one
  /// below 1.
  Mlp(Layout& layout, const MlpSpec& spec, const std::string& prefix = "");

  const MlpSpec& spec() const { return spec_; }
  const std::vector<Linear>& layers() const { return layers_; }

  template <class T> Var<T> operator()(const Weights<T>& w, Var<T> x) const {
    for (std::size_t i = 0; i + 1 < layers_.size(); ++i) x = activate(spec_.activation, layers_[i](w, x));
    return layers_.back()(w, x);
  }

private:
  MlpSpec spec_;
  std::vector<Linear> layers_;
};

} // namespace raphson::optim::nn
