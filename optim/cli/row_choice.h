// Which of a user's rows a tool is to act on, by the same options everywhere:
//
//   --where COLUMN=VALUE   rows of a table with this value
//   --class NAME           rows of this class
//   --rows 3,12-40         these, the first is 1
#pragma once

#include "optim/data/dataset.h"

#include <CLI/CLI.hpp>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace raphson::cli {

struct RowChoice {
  std::string where, class_name, rows;

  /// Numbers from 0, rising. Throws InputError where none has the value, the class is not there, a number is
  /// none of the rows' or comes twice, or `path`, which `rows` were read from, has no columns for --where.
  std::vector<std::size_t> of(const optim::data::Dataset& dataset, const std::filesystem::path& path) const;
};

/// Adds them; exactly one must be given.
std::shared_ptr<RowChoice> add_row_choice(CLI::App& app);

} // namespace raphson::cli
