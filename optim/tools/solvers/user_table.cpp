#include "optim/tools/solvers/user_table.h"

#include "dsp/error.h"
#include "optim/data/csv.h"
#include "optim/data/npy.h"
#include "optim/data/split.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace raphson::optim::tools {
namespace {

bool is_csv(const std::filesystem::path& path) { return path.extension() == ".csv"; }

/// Numbers from 0 in order of appearance.
template <class Key> std::vector<int> number(const std::vector<Key>& keys) {
  std::map<Key, int> numbers;
  std::vector<int> result;
  for (const Key& key : keys)
    result.push_back(numbers.emplace(key, static_cast<int>(numbers.size())).first->second);
  return result;
}

std::vector<int> read_row_labels(const UserTableOptions& o, const std::string& name) {
  if (is_csv(o.file)) {
    const data::CsvTable table = data::read_csv(o.file);
    if (table.has_column(name)) {
      std::vector<std::string> words;
      for (std::size_t row = 0; row < table.rows(); ++row) words.push_back(table.text(row, name));
      return number(words);
    }
  }
  if (std::filesystem::path(name).extension() != ".npy")
    throw InputError(o.file.string() + ": it has no column '" + name + "', and that is no .npy file either");
  return number(data::read_npy(name).values);
}

std::string list(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

/// The rows of the classes asked for, by name; class k is then the k-th of them.
std::vector<std::size_t> class_rows(data::Dataset& table, const std::vector<std::string>& wanted) {
  if (table.labels.empty()) throw InputError("--classes: " + table.name + " has no classes");
  std::vector<int> renumbered(table.class_names.size(), -1);
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    const auto found = std::find(table.class_names.begin(), table.class_names.end(), wanted[k]);
    if (found == table.class_names.end())
      throw InputError("--classes: " + table.name + " has no class '" + wanted[k] + "', only "
                       + list(table.class_names));
    renumbered[static_cast<std::size_t>(found - table.class_names.begin())] = static_cast<int>(k);
  }
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < table.size(); ++i) {
    int& label = table.labels[i];
    label = renumbered[static_cast<std::size_t>(label)];
    if (label >= 0) rows.push_back(i);
  }
  table.class_names = wanted;
  return rows;
}

} // namespace

UserTable read_user_table(const UserTableOptions& o) {
  data::DatasetOptions read{.task = o.task, .leave_out = o.leave_out};
  read.sounds.features = data::sound_features_of(o.sounds);
  if (is_csv(o.file) && !std::filesystem::is_regular_file(o.target))
    read.target = o.target;
  else
    read.labels = o.target;
  for (const std::string& name : o.row_labels)
    if (is_csv(o.file) && std::filesystem::path(name).extension() != ".npy") read.leave_out.push_back(name);
  UserTable table{data::read_dataset(o.file, read), {}};
  for (const std::string& name : o.row_labels) {
    table.row_labels.push_back(read_row_labels(o, name));
    if (table.row_labels.back().size() != table.data.size())
      throw InputError(name + ": " + std::to_string(table.row_labels.back().size()) + " labels for the "
                       + std::to_string(table.data.size()) + " rows of " + o.file.string());
  }

  std::vector<std::size_t> rows(table.data.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  if (!o.classes.empty()) rows = class_rows(table.data, o.classes);
  if (o.rows > rows.size())
    throw InputError("--rows: " + o.file.string() + " has " + std::to_string(rows.size()) + " of them");
  if (o.rows > 0) rows.resize(o.rows);
  if (rows.size() == table.data.size()) return table;
  table.data = data::select_rows(table.data, rows);
  for (auto& labels : table.row_labels) {
    std::vector<int> kept;
    for (const std::size_t row : rows) kept.push_back(labels[row]);
    labels = std::move(kept);
  }
  return table;
}

Vector binary_target(const data::Dataset& table) {
  if (table.classes() != 2)
    throw InputError(table.name + ": the target has " + std::to_string(table.classes()) + " classes ("
                     + list(table.class_names) + "); --classes A,B chooses the two to tell apart");
  Vector y(static_cast<Eigen::Index>(table.size()));
  for (std::size_t i = 0; i < table.size(); ++i) y[static_cast<Eigen::Index>(i)] = table.labels[i];
  return y;
}

} // namespace raphson::optim::tools
