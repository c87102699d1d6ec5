#include "optim/nn/jacobian.h"

#include "dsp/error.h"

#include <algorithm>

namespace raphson::optim::nn {
namespace {

template <class T> std::vector<T> values_of(const Vector& theta) {
  std::vector<T> values(static_cast<std::size_t>(theta.size()));
  std::transform(theta.begin(), theta.end(), values.begin(), [](double v) { return static_cast<T>(v); });
  return values;
}

template <class T> Var<T> evaluate(const Network<T>& network, const Weights<T>& weights, Examples examples) {
  const Var<T> y = network.evaluate(weights, examples);
  if (y.shape() != Shape{static_cast<Index>(examples.size()), network.outputs})
    throw InputError("a network's outputs are " + to_string(y.shape()) + " for "
                     + std::to_string(examples.size()) + " examples of " + std::to_string(network.outputs)
                     + " outputs");
  return y;
}

/// Gradients [block][example][parameter of the block] of output c, into the rows of those examples.
template <class T>
void scatter(const Layout& layout, const std::vector<T>& gradients, Index count, Index first_row, Index step,
             data::RowMatrix& jacobian) {
  for (const Layout::Entry& entry : layout.entries()) {
    const Index offset = entry.block.offset, size = entry.block.shape.size();
    using Rows = Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
    const Rows of_block(gradients.data() + count * offset, count, size);
    for (Index e = 0; e < count; ++e)
      jacobian.row(first_row + e * step).segment(offset, size) = of_block.row(e).template cast<double>();
  }
}

} // namespace

template <class T>
data::RowMatrix outputs_of(const Vector& theta, const Network<T>& network, Examples examples,
                           std::size_t most_at_once) {
  const std::vector<T> values = values_of<T>(theta);
  data::RowMatrix outputs(static_cast<Index>(examples.size()), network.outputs);
  Tape<T> tape;
  for (std::size_t begin = 0; begin < examples.size(); begin += most_at_once) {
    const Examples piece = examples.subspan(begin, std::min(most_at_once, examples.size() - begin));
    tape.clear();
    outputs.middleRows(static_cast<Index>(begin), std::ssize(piece)) =
        evaluate(network, Weights<T>(tape, values.data()), piece).value().template cast<double>();
  }
  return outputs;
}

template <class T>
Linearisation linearise(const Layout& layout, const Vector& theta, const Network<T>& network,
                        Examples examples, std::size_t most_at_once) {
  const std::vector<T> values = values_of<T>(theta);
  const Index outputs = network.outputs, all = static_cast<Index>(examples.size());
  Linearisation result{data::RowMatrix(all * outputs, layout.size()), data::RowMatrix(all, outputs)};
  Tape<T> tape;
  std::vector<T> gradients, seed;
  for (std::size_t begin = 0; begin < examples.size(); begin += most_at_once) {
    const Examples piece = examples.subspan(begin, std::min(most_at_once, examples.size() - begin));
    const Index count = std::ssize(piece), first = static_cast<Index>(begin);
    gradients.assign(static_cast<std::size_t>(count * layout.size()), T(0));
    tape.clear();
    const Var<T> y = evaluate(network, Weights<T>(tape, values.data(), gradients.data(), count), piece);
    result.outputs.middleRows(first, count) = y.value().template cast<double>();
    for (Index c = 0; c < outputs; ++c) {
      if (c > 0) std::fill(gradients.begin(), gradients.end(), T(0));
      seed.assign(static_cast<std::size_t>(count * outputs), T(0));
      for (Index e = 0; e < count; ++e) seed[static_cast<std::size_t>(e * outputs + c)] = T(1);
      tape.backward(y, seed.data());
      scatter(layout, gradients, count, first * outputs + c, outputs, result.jacobian);
    }
  }
  return result;
}

template data::RowMatrix outputs_of(const Vector&, const Network<float>&, Examples, std::size_t);
template data::RowMatrix outputs_of(const Vector&, const Network<double>&, Examples, std::size_t);
template Linearisation linearise(const Layout&, const Vector&, const Network<float>&, Examples, std::size_t);
template Linearisation linearise(const Layout&, const Vector&, const Network<double>&, Examples, std::size_t);

} // namespace raphson::optim::nn
