#include "optim/tools/solvers/free_lunch_bootstrap_demo.h"

#include "optim/data/audio_features.h"
#include "optim/data/standardise.h"
#include "optim/report/text.h"
#include "optim/tools/solvers/row_models.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;
using report::at_least;
using report::at_most;
using report::Cell;
using report::format_significant;

struct Table {
  Matrix x;
  Vector y;
};

/// Intercept and normal regressors, one of them exponential where there are five.
Table logit_table(Index n, const Vector& theta, RandomStream& random) {
  Table t{Matrix(n, theta.size()), Vector(n)};
  for (Index i = 0; i < n; ++i) {
    t.x(i, 0) = 1;
    for (Index j = 1; j < theta.size(); ++j)
      t.x(i, j) = j == 5 ? -std::log(1 - random.uniform()) : random.normal();
    t.y[i] = random.uniform() < glm_mean(GlmFamily::logistic, t.x.row(i).dot(theta));
  }
  return t;
}

/// y = 1 + 2 x + 1.5 |x| noise.
Table heteroskedastic_line(Index n, RandomStream& random) {
  Table t{Matrix(n, 2), Vector(n)};
  for (Index i = 0; i < n; ++i) {
    const double x = random.normal();
    t.x.row(i) << 1, x;
    t.y[i] = 1 + 2 * x + 1.5 * std::abs(x) * random.normal();
  }
  return t;
}

struct Cells {
  double gamma;
  Index batch; // 0: n
  const char* name;
};

void against_full_bootstrap(const DemoOptions& options, report::ToolReport& report) {
  const Vector theta{{.3, .8, -.5, 0, .4, -1}};
  const Index n = 1000;
  std::vector<Cells> cells{{.1, 0, ".1, n"}, {.3, 0, ".3, n"}, {1, 0, "1, n"}, {.3, n / 5, ".3, n/5"}};
  const Seeds seeds = options.seeds_or({1, 2, 3});
  if (options.brief) cells.erase(cells.begin());
  const int draws = options.brief ? 3000 : 5000, resamples = options.brief ? 600 : 1000;
  report::Table table{{{"seed"},
                       {"gamma, m"},
                       {"se ratio, mean"},
                       {"least"},
                       {"largest"},
                       {"raw ratio"},
                       {"autocorrelation"},
                       {"expected"},
                       {"|estimate - minimum| / se"},
                       {"derivatives"}},
                      {}};
  std::vector<double> cell_means(cells.size(), 0), raw_means(cells.size(), 0);
  double least = 1, largest = 1, bias = 0;
  for (const std::uint64_t seed : seeds) {
    RandomStream random(seed, "free-lunch logit");
    const Table t = logit_table(n, theta, random);
    const GlmObjective glm(t.x, t.y, {.family = GlmFamily::logistic});
    const RowObjective rows = row_objective(glm);
    options.say("full bootstrap, seed " + std::to_string(seed));
    const FullFit fit = fit_rows(rows, Vector::Zero(6), Vector::Ones(n));
    const FullBootstrap full = full_bootstrap(rows, fit.theta, resamples, {}, seed);
    for (std::size_t c = 0; c < cells.size(); ++c) {
      options.say(std::string("gamma, m: ") + cells[c].name);
      FreeLunchOptions o;
      o.gamma = cells[c].gamma;
      o.batch = cells[c].batch;
      o.draws = draws;
      o.seed = seed;
      const FreeLunchResult r = free_lunch_bootstrap(rows, Vector::Zero(6), o);
      const Vector ratio = r.standard_error.cwiseQuotient(full.standard_error);
      const double off = (r.estimate - fit.theta).cwiseQuotient(full.standard_error).cwiseAbs().maxCoeff();
      cell_means[c] += ratio.mean() / static_cast<double>(seeds.size());
      raw_means[c] += ratio.mean() / r.scale / static_cast<double>(seeds.size());
      least = std::min(least, ratio.minCoeff());
      largest = std::max(largest, ratio.maxCoeff());
      bias = std::max(bias, off);
      table.rows.push_back({static_cast<long>(seed), cells[c].name, ratio.mean(), ratio.minCoeff(),
                            ratio.maxCoeff(), ratio.mean() / r.scale, r.autocorrelation.mean(),
                            1 - cells[c].gamma, off, r.evaluations});
    }
    table.rows.push_back(
        {static_cast<long>(seed), "full bootstrap", 1, "-", "-", "-", "-", "-", "-", full.evaluations});
  }
  report.tables.push_back({"logit",
                           "Standard errors of a logit of 1,000 rows over those of a full bootstrap of "
                               + std::to_string(resamples)
                               + " refits; derivatives: evaluations of "
                                 "gradient with Hessian, for "
                               + std::to_string(draws) + " draws",
                           table});
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const std::string name =
        std::string("se ratio at (") + cells[c].name + "), mean over parameters and seeds";
    report.claims.push_back(at_least(name, cell_means[c], 0.93));
    report.claims.push_back(at_most(name, cell_means[c], 1.07));
    const bool tenth = cells[c].gamma == .1, standard = cells[c].gamma == .3 && cells[c].batch == 0;
    if (tenth || standard)
      report.claims.push_back(
          at_most("raw ratio at (" + std::string(cells[c].name) + ") off " + (tenth ? ".23" : ".42"),
                  std::abs(raw_means[c] - (tenth ? .23 : .42)), tenth ? .03 : .04));
  }
  report.claims.push_back(at_least("se ratio, the least", least, 0.82));
  report.claims.push_back(at_most("se ratio, the largest", largest, 1.18));
  report.claims.push_back(at_most("|estimate - minimum| / se, the largest", bias, 0.25));
}

