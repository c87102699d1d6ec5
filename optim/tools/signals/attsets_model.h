// A trained network of sets as a file, model.attsets.json: sizes, how views and targets are scaled,
// parameters.
#pragma once

#include "optim/tools/signals/attsets.h"

#include <filesystem>
#include <string>

namespace raphson::optim::tools {

/// 0 x 0 where values are not pixels.
struct ImageSize {
  int rows = 0, columns = 0;
};

struct SetModel {
  SetNetworkSpec spec = {};
  double view_scale = 1;                    ///< views are divided by it
  double target_mean = 0, target_scale = 1; ///< value = result target_scale + target_mean
  ImageSize view_image = {}, target_image = {};
  SetParameters parameters = {};

  struct Result {
    data::RowMatrix values; ///< [set][output], probabilities or values in the targets' unit
    Vector shares;          ///< of each view; empty where the aggregation is not attention
  };
  /// From at most so many views of each set. Throws InputError, naming the sets, where their views have
  /// another number of features.
  Result operator()(const ViewSets& sets, Index most) const;
};

std::string to_json(const SetModel& model);

/// Throws InputError, one line with the file's name and the field.
SetModel read_set_model(const std::filesystem::path& path);

} // namespace raphson::optim::tools
