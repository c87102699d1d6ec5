#include "optim/tools/solvers/table_network.h"

#include "dsp/error.h"
#include "optim/autodiff/operations/arithmetic.h"
#include "optim/autodiff/operations/movement.h"
#include "optim/autodiff/operations/reduction.h"
#include "optim/autodiff/operations/softmax.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numeric>

namespace raphson::optim::tools {

using Eigen::Index;

namespace {

constexpr std::array names{"linear", "logistic", "softmax", "mlp", "autoencoder"};

void check_target(const data::Dataset& table, TableModel model) {
  if (model == TableModel::autoencoder) {
    if (table.features.minCoeff() < 0 || table.features.maxCoeff() > 1)
      throw InputError(
          table.name + ": an autoencoder's inputs must be in [0, 1], as pixels are; these are from "
          + std::to_string(table.features.minCoeff()) + " to " + std::to_string(table.features.maxCoeff()));
    return;
  }
  const bool classes = !table.labels.empty();
  if (!classes && table.target.size() == 0)
    throw InputError(table.name + ": it has no target, give --target");
  if (classes && model == TableModel::linear)
    throw InputError(table.name
                     + ": the target has classes, for which --model linear has no use; logistic, softmax "
                       "or mlp has");
  if (!classes && (model == TableModel::logistic || model == TableModel::softmax))
    throw InputError(table.name + ": the target is a number, --model " + name_of(model)
                     + " needs classes; linear or mlp suit numbers");
  if (classes && table.classes() > 100)
    throw InputError(table.name + ": the target has " + std::to_string(table.classes())
                     + " classes, 100 at most; is it a number?");
  if (classes && model == TableModel::logistic && table.classes() != 2)
    throw InputError(table.name + ": the target has " + std::to_string(table.classes())
                     + " classes, --model logistic needs two");
  const bool constant =
      classes ? std::adjacent_find(table.labels.begin(), table.labels.end(), std::not_equal_to<>())
                    == table.labels.end()
              : table.target.minCoeff() == table.target.maxCoeff();
  if (constant)
    throw InputError(table.name + ": the target is the same in every row, there is nothing to learn");
}

std::vector<Index> widths_of(const data::Dataset& table, const TableNetworkOptions& o) {
  const Index inputs = table.features.cols();
  if (o.model == TableModel::linear || o.model == TableModel::logistic) return {inputs, 1};
  if (o.model == TableModel::softmax) return {inputs, table.classes()};
  std::vector<Index> widths{inputs};
  widths.insert(widths.end(), o.hidden.begin(), o.hidden.end());
  if (o.model == TableModel::autoencoder) {
    widths.push_back(o.code);
    widths.insert(widths.end(), o.hidden.rbegin(), o.hidden.rend());
    widths.push_back(inputs);
  } else {
    widths.push_back(table.labels.empty() ? 1 : table.classes());
  }
  return widths;
}

} // namespace

const char* name_of(TableModel model) { return names[static_cast<std::size_t>(model)]; }

TableModel table_model_named(const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    throw InputError("model '" + name
                     + "' is unknown, there are linear, logistic, softmax, mlp and autoencoder");
  return static_cast<TableModel>(std::distance(names.begin(), found));
}

TableModel usual_model(const data::Dataset& table) {
  if (table.labels.empty() && table.target.size() == 0)
    throw InputError(table.name + ": it has no target, give --target");
  if (table.labels.empty()) return TableModel::linear;
  return table.classes() == 2 ? TableModel::logistic : TableModel::softmax;
}

TableNetwork::TableNetwork(const data::Dataset& table, const TableNetworkOptions& options)
    : options_(options) {
  check_target(table, options.model);
  mlp_ = std::make_unique<nn::Mlp>(layout_, nn::MlpSpec{widths_of(table, options), options.activation});
}

bool TableNetwork::is_classifier() const {
  return model() == TableModel::logistic || model() == TableModel::softmax
         || (model() == TableModel::mlp && mlp_->spec().widths.back() > 1);
}

const char* TableNetwork::score_name() const {
  return model() == TableModel::autoencoder ? "nats a row" : is_classifier() ? "accuracy" : "R²";
}

Vector TableNetwork::start(std::uint64_t seed) const {
  const bool from_zero = model() != TableModel::mlp && model() != TableModel::autoencoder;
  return from_zero ? Vector(Vector::Zero(layout_.size())) : layout_.initial(seed);
}

template <class T>
Var<T> TableNetwork::losses(const nn::Weights<T>& w, const data::Dataset& rows, nn::Examples examples) const {
  const Var<T> x = nn::rows_of(w.tape(), rows.features, examples), out = (*mlp_)(w, x);
  const auto count = static_cast<Index>(examples.size());
  if (model() == TableModel::autoencoder) return sum(binary_cross_entropy(out, x), 1);
  if (is_classifier() && model() != TableModel::logistic) {
    int* const labels = w.tape().template take_array<int>(count);
    for (Index i = 0; i < count; ++i) labels[i] = rows.labels[examples[static_cast<std::size_t>(i)]];
    return cross_entropy(out, std::span<const int>(labels, examples.size()));
  }
  T* const target = w.tape().template take_array<T>(count);
  for (Index i = 0; i < count; ++i) {
    const std::size_t row = examples[static_cast<std::size_t>(i)];
    target[i] = static_cast<T>(is_classifier() ? rows.labels[row] : rows.target[static_cast<Index>(row)]);
  }
  const Var<T> wanted = w.tape().constant({count}, target), given = reshape(out, {count});
  return model() == TableModel::logistic ? binary_cross_entropy(given, wanted)
                                         : scale(square(given - wanted), T(0.5));
}

template <class T>
std::unique_ptr<nn::NetworkObjective<T>> TableNetwork::objective(const data::Dataset& rows,
                                                                 std::size_t threads) const {
  return std::make_unique<nn::NetworkObjective<T>>(
      layout_, rows.size(),
      [this, &rows](const nn::Weights<T>& w, nn::Examples examples) { return losses(w, rows, examples); },
      nn::NetworkOptions{.threads = threads, .shards = threads});
}
template std::unique_ptr<nn::NetworkObjective<float>> TableNetwork::objective(const data::Dataset&,
                                                                              std::size_t) const;
template std::unique_ptr<nn::NetworkObjective<double>> TableNetwork::objective(const data::Dataset&,
                                                                               std::size_t) const;

data::RowMatrix TableNetwork::outputs(const Vector& parameters, const data::RowMatrix& features) const {
  data::RowMatrix result(features.rows(), mlp_->spec().widths.back());
  Tape<double> tape;
  std::vector<std::size_t> rows;
  for (Index begin = 0; begin < features.rows(); begin += 512) {
    const Index count = std::min<Index>(512, features.rows() - begin);
    rows.resize(static_cast<std::size_t>(count));
    std::iota(rows.begin(), rows.end(), static_cast<std::size_t>(begin));
    tape.clear();
    const nn::Weights<double> weights(tape, parameters.data());
    result.middleRows(begin, count) = (*mlp_)(weights, nn::rows_of(tape, features, rows)).value();
  }
  return result;
}

std::vector<int> TableNetwork::predicted_classes(const data::RowMatrix& outputs) const {
  std::vector<int> classes(static_cast<std::size_t>(outputs.rows()));
  for (Index i = 0; i < outputs.rows(); ++i) {
    Index best = 0;
    if (model() == TableModel::logistic)
      best = outputs(i, 0) > 0;
    else
      outputs.row(i).maxCoeff(&best);
    classes[static_cast<std::size_t>(i)] = static_cast<int>(best);
  }
  return classes;
}

Vector TableNetwork::probabilities(const data::RowMatrix& outputs, const std::vector<int>& classes) const {
  Vector result(outputs.rows());
  for (Index i = 0; i < outputs.rows(); ++i) {
    const int c = classes[static_cast<std::size_t>(i)];
    if (model() == TableModel::logistic)
      result[i] = 1 / (1 + std::exp(c == 1 ? -outputs(i, 0) : outputs(i, 0)));
    else
      result[i] = 1 / (outputs.row(i).array() - outputs(i, c)).exp().sum();
  }
  return result;
}

double TableNetwork::score(const Vector& parameters, const data::Dataset& rows) const {
  if (model() == TableModel::autoencoder) return objective<double>(rows)->value(parameters);
  const data::RowMatrix out = outputs(parameters, rows.features);
  if (!is_classifier()) {
    const Vector& y = rows.target;
    return 1 - (out.col(0) - y).squaredNorm() / (y.array() - y.mean()).square().sum();
  }
  const std::vector<int> classes = predicted_classes(out);
  std::size_t right = 0;
  for (std::size_t i = 0; i < classes.size(); ++i) right += classes[i] == rows.labels[i];
  return static_cast<double>(right) / static_cast<double>(classes.size());
}

nn::NetworkFile TableNetwork::file(const Vector& parameters, const data::Dataset& table,
                                   const data::Standardisation& scale, const std::string& target) const {
  nn::NetworkFile file{.spec = mlp_->spec(),
                       .task = model() == TableModel::autoencoder ? nn::Task::autoencode
                               : is_classifier()                  ? nn::Task::classify
                                                                  : nn::Task::regress,
                       .inputs = table.feature_names,
                       .means = scale.mean,
                       .deviations = scale.deviation,
                       .target = target,
                       .classes = table.class_names,
                       .parameters = parameters};
  if (model() == TableModel::logistic) { // one logit is two of which the first is 0
    const Index n = table.features.cols();
    file.spec.widths = {n, 2};
    file.parameters = Vector::Zero(2 * n + 2);
    for (Index i = 0; i <= n; ++i) file.parameters[2 * i + 1] = parameters[i];
  }
  return file;
}

} // namespace raphson::optim::tools
