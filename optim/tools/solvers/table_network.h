// A table as a network sees it: which model, which loss, how good its predictions are, and the file it
// becomes. For the tools that train on a user's data.
//
//   linear       one output, 1/2 (prediction - target)^2, from zero
//   logistic     one logit for the second of two classes, cross-entropy, from zero
//   softmax      a logit a class, cross-entropy, from zero
//   mlp          hidden layers before the outputs of linear or softmax, by what the target is
//   autoencoder  hidden layers, a code and hidden layers back; the inputs, in [0, 1], as probabilities, the
//                cross-entropy summed over them
#pragma once

#include "optim/data/dataset.h"
#include "optim/data/standardise.h"
#include "optim/nn/network_file.h"
#include "optim/nn/objective.h"

#include <memory>
#include <string>

namespace raphson::optim::tools {

enum class TableModel { linear, logistic, softmax, mlp, autoencoder };

const char* name_of(TableModel model);
TableModel table_model_named(const std::string& name); ///< throws InputError that lists the names
/// linear for numbers, logistic for two classes, softmax for more. Throws InputError without a target.
TableModel usual_model(const data::Dataset& table);

struct TableNetworkOptions {
  TableModel model = TableModel::softmax;
  std::vector<Eigen::Index> hidden = {64, 64}; ///< of mlp and autoencoder
  Eigen::Index code = 8;                       ///< of autoencoder
  nn::Activation activation = nn::Activation::tanh;
};

class TableNetwork {
public:
  /// `table` tells widths and classes. Throws InputError where the target does not suit the model: missing,
  /// constant, more than 100 classes, classes for linear, other than two for logistic; inputs outside [0, 1]
  /// for autoencoder.
  TableNetwork(const data::Dataset& table, const TableNetworkOptions& options);
  TableNetwork(const TableNetwork&) = delete;
  TableNetwork& operator=(const TableNetwork&) = delete;

  TableModel model() const { return options_.model; }
  const nn::Layout& layout() const { return layout_; }
  const nn::Mlp& mlp() const { return *mlp_; }
  bool is_classifier() const;
  const char* score_name() const; ///< "accuracy", "R²" or "nats a row"

  Vector start(std::uint64_t seed) const;

  /// The mean loss over a table of the same columns; both must outlive it.
  template <class T>
  std::unique_ptr<nn::NetworkObjective<T>> objective(const data::Dataset& rows,
                                                     std::size_t threads = 1) const;

  /// [row][output], before softmax or sigmoid.
  data::RowMatrix outputs(const Vector& parameters, const data::RowMatrix& features) const;
  /// Share of rows predicted right; R² of numbers; the loss of an autoencoder.
  double score(const Vector& parameters, const data::Dataset& rows) const;
  std::vector<int> predicted_classes(const data::RowMatrix& outputs) const;
  /// Of that class, of each row.
  Vector probabilities(const data::RowMatrix& outputs, const std::vector<int>& classes) const;

  /// scale: what the inputs went through, empty for nothing. A logistic model is written with two outputs.
  nn::NetworkFile file(const Vector& parameters, const data::Dataset& table,
                       const data::Standardisation& scale, const std::string& target) const;

private:
  template <class T>
  Var<T> losses(const nn::Weights<T>& weights, const data::Dataset& rows, nn::Examples examples) const;

  TableNetworkOptions options_;
  nn::Layout layout_;
  std::unique_ptr<nn::Mlp> mlp_;
};

} // namespace raphson::optim::tools
