#include "optim/tools/solvers/goracs_demo.h"

#include "optim/data/digits.h"
#include "optim/data/image_transforms.h"
#include "optim/engine/parallel.h"
#include "optim/engine/pca.h"
#include "optim/engine/random.h"
#include "optim/tools/solvers/goracs_classifier.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace raphson::optim::tools {
namespace {

using report::at_most;
using report::Cell;
using report::Table;
using report::ToolReport;

constexpr int pool_size = 1500, validation_size = 200, test_size = 3000, coreset_size = 80, starts = 3;

struct Case {
  data::Dataset pool, validation, test;
  CostMatrix pool_embedding, validation_embedding;
  Vector gradient_norms;
  GoracsClasses classes;
};

std::vector<std::size_t> first(std::size_t count) {
  std::vector<std::size_t> rows(count);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

// Digits come in random order, so that the first 60 % are as good as any.
Case make_case(std::uint64_t seed, bool shifted, int tests) {
  const auto all =
      data::pool(data::digits(static_cast<std::size_t>(pool_size + validation_size + tests), seed), 7, 7);
  Case c{data::slice_rows(all, 0, pool_size),
         data::slice_rows(all, pool_size, validation_size),
         data::slice_rows(all, pool_size + validation_size, static_cast<std::size_t>(tests)),
         {},
         {},
         {},
         {}};
  if (shifted) data::rotate_quarters(c.pool, first(pool_size * 6 / 10));
  const auto axes = principal_axes(c.pool.features, 20);
  c.pool_embedding = axes.project(c.pool.features);
  c.validation_embedding = axes.project(c.validation.features);
  const SmallClassifier classifier(c.pool.features.cols(), 32, 10);
  const Vector before = classifier.train(c.pool, first(pool_size), {.steps = 100}, seed);
  c.gradient_norms = classifier.gradient_norms(before, c.pool);
  c.classes = {c.pool.labels, c.validation.labels, c.pool.class_names};
  return c;
}

Rows random_rows(int count, int n, RandomStream& random) {
  Rows rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), 0);
  random.shuffle(rows);
  rows.resize(static_cast<std::size_t>(n));
  return rows;
}

// As many of each class as GORACS takes, at random.
Rows stratified(const GoracsClasses& classes, int n, RandomStream& random) {
  std::vector<int> counts(classes.names.size());
  for (const int label : classes.validation) ++counts[static_cast<std::size_t>(label)];
  auto left = largest_remainders(n, counts);
  Rows rows;
  for (const int i : random_rows(pool_size, pool_size, random)) {
    if (left[static_cast<std::size_t>(classes.pool[static_cast<std::size_t>(i)])]-- > 0) rows.push_back(i);
  }
  return rows;
}

struct Arm {
  const char* name;
  Rows rows;
  double j = 0, loss = 0; // test loss, mean over starts
};

struct Study {
  std::vector<Arm> arms;
  GoracsByClass selection;
  const Arm& operator[](const std::string& name) const {
    return *std::find_if(arms.begin(), arms.end(), [&](const Arm& arm) { return arm.name == name; });
  }
};

Study choose(const Case& c, std::uint64_t seed) {
  const CostMatrix cost = goracs_costs(c.pool_embedding, c.validation_embedding, c.gradient_norms, 0.1);
  const CostMatrix plain = goracs_costs(c.pool_embedding, c.validation_embedding, {}, 0);
  const GoracsOptions options{.candidates = 3};
  RandomStream random(seed, "goracs demo");
  Study study;
  study.selection = goracs_by_class(cost, c.classes, coreset_size, options);
  study.arms = {
      {"GORACS", study.selection.rows},
      {"GORACS, greedy only",
       goracs_by_class(cost, c.classes, coreset_size, {.exchanges = 0, .candidates = 3}).rows},
      {"GORACS, lambda 0", goracs_by_class(plain, c.classes, coreset_size, options).rows},
      {"random", random_rows(pool_size, coreset_size, random)},
      {"stratified", stratified(c.classes, coreset_size, random)},
      {"k-centre", k_centre(c.pool_embedding, coreset_size)},
      {"largest gradients", lowest(-c.gradient_norms, coreset_size)},
      {"nearest", lowest(plain.rowwise().mean(), coreset_size)},
      {"whole pool", random_rows(pool_size, pool_size, random)},
  };
  for (Arm& arm : study.arms) arm.j = goracs_objective(cost, arm.rows);
  return study;
}

void train_on(const Case& c, Study& study, std::uint64_t seed, std::size_t threads) {
  const SmallClassifier classifier(c.pool.features.cols(), 32, 10);
  std::vector<double> losses(study.arms.size() * starts);
  parallel_for(losses.size(), threads, [&](std::size_t index, std::size_t) {
    const Rows& rows = study.arms[index / starts].rows;
    const std::vector<std::size_t> examples(rows.begin(), rows.end());
    losses[index] =
        classifier.loss(classifier.train(c.pool, examples, {}, 100 * seed + index % starts), c.test);
  });
  for (std::size_t k = 0; k < losses.size(); ++k) study.arms[k / starts].loss += losses[k] / starts;
}

double best_of(const Study& study, const std::vector<std::string>& names) {
  double best = INFINITY;
  for (const auto& name : names) best = std::min(best, study[name].loss);
  return best;
}

