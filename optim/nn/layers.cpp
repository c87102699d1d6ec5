#include "optim/nn/layers.h"

#include "dsp/error.h"

#include <array>

namespace raphson::optim::nn {
namespace {

constexpr std::array activations = {Activation::none, Activation::tanh,     Activation::sigmoid,
                                    Activation::relu, Activation::softplus, Activation::silu,
                                    Activation::gelu};

} // namespace

const char* name_of(Activation activation) {
  switch (activation) {
  case Activation::none:
    return "none";
  case Activation::tanh:
    return "tanh";
  case Activation::sigmoid:
    return "sigmoid";
  case Activation::relu:
    return "relu";
  case Activation::softplus:
    return "softplus";
  case Activation::silu:
    return "silu";
  case Activation::gelu:
    return "gelu";
  }
  return "";
}

Activation activation_named(const std::string& name) {
  std::string all;
  for (const Activation activation : activations) {
    if (name == name_of(activation)) return activation;
    all += std::string(all.empty() ? "" : ", ") + name_of(activation);
  }
  throw InputError("unknown activation '" + name + "', known are " + all);
}

} // namespace raphson::optim::nn
