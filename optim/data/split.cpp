#include "optim/data/split.h"

#include "dsp/error.h"
#include "optim/engine/random.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace raphson::optim::data {
namespace {

/// Everything but the examples.
Dataset without_rows(const Dataset& dataset) {
  return {.feature_names = dataset.feature_names,
          .class_names = dataset.class_names,
          .image_rows = dataset.image_rows,
          .image_columns = dataset.image_columns,
          .name = dataset.name};
}

std::string name_of_class(const Dataset& dataset, std::size_t c) {
  return c < dataset.class_names.size() ? dataset.class_names[c] : std::to_string(c);
}

/// The rows of every class, each in random order.
std::vector<std::vector<std::size_t>> shuffled_classes(const Dataset& dataset, RandomStream& stream) {
  if (dataset.labels.empty()) throw InputError(dataset.name + ": no classes, labels are needed");
  std::vector<std::vector<std::size_t>> rows(static_cast<std::size_t>(
      std::max(dataset.classes(), 1 + *std::max_element(dataset.labels.begin(), dataset.labels.end()))));
  for (std::size_t i = 0; i < dataset.labels.size(); ++i)
    rows[static_cast<std::size_t>(dataset.labels[i])].push_back(i);
  for (auto& of_class : rows) stream.shuffle(of_class);
  return rows;
}

void append(std::vector<std::size_t>& to, const std::vector<std::size_t>& from, std::size_t begin,
            std::size_t count) {
  const auto first = from.begin() + static_cast<std::ptrdiff_t>(begin);
  to.insert(to.end(), first, first + static_cast<std::ptrdiff_t>(count));
}

} // namespace

Dataset select_rows(const Dataset& dataset, std::span<const std::size_t> rows) {
  Dataset selected = without_rows(dataset);
  const auto count = static_cast<Eigen::Index>(rows.size());
  selected.features.resize(count, dataset.features.cols());
  if (dataset.target.size() > 0) selected.target.resize(count);
  if (!dataset.labels.empty()) selected.labels.resize(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] >= dataset.size())
      throw std::out_of_range("select_rows: there is no row " + std::to_string(rows[i]));
    const auto from = static_cast<Eigen::Index>(rows[i]), to = static_cast<Eigen::Index>(i);
    selected.features.row(to) = dataset.features.row(from);
    if (dataset.target.size() > 0) selected.target[to] = dataset.target[from];
    if (!dataset.labels.empty()) selected.labels[i] = dataset.labels[rows[i]];
  }
  return selected;
}

Dataset slice_rows(const Dataset& dataset, std::size_t begin, std::size_t count) {
  if (begin > dataset.size() || count > dataset.size() - begin)
    throw InputError(dataset.name + ": " + std::to_string(count) + " examples from " + std::to_string(begin)
                     + " on are asked for, there are " + std::to_string(dataset.size()));
  std::vector<std::size_t> rows(count);
  std::iota(rows.begin(), rows.end(), begin);
  return select_rows(dataset, rows);
}

Dataset select_classes(const Dataset& dataset, std::span<const int> classes, bool renumber) {
  if (dataset.labels.empty()) throw InputError(dataset.name + ": no classes, labels are needed");
  std::vector<int> number(static_cast<std::size_t>(dataset.classes()), -1);
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const int c = classes[i];
    if (c < 0 || c >= dataset.classes() || std::count(dataset.labels.begin(), dataset.labels.end(), c) == 0)
      throw InputError(dataset.name + ": no example of class " + std::to_string(c) + ", there are "
                       + std::to_string(dataset.classes()) + " classes, numbered from 0");
    if (number[static_cast<std::size_t>(c)] >= 0)
      throw InputError(dataset.name + ": class " + std::to_string(c) + " is asked for twice");
    number[static_cast<std::size_t>(c)] = static_cast<int>(i);
  }
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < dataset.labels.size(); ++i)
    if (number[static_cast<std::size_t>(dataset.labels[i])] >= 0) rows.push_back(i);
  Dataset selected = select_rows(dataset, rows);
  if (!renumber) return selected;
  for (int& label : selected.labels) label = number[static_cast<std::size_t>(label)];
  selected.class_names.clear();
  for (const int c : classes)
    selected.class_names.push_back(name_of_class(dataset, static_cast<std::size_t>(c)));
  return selected;
}

Split split_rows(std::size_t rows, std::size_t training, std::size_t held_out, std::uint64_t seed) {
  if (training > rows || held_out > rows - training)
    throw InputError(std::to_string(training) + " examples to train on and " + std::to_string(held_out)
                     + " held out are asked for, there are " + std::to_string(rows));
  std::vector<std::size_t> order(rows);
  std::iota(order.begin(), order.end(), std::size_t{0});
  RandomStream(seed, "split").shuffle(order);
  Split split;
  append(split.training, order, 0, training);
  append(split.held_out, order, training, held_out);
  return split;
}

Split split_by_class(const Dataset& dataset, double held_out_share, std::uint64_t seed) {
  if (!(held_out_share > 0 && held_out_share < 1))
    throw InputError("the share to hold out is " + std::to_string(held_out_share)
                     + ", between 0 and 1 expected");
  RandomStream stream(seed, "split by class");
  Split split;
  for (const auto& rows : shuffled_classes(dataset, stream)) {
    if (rows.empty()) continue;
    const double wanted = std::floor(held_out_share * static_cast<double>(rows.size()) + 0.5);
    const std::size_t held_out = std::min(static_cast<std::size_t>(wanted), rows.size() - 1);
    append(split.held_out, rows, 0, held_out);
    append(split.training, rows, held_out, rows.size() - held_out);
  }
  stream.shuffle(split.training);
  stream.shuffle(split.held_out);
  return split;
}

Split split_per_class(const Dataset& dataset, std::size_t per_class, std::size_t held_out_per_class,
                      std::uint64_t seed) {
  RandomStream stream(seed, "split per class");
  const auto classes = shuffled_classes(dataset, stream);
  Split split;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const auto& rows = classes[c];
    if (per_class > rows.size() || held_out_per_class > rows.size() - per_class)
      throw InputError(dataset.name + ": class " + name_of_class(dataset, c) + " has "
                       + std::to_string(rows.size()) + " examples, " + std::to_string(per_class)
                       + " to train on and " + std::to_string(held_out_per_class)
                       + " held out are asked for");
    append(split.training, rows, 0, per_class);
    append(split.held_out, rows, per_class, held_out_per_class);
  }
  stream.shuffle(split.training);
  stream.shuffle(split.held_out);
  return split;
}

TrainingAndHeldOut apply_split(const Dataset& dataset, const Split& split) {
  return {select_rows(dataset, split.training), select_rows(dataset, split.held_out)};
}

} // namespace raphson::optim::data
