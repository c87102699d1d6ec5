#include "optim/data/set_target.h"

#include "dsp/error.h"
#include "optim/data/folder.h"
#include "optim/data/idx.h"
#include "optim/data/labels.h"
#include "optim/data/npy.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace raphson::optim::data {
namespace {

namespace fs = std::filesystem;

bool is_number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

/// The shortest text that is read back as this number.
std::string shortest(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

void set_numbers(Dataset& dataset, const std::vector<double>& values, const std::string& source) {
  if (values.size() != dataset.size())
    throw InputError(source + ": " + std::to_string(values.size()) + " labels for "
                     + std::to_string(dataset.size()) + " examples of " + dataset.name);
  dataset.target = Eigen::Map<const Vector>(values.data(), static_cast<Eigen::Index>(values.size()));
}

void read_npy_target(Dataset& dataset, const fs::path& path, Task task) {
  const NpyArray array = read_npy(path);
  if (array.values.size() != array.shape[0])
    throw InputError("cannot use " + path.string()
                     + " as labels: NPY of several columns, one label an example expected");
  for (std::size_t i = 0; i < array.values.size(); ++i)
    if (!std::isfinite(array.values[i]))
      throw InputError(path.string() + ": label " + std::to_string(i) + " (from 0) is not finite");
  if (task == Task::regression || (task == Task::by_content && !array.whole_numbers)) {
    set_numbers(dataset, array.values, path.string());
    return;
  }
  const bool are_classes = array.whole_numbers
                           && *std::min_element(array.values.begin(), array.values.end()) >= 0
                           && *std::max_element(array.values.begin(), array.values.end()) < 1 << 20;
  if (are_classes) {
    set_labels(dataset, std::vector<int>(array.values.begin(), array.values.end()), path.string());
    return;
  }
  std::vector<std::string> words;
  for (const double value : array.values) words.push_back(shortest(value));
  set_labels(dataset, words, path.string());
}

/// Of a file of labels, where no name is given.
std::string label_column(const CsvTable& table, const std::string& asked, const fs::path& path) {
  if (!asked.empty()) return asked;
  if (table.has_column("label")) return "label";
  if (table.columns().size() == 1) return table.columns().front();
  throw InputError(path.string() + ": which column holds the labels? Its columns are "
                   + list_of(table.columns()));
}

} // namespace

void set_target(Dataset& dataset, const CsvTable& table, const std::string& column, Task task,
                const std::string& name) {
  if (!table.has_column(column))
    throw InputError(name + ": no column '" + column + "'; its columns are " + list_of(table.columns()));
  std::vector<std::string> words;
  for (std::size_t row = 0; row < table.rows(); ++row) words.push_back(table.text(row, column));
  const bool numbers = task == Task::regression
                       || (task == Task::by_content && std::all_of(words.begin(), words.end(), is_number));
  if (numbers)
    set_numbers(dataset, table.numbers(column), name);
  else
    set_labels(dataset, words, name);
}

void read_target(Dataset& dataset, const fs::path& path, const std::string& column, Task task) {
  const std::string extension = lower_case_extension(path);
  if (extension == ".npy") {
    read_npy_target(dataset, path, task);
  } else if (extension == ".csv") {
    const CsvTable table = read_csv(path);
    set_target(dataset, table, label_column(table, column, path), task, path.string());
  } else {
    const std::vector<int> labels = read_idx_labels(path);
    if (task == Task::regression)
      set_numbers(dataset, {labels.begin(), labels.end()}, path.string());
    else
      set_labels(dataset, labels, path.string());
  }
}

} // namespace raphson::optim::data
