#include "optim/tools/solvers/user_network.h"

#include "dsp/error.h"
#include "optim/data/split.h"

#include <cmath>

namespace raphson::optim::tools {
namespace {

data::Dataset read(const UserNetworkOptions& o, nn::Task task) {
  if (task != nn::Task::autoencode && o.table.target.empty())
    throw InputError("--target: --task " + o.task + " needs one; --task autoencode does without");
  UserTableOptions table = o.table;
  if (task == nn::Task::classify) table.task = data::Task::classification;
  if (task == nn::Task::regress) table.task = data::Task::regression;
  return read_user_table(table).data;
}

/// One scale for all inputs, so that a spectrum or an image keeps its shape.
data::Standardisation into_unit_interval(const data::RowMatrix& features) {
  const double low = features.minCoeff(), high = features.maxCoeff();
  if (low >= 0 && high <= 1) return {};
  return {Vector::Constant(features.cols(), low),
          Vector::Constant(features.cols(), high > low ? high - low : 1)};
}

} // namespace

UserNetwork::UserNetwork(const UserNetworkOptions& o, std::uint64_t seed) : target(o.table.target) {
  const nn::Task task = nn::task_named(o.task);
  if (!(o.held_out >= 0 && o.held_out < 1))
    throw InputError("--valid: a share of the rows, at least 0 and below 1");
  all = read(o, task);
  const auto out = static_cast<std::size_t>(std::lround(o.held_out * static_cast<double>(all.size())));
  if (out >= all.size()) throw InputError("--valid: it leaves no row to train on");
  auto parts = data::apply_split(all, data::split_rows(all.size(), all.size() - out, out, seed));
  training = std::move(parts.training);
  held_out = std::move(parts.held_out);
  if (task == nn::Task::autoencode)
    scale = into_unit_interval(all.features);
  else if (!o.images_as_they_are || all.image_rows == 0)
    scale = data::standardisation_of(training.features);
  for (data::Dataset* part : {&all, &training, &held_out})
    if (scale.mean.size() > 0 && part->size() > 0) scale.apply(part->features);
  if (task == nn::Task::regress) {
    target_mean = training.target.mean();
    target_deviation = std::sqrt((training.target.array() - target_mean).square().mean());
    if (target_deviation == 0) throw InputError(all.name + ": the target is the same in every row");
    for (data::Dataset* part : {&all, &training, &held_out})
      part->target = (part->target.array() - target_mean) / target_deviation;
  }
  network = std::make_unique<TableNetwork>(
      training,
      TableNetworkOptions{.model = task == nn::Task::autoencode ? TableModel::autoencoder : TableModel::mlp,
                          .hidden = o.hidden,
                          .code = o.code,
                          .activation = o.activation});
}

nn::NetworkFile UserNetwork::file(Vector parameters) const {
  const nn::Linear& last = network->mlp().layers().back();
  parameters.segment(last.weight.offset, last.weight.shape.size()) *= target_deviation;
  auto bias = parameters.segment(last.bias.offset, last.bias.shape.size());
  if (target_deviation != 1 || target_mean != 0) bias = (bias * target_deviation).array() + target_mean;
  return network->file(parameters, all, scale, target);
}

} // namespace raphson::optim::tools
