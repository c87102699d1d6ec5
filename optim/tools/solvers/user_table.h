// A user's rows for tools that fit models to them: the target as the family takes it, and rows that belong
// together.
#pragma once

#include "optim/data/dataset.h"
#include "optim/data/read_dataset.h"

#include <filesystem>
#include <string>
#include <vector>

namespace raphson::optim::tools {

struct UserTableOptions {
  std::filesystem::path file = {}; ///< whatever data::read_dataset reads
  std::string target = {};         ///< a column of a CSV, or a file of labels
  data::Task task = data::Task::by_content;
  std::vector<std::string> classes = {};    ///< rows of these alone, in this order; empty: all
  std::size_t rows = 0;                     ///< the first so many of them; 0: all
  std::vector<std::string> row_labels = {}; ///< names of columns of a CSV, or of NPY files, that say which
                                            ///< rows belong together; no features
  std::vector<std::string> leave_out = {};  ///< columns of a CSV that are no features
  std::string sounds = "mfcc";              ///< data::sound_features_of
};

struct UserTable {
  data::Dataset data;
  std::vector<std::vector<int>> row_labels; ///< [which][row], numbered from 0
};

/// Throws InputError as read_dataset does; for a class, column or file that is not there, and for row labels
/// that are not as many as rows.
UserTable read_user_table(const UserTableOptions& options);

/// 0 and 1 of a table with two classes. Throws InputError naming the classes where there are more, or fewer.
Vector binary_target(const data::Dataset& table);

} // namespace raphson::optim::tools
