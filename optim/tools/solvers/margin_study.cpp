#include "optim/tools/solvers/margin_study.h"

#include "dsp/error.h"
#include "optim/data/split.h"
#include "optim/data/standardise.h"
#include "optim/engine/parallel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;

/// What one repeat says.
struct Repeat {
  Matrix errors; // [budget][strategy]
  Vector queried_a_bar, first_class_share;
  double pool_a_bar = 0, smallest_distance = 0;
  std::vector<double> pool_distances;
  std::vector<std::vector<double>> queried_distances;
  std::size_t pool_rows = 0, test_rows = 0;
  int redrawn = 0;
};

std::vector<double> at(const Vector& distances, const std::vector<std::size_t>& rows, std::size_t from) {
  std::vector<double> values;
  for (std::size_t k = from; k < rows.size(); ++k) values.push_back(distances[static_cast<Index>(rows[k])]);
  return values;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

Repeat run_repeat(const data::Dataset& table, const MarginStudyOptions& o, std::uint64_t seed) {
  const data::TrainingAndHeldOut parts =
      data::apply_split(table, data::split_by_class(table, o.test_share, seed));
  const LabelledPool pool{classifier_columns(parts.training.features, parts.training.features, o.scaling),
                          parts.training.labels, table.classes()};
  const Matrix test = classifier_columns(parts.held_out.features, parts.training.features, o.scaling);
  const PoolOrder order = draw_pool_order(pool, o.seed_size, seed);
  const Vector distances =
      LogisticClassifier(pool.x, pool.labels, pool.classes, o.oracle_lambda).distances(pool.x);

  const auto count = static_cast<Index>(o.strategies.size());
  Repeat r;
  r.errors.resize(static_cast<Index>(o.budgets.size()), count);
  r.queried_a_bar.resize(count);
  r.first_class_share.resize(count);
  for (Index s = 0; s < count; ++s) {
    const ReplayOptions options{o.strategies[static_cast<std::size_t>(s)], o.budgets, o.batch, o.mix,
                                o.lambda};
    const Replay played = replay(pool, order, options, distances, seed);
    for (std::size_t b = 0; b < o.budgets.size(); ++b)
      r.errors(static_cast<Index>(b), s) = played.classifiers[b].error(test, parts.held_out.labels);
    r.queried_distances.push_back(at(distances, played.labelled, o.seed_size));
    r.queried_a_bar[s] = mean_of(r.queried_distances.back());
    const auto firsts =
        std::count_if(played.labelled.begin() + static_cast<std::ptrdiff_t>(o.seed_size),
                      played.labelled.end(), [&](std::size_t row) { return pool.labels[row] == 0; });
    r.first_class_share[s] =
        static_cast<double>(firsts)
        / static_cast<double>(std::max<std::size_t>(played.labelled.size() - o.seed_size, 1));
  }
  r.pool_distances.assign(distances.begin(), distances.end());
  r.pool_a_bar = distances.mean();
  r.smallest_distance = distances.minCoeff();
  r.pool_rows = pool.size();
  r.test_rows = parts.held_out.size();
  r.redrawn = order.redrawn;
  return r;
}

void check(const data::Dataset& table, const MarginStudyOptions& o) {
  if (table.labels.empty())
    throw InputError(table.name + ": the rows have no classes; --target names the column that holds them");
  std::vector<int> rows(static_cast<std::size_t>(table.classes()), 0);
  for (const int label : table.labels) ++rows[static_cast<std::size_t>(label)];
  if (rows.size() < 2
      || std::count(rows.begin(), rows.end(), 0) > static_cast<std::ptrdiff_t>(rows.size()) - 2)
    throw InputError(table.name + ": there are fewer than two classes");
  for (std::size_t c = 0; c < rows.size(); ++c)
    if (rows[c] < 4)
      throw InputError(table.name + ": class " + table.class_names[c] + " has " + std::to_string(rows[c])
                       + " rows; pool and test need 2 each");
  if (!table.features.allFinite())
    for (Index i = 0; i < table.features.rows(); ++i)
      if (!table.features.row(i).allFinite())
        throw InputError(table.name + ": row " + std::to_string(i + 1)
                         + " has a cell that is no finite number");
  if (!(o.test_share > 0 && o.test_share < 1)) throw InputError("--test: it must lie between 0 and 1");
  if (o.repeats < 1) throw InputError("--repeats: at least 1 is needed");
  if (o.strategies.empty()) throw InputError("--strategies: at least one is needed");
}

} // namespace

