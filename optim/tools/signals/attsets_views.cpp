#include "optim/tools/signals/attsets_views.h"

#include "dsp/error.h"
#include "optim/data/csv.h"
#include "optim/data/folder.h"
#include "optim/data/npy.h"
#include "optim/report/text.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace raphson::optim::tools {
namespace {

constexpr const char* object_column = "object";

bool is_table(const std::filesystem::path& path) { return data::lower_case_extension(path) == ".csv"; }

void check_finite(const data::RowMatrix& values, const std::string& name, const char* what) {
  for (Index i = 0; i < values.rows(); ++i)
    if (!values.row(i).allFinite())
      throw InputError(name + ": " + what + " " + std::to_string(i + 1) + " has values that are not finite");
}

void check_range(const data::RowMatrix& values, const std::string& name) {
  constexpr double most = 1e100; // squares of it can be added up
  if (const double largest = values.cwiseAbs().maxCoeff(); largest > most)
    throw InputError(name + ": values up to " + report::format_significant(largest, 3)
                     + "; at most 1e+100 can be used");
}

std::vector<Index> read_sizes(const std::filesystem::path& path, std::size_t objects, Index most) {
  const data::CsvTable table = data::read_csv(path);
  if (table.rows() != objects)
    throw InputError(path.string() + ": " + std::to_string(table.rows()) + " sizes for "
                     + std::to_string(objects) + " objects, one for each is needed");
  std::vector<Index> sizes;
  for (std::size_t i = 0; i < objects; ++i) {
    const double size = table.number(i, "size");
    if (!(size >= 1 && size <= static_cast<double>(most) && size == std::floor(size)))
      throw InputError(path.string() + ": object " + std::to_string(i + 1) + " has the size "
                       + table.text(i, "size") + ", a whole number from 1 to " + std::to_string(most)
                       + ", the views that there is room for, would be right");
    sizes.push_back(static_cast<Index>(size));
  }
  return sizes;
}

ViewSets read_array(const std::filesystem::path& path, const std::filesystem::path& sizes_path) {
  const data::NpyArray array = data::read_npy(path);
  const std::string name = path.string();
  const std::size_t rank = array.shape.size();
  if (rank < 3)
    throw InputError(
        name + ": an array of " + std::to_string(rank)
        + " dimensions; objects x views x features, or objects x views x rows x columns, would be right");
  ViewSets sets{.name = name};
  const std::size_t objects = array.shape[0];
  const auto most = static_cast<Index>(array.shape[1]);
  const Index features = std::ssize(array.values) / (static_cast<Index>(objects) * most);
  if (rank == 4) {
    sets.rows = static_cast<int>(array.shape[2]);
    sets.columns = static_cast<int>(array.shape[3]);
  }
  std::vector<Index> sizes(objects, most);
  if (!sizes_path.empty()) sizes = read_sizes(sizes_path, objects, most);
  sets.views.resize(std::accumulate(sizes.begin(), sizes.end(), Index{0}), features);
  for (std::size_t i = 0; i < objects; ++i) {
    const Eigen::Map<const data::RowMatrix> padded(
        array.values.data() + static_cast<Index>(i) * most * features, most, features);
    sets.views.middleRows(sets.bounds.first[i], sizes[i]) = padded.topRows(sizes[i]);
    for (Index n = 0; n < sizes[i]; ++n)
      if (!padded.row(n).allFinite())
        throw InputError(name + ": object " + std::to_string(i + 1) + ", view " + std::to_string(n + 1)
                         + " has values that are not finite");
    // Padding of NaN says by itself that it is none of the data.
    const auto padding = padded.bottomRows(most - sizes[i]).array();
    if ((padding.isFinite() && padding != 0).any()) ++sets.ignored;
    if (sizes_path.empty() && most > 1 && padded.row(most - 1).isZero(0)) ++sets.blank_ends;
    sets.bounds.add(sizes[i]);
  }
  return sets;
}

std::vector<std::string> feature_columns(const data::CsvTable& table, const std::string& name) {
  std::vector<std::string> columns = table.columns();
  std::erase(columns, object_column);
  if (columns.empty()) throw InputError(name + ": no features beside the column " + object_column);
  return columns;
}

ViewSets read_view_table(const std::filesystem::path& path) {
  const data::CsvTable table = data::read_csv(path);
  ViewSets sets{.name = path.string()};
  if (table.rows() == 0) throw InputError(sets.name + ": no views below the header");
  if (!table.has_column(object_column))
    throw InputError(sets.name + ": no column " + object_column + ", which says what each row is a view of");
  std::vector<std::vector<std::size_t>> rows;
  std::map<std::string, std::size_t> known;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const auto [at, is_new] = known.emplace(table.text(i, object_column), rows.size());
    if (is_new) {
      rows.emplace_back();
      sets.objects.push_back(at->first);
    }
    rows[at->second].push_back(i);
  }
  const std::vector<std::string> columns = feature_columns(table, sets.name);
  sets.views.resize(static_cast<Index>(table.rows()), std::ssize(columns));
  for (const auto& views : rows) {
    for (std::size_t n = 0; n < views.size(); ++n)
      for (std::size_t k = 0; k < columns.size(); ++k)
        sets.views(sets.bounds.first.back() + static_cast<Index>(n), static_cast<Index>(k)) =
            table.number(views[n], columns[k]);
    sets.bounds.add(std::ssize(views));
  }
  return sets;
}

