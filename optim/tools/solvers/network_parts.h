// Networks made of perceptrons whose parameters lie apart, so that some can be trained and the others cannot
// change: an encoder and its decoder, a classifier's features and its head. In float.
//
//   PartsTrainer trainer({&encoder, &decoder}, 1e-3);
//   trainer.step([&](Tape<float>& tape, const PartsWeights& w) {
//     return mean(square(decoder(w[1], encoder(w[0], on_tape(tape, rows))) - on_tape(tape, targets)));
//   });
#pragma once

#include "optim/engine/adam_rule.h"
#include "optim/nn/mlp.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace raphson::optim::tools {

using FloatRows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A perceptron, relu between its layers, with parameters.
struct Part {
  Part(const std::vector<Eigen::Index>& widths, const std::string& name);

  std::shared_ptr<const nn::Layout> layout;
  std::shared_ptr<const nn::Mlp> mlp;
  Eigen::VectorXf parameters; ///< 0 until initialise()

  void initialise(std::uint64_t seed);
  const std::vector<Eigen::Index>& widths() const { return mlp->spec().widths; }

  /// Outputs of rows, with these parameters.
  FloatRows operator()(const FloatRows& rows) const;
  /// On a tape.
  Var<float> operator()(const nn::Weights<float>& weights, Var<float> rows) const {
    return (*mlp)(weights, rows);
  }
};

/// The rows must stay until the tape is cleared.
inline Var<float> on_tape(Tape<float>& tape, const FloatRows& rows) {
  return tape.constant({rows.rows(), rows.cols()}, rows.data());
}

FloatRows rows_of(const FloatRows& all, std::span<const std::size_t> rows);

using PartsWeights = std::vector<nn::Weights<float>>;

/// Adam on the parameters of some parts, which must outlive it.
class PartsTrainer {
public:
  PartsTrainer(std::vector<Part*> parts, double learning_rate);

  /// One step down a loss of the parts' weights, in their order; the loss before it. Throws InputError where
  /// it is not finite.
  double step(const std::function<Var<float>(Tape<float>&, const PartsWeights&)>& loss);

private:
  std::vector<Part*> parts_;
  std::vector<Eigen::VectorXf> gradients_;
  std::vector<AdamRule<float>> rules_;
  std::unique_ptr<Tape<float>> tape_ = std::make_unique<Tape<float>>();
};

} // namespace raphson::optim::tools