const StrategyErrors& MarginStudy::of(LabellingStrategy strategy) const {
  for (const StrategyErrors& s : strategies)
    if (s.strategy == strategy) return s;
  throw std::out_of_range(name_of(strategy));
}

MarginStudy margin_study(const data::Dataset& table, const MarginStudyOptions& o) {
  check(table, o);
  const auto repeats = static_cast<std::size_t>(o.repeats);
  std::vector<Repeat> runs(repeats);
  std::size_t done = 0;
  parallel_for(repeats, o.threads, [&](std::size_t k, std::size_t thread) {
    runs[k] = run_repeat(table, o, o.seed + k);
    if (thread == 0 && o.progress)
      o.progress("repeat " + std::to_string(++done * std::min(o.threads, repeats)) + " of "
                 + std::to_string(repeats));
  });

  const auto budgets = static_cast<Index>(o.budgets.size());
  MarginStudy study;
  study.budgets = o.budgets;
  study.dimensions = table.features.cols() + 1;
  study.pool_rows = runs[0].pool_rows;
  study.test_rows = runs[0].test_rows;
  study.pool_distances = runs[0].pool_distances;
  study.queried_distances = runs[0].queried_distances;
  study.smallest_distance = runs[0].smallest_distance;
  for (const Repeat& r : runs) {
    study.redrawn += r.redrawn;
    study.pool_a_bar += r.pool_a_bar / static_cast<double>(repeats);
    study.smallest_distance = std::min(study.smallest_distance, r.smallest_distance);
  }
  for (Index s = 0; s < static_cast<Index>(o.strategies.size()); ++s) {
    StrategyErrors e{o.strategies[static_cast<std::size_t>(s)], Matrix(budgets, o.repeats), Vector(o.repeats),
                     Vector(o.repeats)};
    for (Index k = 0; k < o.repeats; ++k) {
      const Repeat& r = runs[static_cast<std::size_t>(k)];
      e.errors.col(k) = r.errors.col(s);
      e.queried_a_bar[k] = r.queried_a_bar[s];
      e.first_class_share[k] = r.first_class_share[s];
    }
    study.strategies.push_back(std::move(e));
  }
  return study;
}

namespace {

/// 0.975 quantile of Student's t: by table to 10 degrees of freedom, then by its expansion in 1/df
/// (Abramowitz & Stegun 26.7.5), right to 0.001.
double student_quantile(int df) {
  constexpr std::array<double, 10> table{12.706, 4.303, 3.182, 2.776, 2.571,
                                         2.447,  2.365, 2.306, 2.262, 2.228};
  if (df <= 10) return table[static_cast<std::size_t>(df - 1)];
  constexpr double x = 1.959964;
  return x + (x * x * x + x) / (4 * df) + (5 * std::pow(x, 5) + 16 * x * x * x + 3 * x) / (96.0 * df * df);
}

} // namespace

PairedDifference paired_difference(const Eigen::Ref<const Vector>& a, const Eigen::Ref<const Vector>& b) {
  const Vector d = a - b;
  const auto n = static_cast<double>(d.size());
  PairedDifference p;
  p.mean = d.mean();
  p.error = n > 1 ? std::sqrt((d.array() - p.mean).square().sum() / (n * (n - 1))) : 0;
  const double reach =
      n > 1 ? student_quantile(static_cast<int>(n) - 1) * p.error : std::numeric_limits<double>::infinity();
  p.low = p.mean - reach;
  p.high = p.mean + reach;
  p.share_below = static_cast<double>((a.array() < b.array()).count()) / n;
  return p;
}

