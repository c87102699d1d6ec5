// Sets of views: every object has one or more, all with the same features.
#pragma once

#include "optim/autodiff/kernels/plane.h"
#include "optim/data/dataset.h"
#include "optim/engine/random.h"

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace raphson::optim::tools {

/// Set i is the rows first[i] to first[i + 1] of a matrix.
struct SetBounds {
  std::vector<Index> first = {0};

  std::size_t sets() const { return first.size() - 1; }
  Index size(std::size_t set) const { return first[set + 1] - first[set]; }
  Index most() const; ///< views of the largest set
  void add(Index views) { first.push_back(first.back() + views); }
};

struct ViewSets {
  data::RowMatrix views = {}; ///< [view][feature], set after set
  SetBounds bounds = {};
  int rows = 0, columns = 0;             ///< of views that are images, otherwise 0
  std::size_t ignored = 0;               ///< sets with values other than 0 behind their last view
  std::size_t blank_ends = 0;            ///< without sizes: sets whose last view is 0 throughout
  std::string name = {};                 ///< the file, for messages
  std::vector<std::string> objects = {}; ///< names, in a table; otherwise empty
};

/// NPY (objects, N, features) or, of images, (objects, N, rows, columns), with the sizes of sets that have
/// fewer than N views in a CSV with a column size, a row an object (empty: all have N); or CSV, a view a row,
/// its object in the column object, the others features: objects in the order in which they come first, views
/// as well. Throws InputError for other shapes, a size of 0 or beyond N, sizes for other than all objects,
/// values that are not finite, or beyond 1e100.
ViewSets read_view_sets(const std::filesystem::path& path, const std::filesystem::path& sizes = {});

struct Targets {
  data::RowMatrix values = {}; ///< [object][output]
  int rows = 0, columns = 0;
};

/// NPY (objects, outputs) or (objects, rows, columns); or CSV, a row an object, with a column object where
/// the sets are a table. Throws InputError unless there is one for each object, finite, at most 1e100, and
/// within 0 and 1 where binary.
Targets read_targets(const std::filesystem::path& path, const ViewSets& sets, bool binary);

/// These sets, in this order.
ViewSets select_sets(const ViewSets& sets, std::span<const std::size_t> chosen);

/// The views of every set in random order, by the stream "order of views".
ViewSets shuffled_views(const ViewSets& sets, std::uint64_t seed);

/// Where a training takes its sets from: afresh at each call, at most `most` different views of an object,
/// row by row; it returns how many, at least 1. Called from several threads at once.
struct SetSource {
  std::size_t objects = 0;
  Index features = 0, most = 0; ///< most: views that the largest set has
  std::function<Index(std::size_t object, Index most, RandomStream& random, float* rows)> draw = {};
};

/// Views drawn without replacement. Refers to the sets.
SetSource source_of(const ViewSets& sets);

} // namespace raphson::optim::tools