void add_claims(const Study& study, bool shifted, const std::string& at, ToolReport& report) {
  const double ours = study["GORACS"].loss;
  if (shifted) {
    report.claims.push_back(at_most(
        "test loss, GORACS / best of the other selections" + at,
        ours / best_of(study, {"random", "stratified", "k-centre", "largest gradients", "nearest"}), 0.75));
    report.claims.push_back(
        at_most("test loss, GORACS / whole pool" + at, ours / study["whole pool"].loss, 0.85));
  } else {
    report.claims.push_back(at_most("test loss, GORACS / best of stratified, random and k-centre" + at,
                                    ours / best_of(study, {"stratified", "random", "k-centre"}), 0.97));
  }
  double worst_change = -INFINITY, best_change = INFINITY;
  for (const auto& [label, selection] : study.selection.classes) {
    worst_change = std::max(worst_change, selection.refined - selection.greedy);
    best_change = std::min(best_change, selection.refined - selection.greedy);
  }
  report.claims.push_back(
      at_most("J after refinement less J after greedy, worst class" + at, worst_change, 0));
  report.claims.push_back(at_most("the same, best class" + at, best_change, -1e-9));
}

report::Plot map_of(const Case& c, const Rows& chosen) {
  const auto points = [](const CostMatrix& rows, const std::string& name, report::Style style) {
    report::Series series{name, {}, {}, style};
    for (const auto& row : rows.rowwise()) {
      series.x.push_back(row[0]);
      series.y.push_back(row[1]);
    }
    return series;
  };
  using report::Colour;
  using report::Mark;
  return {"",
          {"First principal axis"},
          {"Second"},
          {points(c.pool_embedding, "pool", {.mark = Mark::markers, .colour = Colour::neutral, .width = 3}),
           points(c.validation_embedding, "validation",
                  {.mark = Mark::markers, .colour = Colour::orange, .width = 4}),
           points(c.pool_embedding(chosen, Eigen::all), "chosen",
                  {.mark = Mark::markers, .colour = Colour::blue, .width = 6})}};
}

} // namespace

Rows k_centre(const CostMatrix& embedding, int n) {
  Vector away = (embedding.rowwise() - embedding.colwise().mean()).rowwise().norm();
  Eigen::Index next = 0;
  away.minCoeff(&next);
  away.setConstant(INFINITY);
  Rows rows;
  while (static_cast<int>(rows.size()) < n) {
    rows.push_back(static_cast<int>(next));
    away = away.cwiseMin((embedding.rowwise() - embedding.row(next)).rowwise().norm());
    away.maxCoeff(&next);
  }
  return rows;
}

Rows lowest(const Vector& scores, int n) {
  Rows rows(static_cast<std::size_t>(scores.size()));
  std::iota(rows.begin(), rows.end(), 0);
  std::stable_sort(rows.begin(), rows.end(), [&](int a, int b) { return scores[a] < scores[b]; });
  rows.resize(static_cast<std::size_t>(n));
  return rows;
}

ToolReport goracs_demo(const DemoOptions& options) {
  const Seeds seeds = options.seeds_or({1, 2, 3});
  const std::size_t threads = options.brief ? 1 : default_threads();
  ToolReport report{.title = "GORACS: 80 digits of 1,500 that stand for what is wanted"};
  report.paragraphs.push_back("A classifier is trained on 80 digits of a pool and tested on upright ones. In "
                              "the case shift 60 % of the pool "
                              "lie on their side; the 200 validation digits do not.");
  Table losses{{{"case"}, {"seed"}, {"chosen by"}, {"test loss"}, {"J"}}, {}};
  Table stages{
      {{"case"}, {"seed"}, {"class"}, {"rows"}, {"J, greedy"}, {"J, refined"}, {"exchanges"}, {"transports"}},
      {}};
  for (const bool shifted : {true, false}) {
    if (options.brief && !shifted) continue;
    const char* const name = shifted ? "shift" : "plain";
    for (const std::uint64_t seed : seeds) {
      options.say(std::string(name) + ", seed " + std::to_string(seed));
      const Case c = make_case(seed, shifted, options.brief ? 1000 : test_size);
      Study study = choose(c, seed);
      train_on(c, study, seed, threads);
      add_claims(study, shifted, std::string(", ") + name + ", seed " + std::to_string(seed), report);
      for (const Arm& arm : study.arms) {
        losses.rows.push_back({name, seed, arm.name, Cell::fixed(arm.loss, 3), Cell::fixed(arm.j, 4)});
      }
      for (const auto& [label, s] : study.selection.classes) {
        stages.rows.push_back({name, seed, label, s.rows.size(), Cell::fixed(s.greedy, 4),
                               Cell::fixed(s.refined, 4), s.exchanges, s.transports});
      }
      if (seed == seeds.front()) {
        report.figures.push_back({std::string("map-") + name,
                                  {{map_of(c, study.selection.rows)},
                                   {640, 480},
                                   std::string("Pool, validation rows and the 80 chosen, case ") + name}});
      }
    }
  }
  report.tables.push_back(
      {"test-loss",
       "Mean cross-entropy on test digits, of three starts. J of a selection is that over all "
       "classes together.",
       losses});
  report.tables.push_back({"stages", "The two stages, class by class", stages});
  return report;
}

} // namespace raphson::optim::tools