namespace {

void check_selection(const data::Dataset& labelled, const data::RowMatrix& pool, std::size_t count) {
  std::vector<int> rows(static_cast<std::size_t>(labelled.classes()), 0);
  for (const int label : labelled.labels) ++rows[static_cast<std::size_t>(label)];
  if (rows.size() < 2) throw InputError(labelled.name + ": the labelled rows hold fewer than two classes");
  for (std::size_t c = 0; c < rows.size(); ++c)
    if (rows[c] < 2)
      throw InputError(labelled.name + ": class " + labelled.class_names[c] + " has "
                       + std::to_string(rows[c]) + " labelled rows; at least 2 are needed");
  if (pool.cols() != labelled.features.cols())
    throw InputError("the pool has " + std::to_string(pool.cols()) + " columns, " + labelled.name + " has "
                     + std::to_string(labelled.features.cols()));
  if (!pool.allFinite() || !labelled.features.allFinite())
    throw InputError("a cell of the pool or of " + labelled.name + " is no finite number");
  if (count < 1 || count > static_cast<std::size_t>(pool.rows()))
    throw InputError("--count: " + std::to_string(count) + " does not suit a pool of "
                     + std::to_string(pool.rows()) + " rows");
}

/// Margin against passive on the labelled rows, from a seed set of a quarter of them to half of them, so that
/// there is something left to ask for and to choose from.
void replay_labelled(const data::Dataset& labelled, MarginStudyOptions o, Selection& s) {
  const auto pool_rows = static_cast<std::size_t>((1 - o.test_share) * static_cast<double>(labelled.size()));
  o.strategies = {LabellingStrategy::passive, LabellingStrategy::margin};
  o.seed_size = std::max<std::size_t>(pool_rows / 4, 2 * static_cast<std::size_t>(labelled.classes()));
  s.replayed_seed_size = o.seed_size;
  s.replayed_budget = std::max(pool_rows / 2, o.seed_size + 1);
  o.budgets = {s.replayed_budget};
  o.batch = std::max<std::size_t>(1, (s.replayed_budget - o.seed_size) / 4);
  const MarginStudy study = margin_study(labelled, o);
  s.replayed = paired_difference(study.of(LabellingStrategy::margin).errors.row(0).transpose(),
                                 study.of(LabellingStrategy::passive).errors.row(0).transpose());
  s.margin = s.replayed.mean < -s.replayed.error && s.replayed.mean < 0;
}

} // namespace

Selection select_to_label(const data::Dataset& labelled, const data::RowMatrix& pool, std::size_t count,
                          SelectionRule rule, const MarginStudyOptions& o) {
  check_selection(labelled, pool, count);
  Selection s;
  s.margin = rule == SelectionRule::margin;
  if (rule == SelectionRule::automatic) replay_labelled(labelled, o, s);

  data::RowMatrix everything(labelled.features.rows() + pool.rows(), pool.cols());
  everything << labelled.features, pool;
  LabelledPool all{classifier_columns(everything, everything, o.scaling), labelled.labels,
                   labelled.classes()};
  all.labels.resize(static_cast<std::size_t>(everything.rows()), 0); // of pool rows: never looked at
  PoolOrder order;
  for (std::size_t k = 0; k < all.size(); ++k)
    (k < labelled.size() ? order.seed_set : order.others).push_back(k);
  RandomStream random(o.seed, "margin pool order");
  random.shuffle(order.others);

  const LogisticClassifier classifier(all.x.topRows(labelled.features.rows()), labelled.labels,
                                      labelled.classes(), o.lambda);
  s.distances = classifier.distances(all.x.bottomRows(pool.rows()));
  Vector padded(all.x.rows());
  padded << Vector::Zero(labelled.features.rows()), s.distances;
  const auto rows = choose_rows(order, padded, count,
                                rule == SelectionRule::mixed ? o.mix
                                : s.margin                   ? 0.0
                                                             : 1.0,
                                o.seed);
  for (const std::size_t row : rows) s.rows.push_back(row - labelled.size());
  return s;
}

Matrix classifier_columns(const data::RowMatrix& features, const data::RowMatrix& reference,
                          PoolScaling scaling) {
  data::RowMatrix scaled = features;
  if (scaling == PoolScaling::centre) data::centring_of(reference).apply(scaled);
  if (scaling == PoolScaling::standardise) data::standardisation_of(reference).apply(scaled);
  Matrix x(features.rows(), features.cols() + 1);
  x << scaled, Vector::Ones(features.rows());
  return x;
}

} // namespace raphson::optim::tools