Targets read_target_table(const std::filesystem::path& path, const ViewSets& sets) {
  const data::CsvTable table = data::read_csv(path);
  const std::string name = path.string();
  const std::vector<std::string> columns = feature_columns(table, name);
  Targets targets{.values = data::RowMatrix(static_cast<Index>(table.rows()), std::ssize(columns))};
  std::map<std::string, std::size_t> rows;
  for (std::size_t i = 0; i < table.rows(); ++i)
    if (!sets.objects.empty() && !rows.emplace(table.text(i, object_column), i).second)
      throw InputError(name + ": object " + table.text(i, object_column) + " comes twice");
  for (std::size_t i = 0; i < table.rows(); ++i) {
    std::size_t row = i;
    if (!sets.objects.empty() && i < sets.objects.size()) {
      const auto at = rows.find(sets.objects[i]);
      if (at == rows.end()) throw InputError(name + ": no row for object " + sets.objects[i]);
      row = at->second;
    }
    for (std::size_t k = 0; k < columns.size(); ++k)
      targets.values(static_cast<Index>(i), static_cast<Index>(k)) = table.number(row, columns[k]);
  }
  return targets;
}

Targets read_target_array(const std::filesystem::path& path) {
  const data::NpyArray array = data::read_npy(path);
  const std::size_t rank = array.shape.size();
  if (rank != 2 && rank != 3)
    throw InputError(path.string() + ": an array of " + std::to_string(rank)
                     + " dimensions; objects x outputs, or objects x rows x columns, would be right");
  const auto objects = static_cast<Index>(array.shape[0]);
  Targets targets{.values = Eigen::Map<const data::RowMatrix>(array.values.data(), objects,
                                                              std::ssize(array.values) / objects)};
  if (rank == 3) {
    targets.rows = static_cast<int>(array.shape[1]);
    targets.columns = static_cast<int>(array.shape[2]);
  }
  return targets;
}

} // namespace

Index SetBounds::most() const {
  Index most = 0;
  for (std::size_t i = 0; i < sets(); ++i) most = std::max(most, size(i));
  return most;
}

ViewSets read_view_sets(const std::filesystem::path& path, const std::filesystem::path& sizes) {
  if (is_table(path) && !sizes.empty())
    throw InputError("--sizes " + sizes.string()
                     + ": a table has the views of each object as its rows, without it");
  ViewSets read = is_table(path) ? read_view_table(path) : read_array(path, sizes);
  check_range(read.views, read.name);
  return read;
}

Targets read_targets(const std::filesystem::path& path, const ViewSets& sets, bool binary) {
  const Targets targets = is_table(path) ? read_target_table(path, sets) : read_target_array(path);
  const std::string name = path.string();
  if (static_cast<std::size_t>(targets.values.rows()) != sets.bounds.sets())
    throw InputError(name + ": " + std::to_string(targets.values.rows()) + " targets for "
                     + std::to_string(sets.bounds.sets()) + " objects in " + sets.name);
  check_finite(targets.values, name, "object");
  check_range(targets.values, name);
  if (binary && (targets.values.minCoeff() < 0 || targets.values.maxCoeff() > 1))
    throw InputError(name + ": targets from " + report::format_significant(targets.values.minCoeff(), 4)
                     + " to " + report::format_significant(targets.values.maxCoeff(), 4)
                     + "; within 0 and 1 would be right, or --real for values of any range");
  return targets;
}

ViewSets select_sets(const ViewSets& sets, std::span<const std::size_t> chosen) {
  ViewSets some{.rows = sets.rows, .columns = sets.columns, .name = sets.name};
  for (const std::size_t i : chosen) some.bounds.add(sets.bounds.size(i));
  some.views.resize(some.bounds.first.back(), sets.views.cols());
  for (std::size_t k = 0; k < chosen.size(); ++k) {
    some.views.middleRows(some.bounds.first[k], some.bounds.size(k)) =
        sets.views.middleRows(sets.bounds.first[chosen[k]], sets.bounds.size(chosen[k]));
    if (!sets.objects.empty()) some.objects.push_back(sets.objects[chosen[k]]);
  }
  return some;
}

ViewSets shuffled_views(const ViewSets& sets, std::uint64_t seed) {
  RandomStream random(seed, "order of views");
  ViewSets shuffled = sets;
  for (std::size_t i = 0; i < sets.bounds.sets(); ++i) {
    std::vector<Index> order(static_cast<std::size_t>(sets.bounds.size(i)));
    std::iota(order.begin(), order.end(), sets.bounds.first[i]);
    random.shuffle(order);
    for (std::size_t n = 0; n < order.size(); ++n)
      shuffled.views.row(sets.bounds.first[i] + static_cast<Index>(n)) = sets.views.row(order[n]);
  }
  return shuffled;
}

SetSource source_of(const ViewSets& sets) {
  const auto draw = [&sets](std::size_t object, Index most, RandomStream& random, float* rows) {
    const Index first = sets.bounds.first[object], size = sets.bounds.size(object),
                features = sets.views.cols();
    std::vector<Index> order(static_cast<std::size_t>(size));
    std::iota(order.begin(), order.end(), first);
    const Index drawn = std::min(most, size);
    for (Index n = 0; n < drawn; ++n) {
      const auto at = static_cast<std::size_t>(n);
      std::swap(order[at], order[at + random.index(order.size() - at)]);
      const auto view = sets.views.row(order[at]);
      for (Index k = 0; k < features; ++k) rows[n * features + k] = static_cast<float>(view[k]);
    }
    return drawn;
  };
  return {sets.bounds.sets(), sets.views.cols(), sets.bounds.most(), draw};
}

} // namespace raphson::optim::tools