void coverage(const DemoOptions& options, report::ToolReport& report) {
  const Vector theta{{.3, .8, -.5, .4}};
  constexpr int repetitions = 200;
  double covered = 0, unscaled = 0;
  for (int k = 0; k < repetitions; ++k) {
    if (k % 10 == 0) options.say("coverage, repetition " + std::to_string(k));
    RandomStream random(static_cast<std::uint64_t>(k + 1), "free-lunch coverage");
    const Table t = logit_table(400, theta, random);
    const GlmObjective glm(t.x, t.y, {.family = GlmFamily::logistic});
    FreeLunchOptions o;
    o.draws = 1000;
    o.seed = static_cast<std::uint64_t>(k + 1);
    const FreeLunchResult r = free_lunch_bootstrap(row_objective(glm), Vector::Zero(4), o);
    for (Index j = 0; j < 4; ++j) {
      covered += theta[j] >= r.low[j] && theta[j] <= r.high[j];
      const double low = r.estimate[j] + (r.low[j] - r.estimate[j]) / r.scale;
      const double high = r.estimate[j] + (r.high[j] - r.estimate[j]) / r.scale;
      unscaled += theta[j] >= low && theta[j] <= high;
    }
  }
  covered /= 4 * repetitions;
  report.values.emplace_back("coverage of 95% intervals, logit of 400 rows", covered);
  report.values.emplace_back("coverage of the draws without their scale", unscaled / (4 * repetitions));
  report.claims.push_back(at_least("coverage of 95% intervals, logit", covered, 0.92));
  report.claims.push_back(at_most("coverage of 95% intervals, logit", covered, 0.975));
}

void heteroskedastic(const DemoOptions& options, report::ToolReport& report) {
  constexpr int repetitions = 200;
  double covered = 0, classical = 0;
  for (int k = 0; k < repetitions; ++k) {
    if (k % 10 == 0) options.say("heteroskedastic line, repetition " + std::to_string(k));
    RandomStream random(static_cast<std::uint64_t>(k + 1), "free-lunch line");
    const Table t = heteroskedastic_line(300, random);
    const GlmObjective glm(t.x, t.y, {.family = GlmFamily::linear});
    const RowObjective rows = row_objective(glm);
    FreeLunchOptions o;
    o.draws = 1000;
    o.seed = static_cast<std::uint64_t>(k + 1);
    const FreeLunchResult r = free_lunch_bootstrap(rows, Vector::Zero(2), o);
    covered += r.low[1] <= 2 && 2 <= r.high[1];
    const double dispersion = (t.y - t.x * r.minimum).squaredNorm() / 298;
    const double se = classical_standard_errors(rows, r.minimum, dispersion)[1];
    classical += std::abs(r.minimum[1] - 2) <= 1.96 * se;
  }
  report.values.emplace_back("heteroskedastic slope, coverage by the draws", covered / repetitions);
  report.values.emplace_back("heteroskedastic slope, coverage by classical se", classical / repetitions);
  report.claims.push_back(
      at_least("heteroskedastic slope, coverage by the draws", covered / repetitions, 0.9));
  report.claims.push_back(
      at_most("heteroskedastic slope, coverage by classical se", classical / repetitions, 0.82));
}

