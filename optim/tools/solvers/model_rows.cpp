#include "optim/tools/solvers/model_rows.h"

#include "dsp/error.h"
#include "optim/data/csv.h"
#include "optim/data/labels.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;

/// Columns of a table that the network knows nothing of may be words. A CSV without any of its inputs is no
/// table but an index of recordings.
void leave_out_others(const nn::NetworkFile& model, UserTableOptions& o) {
  std::vector<std::string> others;
  bool is_table = false;
  const data::CsvTable table = data::read_csv(o.file);
  for (const std::string& column : table.columns()) {
    const bool is_input = std::find(model.inputs.begin(), model.inputs.end(), column) != model.inputs.end();
    is_table = is_table || is_input;
    if (!is_input && column != o.target) others.push_back(column);
  }
  if (is_table) o.leave_out = std::move(others);
}

data::Dataset read_rows(const nn::NetworkFile& model, UserTableOptions o) {
  if (model.task == nn::Task::autoencode)
    o.target.clear();
  else if (o.target.empty())
    o.target = model.target;
  if (model.task != nn::Task::autoencode && o.target.empty())
    throw InputError("--target: the network predicts one, name its column or a file of labels");
  o.task = model.task == nn::Task::classify  ? data::Task::classification
           : model.task == nn::Task::regress ? data::Task::regression
                                             : data::Task::by_content;
  if (!model.inputs.empty() && o.file.extension() == ".csv") leave_out_others(model, o);
  return read_user_table(o).data;
}

/// The network's columns, in its order.
void select_columns(const nn::NetworkFile& model, data::Dataset& rows) {
  const Index wanted = model.spec.widths.front();
  if (!model.inputs.empty() && !rows.feature_names.empty()) {
    std::vector<Index> columns;
    for (const std::string& name : model.inputs) {
      const auto found = std::find(rows.feature_names.begin(), rows.feature_names.end(), name);
      if (found == rows.feature_names.end())
        throw InputError(rows.name + ": it has no column '" + name + "', which the network takes");
      columns.push_back(static_cast<Index>(found - rows.feature_names.begin()));
    }
    rows.features = rows.features(Eigen::all, columns).eval();
    rows.feature_names = model.inputs;
  }
  if (rows.features.cols() != wanted)
    throw InputError(rows.name + ": it has " + std::to_string(rows.features.cols())
                     + " inputs a row, the network takes " + std::to_string(wanted));
}

void number_classes(const nn::NetworkFile& model, data::Dataset& rows) {
  std::vector<std::string> words;
  for (const int label : rows.labels) words.push_back(rows.class_names[static_cast<std::size_t>(label)]);
  data::set_labels(rows, words, rows.name, model.classes);
}

TableNetworkOptions network_options(const nn::NetworkFile& model) {
  const auto& widths = model.spec.widths;
  TableNetworkOptions o{.model = TableModel::mlp, .activation = model.spec.activation};
  o.hidden.assign(widths.begin() + 1, widths.end() - 1);
  if (model.task != nn::Task::autoencode) return o;
  const auto layers = widths.size();
  if (layers % 2 == 0 || !std::equal(widths.begin(), widths.end(), widths.rbegin()))
    throw InputError("an autoencoder of " + nn::to_string(model.spec)
                     + ": its layers must be mirrored about a code, as raphson soap makes them");
  o.model = TableModel::autoencoder;
  o.hidden.resize(layers / 2 - 1);
  o.code = widths[layers / 2];
  return o;
}

} // namespace

ModelRows::ModelRows(nn::NetworkFile file, UserTableOptions options)
    : model(std::move(file)), rows(read_rows(model, std::move(options))), parameters(model.parameters) {
  select_columns(model, rows);
  if (model.means.size() > 0) data::Standardisation{model.means, model.deviations}.apply(rows.features);
  if (model.task == nn::Task::classify) number_classes(model, rows);
  network = std::make_unique<TableNetwork>(rows, network_options(model));
  if (model.task != nn::Task::regress) return;
  target_mean = rows.target.mean();
  target_deviation = std::sqrt((rows.target.array() - target_mean).square().mean());
  rows.target = (rows.target.array() - target_mean) / target_deviation;
  const nn::Linear& last = network->mlp().layers().back();
  parameters.segment(last.weight.offset, last.weight.shape.size()) /= target_deviation;
  auto bias = parameters.segment(last.bias.offset, last.bias.shape.size());
  bias = (bias.array() - target_mean) / target_deviation;
}

nn::NetworkFile ModelRows::file(const Vector& changed) const {
  nn::NetworkFile result = model;
  result.parameters = changed;
  if (model.task != nn::Task::regress) return result;
  const nn::Linear& last = network->mlp().layers().back();
  result.parameters.segment(last.weight.offset, last.weight.shape.size()) *= target_deviation;
  auto bias = result.parameters.segment(last.bias.offset, last.bias.shape.size());
  bias = (bias * target_deviation).array() + target_mean;
  return result;
}

} // namespace raphson::optim::tools
