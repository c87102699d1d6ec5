#include "chain_derivatives.h"

#include "dsp/error.h"
#include "optim/autodiff/jet.h"

#include <algorithm>
#include <array>

namespace raphson::python {
namespace {

constexpr int width = static_cast<int>(most_hessian_parameters);
using J = optim::Jet<double, width, 2>;

void keep(const J& sample, std::size_t first, std::size_t count, std::size_t parameters, std::size_t t,
          const ChainDerivatives& out) {
  out.value[t] = sample.v;
  for (std::size_t i = 0; i < count; ++i) out.jacobian[(first + i) * out.stride + t] = sample.g[i];
  if (out.hessian == nullptr) return;
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = 0; j < count; ++j)
      out.hessian[(i * parameters + j) * out.stride + t] =
          sample.hessian(static_cast<int>(i), static_cast<int>(j));
}

} // namespace

void differentiate_chain(const dsp::ChainSettings& chain, std::span<const std::size_t> free,
                         std::span<const double> audio, double sample_rate, const ChainDerivatives& out,
                         std::size_t offset) {
  if (out.hessian != nullptr && free.size() > most_hessian_parameters)
    throw InputError("order=2: at most " + std::to_string(most_hessian_parameters)
                     + " parameters at a time, not " + std::to_string(free.size()) + "; name them");
  const std::vector<double> values = chain.values();
  std::array<J, 256> block;
  for (std::size_t first = 0; first < free.size(); first += most_hessian_parameters) {
    const std::size_t count = std::min(most_hessian_parameters, free.size() - first);
    std::vector<J> variables(values.begin(), values.end());
    for (std::size_t i = 0; i < count; ++i) variables[free[first + i]].g[i] = 1;
    dsp::Chain<J> processor(chain, std::span<const J>(variables), sample_rate);
    for (std::size_t from = 0; from < audio.size(); from += block.size()) {
      const std::size_t n = std::min(block.size(), audio.size() - from);
      std::copy_n(audio.begin() + from, n, block.begin());
      processor.process(std::span<J>(block.data(), n));
      for (std::size_t t = 0; t < n; ++t) keep(block[t], first, count, free.size(), offset + from + t, out);
    }
  }
}

} // namespace raphson::python
