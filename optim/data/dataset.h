// Examples as rows: what every tool that learns from a table, from images or from sounds works on.
#pragma once

#include "optim/engine/types.h"

#include <string>
#include <vector>

namespace raphson::optim::data {

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

struct Dataset {
  RowMatrix features = {};                     ///< [example][feature]
  std::vector<std::string> feature_names = {}; ///< one a column, or empty
  Vector target = {};                          ///< a number an example, or empty
  std::vector<int> labels = {};                ///< a class an example, from 0, or empty
  std::vector<std::string> class_names = {};   ///< one a class
  int image_rows = 0, image_columns = 0;       ///< of features that are pixels row by row; otherwise 0
  std::string name = {};                       ///< the file, for messages

  std::size_t size() const { return static_cast<std::size_t>(features.rows()); }
  int classes() const { return static_cast<int>(class_names.size()); }
};

} // namespace raphson::optim::data
