#include "optim/tools/solvers/network_parts.h"

#include "dsp/error.h"

#include <cmath>

namespace raphson::optim::tools {

using Eigen::Index;

Part::Part(const std::vector<Index>& widths, const std::string& name) {
  auto blocks = std::make_shared<nn::Layout>();
  mlp = std::make_shared<nn::Mlp>(*blocks, nn::MlpSpec{widths, nn::Activation::relu}, name + ".");
  layout = blocks;
  parameters = Eigen::VectorXf::Zero(layout->size());
}

void Part::initialise(std::uint64_t seed) { parameters = layout->initial(seed).cast<float>(); }

FloatRows Part::operator()(const FloatRows& rows) const {
  if (rows.cols() != widths().front())
    throw InputError("a network of " + to_string(mlp->spec()) + ": rows have " + std::to_string(rows.cols())
                     + " values");
  FloatRows result(rows.rows(), widths().back());
  Tape<float> tape;
  for (Index begin = 0; begin < rows.rows(); begin += 512) {
    const Index count = std::min<Index>(512, rows.rows() - begin);
    tape.clear();
    const nn::Weights<float> weights(tape, parameters.data());
    result.middleRows(begin, count) =
        (*mlp)(weights, tape.constant({count, rows.cols()}, rows.data() + begin * rows.cols())).value();
  }
  return result;
}

FloatRows rows_of(const FloatRows& all, std::span<const std::size_t> rows) {
  FloatRows result(static_cast<Index>(rows.size()), all.cols());
  for (std::size_t i = 0; i < rows.size(); ++i)
    result.row(static_cast<Index>(i)) = all.row(static_cast<Index>(rows[i]));
  return result;
}

PartsTrainer::PartsTrainer(std::vector<Part*> parts, double learning_rate) : parts_(std::move(parts)) {
  for (const Part* part : parts_) {
    gradients_.emplace_back(part->parameters.size());
    rules_.emplace_back(one_block(part->parameters.size()), AdamSettings{.learning_rate = learning_rate});
  }
}

double PartsTrainer::step(const std::function<Var<float>(Tape<float>&, const PartsWeights&)>& loss) {
  tape_->clear();
  PartsWeights weights;
  for (std::size_t k = 0; k < parts_.size(); ++k) {
    gradients_[k].setZero();
    weights.emplace_back(*tape_, parts_[k]->parameters.data(),
                         Tape<float>::Derivatives{.gradient = gradients_[k].data()});
  }
  const Var<float> result = loss(*tape_, weights);
  const auto value = static_cast<double>(result.item());
  if (!std::isfinite(value))
    throw InputError("training: the loss is no longer finite; a lower learning rate would be right");
  tape_->backward(result);
  for (std::size_t k = 0; k < parts_.size(); ++k) {
    const auto size = static_cast<std::size_t>(gradients_[k].size());
    rules_[k].step({gradients_[k].data(), size}, {parts_[k]->parameters.data(), size});
  }
  return value;
}

} // namespace raphson::optim::tools
