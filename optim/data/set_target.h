// What is to be predicted, from a column or from a file of its own.
#pragma once

#include "optim/data/csv.h"
#include "optim/data/read_dataset.h"

#include <filesystem>
#include <string>

namespace raphson::optim::data {

/// A column of a table: classes where the task says so or a cell is a word, otherwise a target. `name` stands
/// for the table in messages.
void set_target(Dataset& dataset, const CsvTable& table, const std::string& column, Task task,
                const std::string& name);

/// A file of labels: NPY of one dimension, IDX, or CSV with the column named, one called `label`, or one
/// alone.
void read_target(Dataset& dataset, const std::filesystem::path& path, const std::string& column, Task task);

} // namespace raphson::optim::data
