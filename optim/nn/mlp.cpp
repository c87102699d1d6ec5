#include "optim/nn/mlp.h"

#include "dsp/error.h"

#include <algorithm>

namespace raphson::optim::nn {

std::string to_string(const MlpSpec& spec) {
  std::string text;
  for (const Index width : spec.widths) text += (text.empty() ? "" : "-") + std::to_string(width);
  return text + " " + name_of(spec.activation);
}

Mlp::Mlp(Layout& layout, const MlpSpec& spec, const std::string& prefix) : spec_(spec) {
  const auto& widths = spec.widths;
  if (widths.size() < 2 || std::any_of(widths.begin(), widths.end(), [](Index w) { return w < 1; }))
    throw InputError("a network of " + to_string(spec) + ": at least inputs and outputs, one each");
  const bool one_sided = spec.activation == Activation::relu || spec.activation == Activation::silu
                         || spec.activation == Activation::gelu;
  for (std::size_t i = 1; i < widths.size(); ++i)
    layers_.emplace_back(layout, prefix + std::to_string(i), widths[i - 1], widths[i],
                         one_sided && i + 1 < widths.size() ? he(widths[i - 1]) : lecun(widths[i - 1]));
}

} // namespace raphson::optim::nn