/// Two speakers told apart by five figures of each clip; clips of a digit and of five takes in a row belong
/// together.
void speakers(const DemoOptions& options, report::ToolReport& report) {
  options.say("spoken digits");
  const std::vector<data::Clip> clips = data::spoken_digits({.speakers = {"george", "lucas"}});
  data::Dataset features = data::simple_features(clips);
  data::standardise(features);
  Table t{Matrix(features.features.rows(), features.features.cols() + 1), Vector(features.features.rows())};
  t.x << Vector::Ones(t.x.rows()), features.features;
  ResamplingUnits units;
  for (std::size_t i = 0; i < clips.size(); ++i) {
    t.y[static_cast<Index>(i)] = clips[i].group == "lucas";
    units.cluster.push_back(std::stoi(clips[i].label) * 9 + clips[i].take / 5);
  }
  std::vector<std::string> names{"intercept"};
  names.insert(names.end(), features.feature_names.begin(), features.feature_names.end());
  const GlmObjective glm(t.x, t.y, {.family = GlmFamily::logistic});
  const RowObjective rows = row_objective(glm);
  FreeLunchOptions o;
  o.draws = options.brief ? 2000 : 5000;
  o.units = units;
  const FreeLunchResult r = free_lunch_bootstrap(rows, Vector::Zero(t.x.cols()), o);
  const FullBootstrap full = full_bootstrap(rows, r.minimum, 1000, units, 1);
  const Vector sandwich = sandwich_standard_errors(rows, r.minimum, units);
  const Vector classical = classical_standard_errors(rows, r.minimum, 1);
  report::Table table{{{"feature"},
                       {"estimate"},
                       {"se"},
                       {"95% from"},
                       {"to"},
                       {"cluster bootstrap"},
                       {"cluster sandwich"},
                       {"classical"}},
                      {}};
  for (Index j = 0; j < r.estimate.size(); ++j)
    table.rows.push_back({names[static_cast<std::size_t>(j)], r.estimate[j], r.standard_error[j], r.low[j],
                          r.high[j], full.standard_error[j], sandwich[j], classical[j]});
  report.tables.push_back({"speakers",
                           "Which of two speakers said a digit: logit on standardised features of "
                               + std::to_string(clips.size()) + " clips, 90 clusters",
                           table});
  report.claims.push_back(
      at_most("spoken digits: |se / cluster bootstrap - 1|, the largest",
              (r.standard_error.cwiseQuotient(full.standard_error).array() - 1).abs().maxCoeff(), 0.12));
}

void gross_error(const DemoOptions& options, report::ToolReport& report) {
  options.say("a gross error");
  constexpr Index wrong = 57;
  RandomStream random(1, "free-lunch gross error");
  Table t{Matrix(200, 3), Vector(200)};
  for (Index i = 0; i < 200; ++i) {
    t.x.row(i) << 1, random.normal(), random.normal();
    t.y[i] = 1 + 0.5 * t.x(i, 1) - t.x(i, 2) + random.normal();
  }
  t.y[wrong] += 40;
  const GlmObjective glm(t.x, t.y, {.family = GlmFamily::linear});
  FreeLunchOptions o;
  o.draws = options.brief ? 2000 : 5000;
  const FreeLunchResult r = free_lunch_bootstrap(row_objective(glm), Vector::Zero(3), o);
  const std::vector<Index> order = r.by_influence();
  const Vector largest = r.correlation.cwiseAbs().rowwise().maxCoeff();
  report.values.emplace_back("gross error: |correlation| of its row", largest[wrong]);
  report.values.emplace_back("gross error: |correlation| of the next row", largest[order[1]]);
  report.claims.push_back(
      at_most("gross error: place of its row by influence",
              static_cast<double>(std::find(order.begin(), order.end(), wrong) - order.begin() + 1), 1));
  report.claims.push_back(at_least("gross error: rows flagged", static_cast<double>(r.flagged.size()), 1));
  report.claims.push_back(at_most("gross error: rows flagged", static_cast<double>(r.flagged.size()), 1));
  report::Series markers{"", {}, {}, {.mark = report::Mark::markers, .width = 3}};
  for (Index i = 0; i < 200; ++i) {
    markers.x.push_back(static_cast<double>(i + 1));
    markers.y.push_back(largest[i]);
  }
  report.figures.push_back(
      {"influence",
       {{{"", {"row", "", report::Scale::count}, {"|correlation|", "", report::Scale::linear}, {markers}}},
        {880, 280},
        "Influence of each row on the estimates: one has an error of 40 in y"}});
}

} // namespace

report::ToolReport free_lunch_bootstrap_demo(const DemoOptions& options) {
  report::ToolReport report{.title = "A bootstrap from one Newton run"};
  against_full_bootstrap(options, report);
  if (!options.brief) {
    coverage(options, report);
    heteroskedastic(options, report);
  }
  speakers(options, report);
  gross_error(options, report);
  report.paragraphs.push_back("Newton's method on a fresh resample of the rows at every step settles into a "
                              "cloud around the minimum. "
                              "Scaled by what is known of its size, the cloud's spread is the bootstrap's "
                              "standard error, at any learning "
                              "rate and batch size, for one evaluation of gradient and Hessian a draw where "
                              "a refit takes several. Like "
                              "the bootstrap's it holds where the classical formula does not.");
  return report;
}

} // namespace raphson::optim::tools
