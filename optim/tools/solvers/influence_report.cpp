#include "optim/tools/solvers/influence_report.h"

#include "dsp/error.h"
#include "optim/engine/stopwatch.h"
#include "optim/nn/mlp_objective.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <set>

namespace raphson::optim::tools {
namespace {

using nn::RowNumbers;
using report::Cell;
using report::Table;
using report::ToolReport;

struct RowSet {
  const char* name;
  RowNumbers rows;
};

// Shares of rows by their loss, the last decades of which are 1e-4 and 10.
report::Series histogram(const std::string& name, const Vector& losses) {
  constexpr int bins = 25; // five a decade
  std::vector<double> shares(bins, 0);
  for (const double loss : losses) {
    const int bin = static_cast<int>(std::floor((std::log10(std::max(loss, 1e-4)) + 4) * 5));
    shares[static_cast<std::size_t>(std::clamp(bin, 0, bins - 1))] +=
        1.0 / static_cast<double>(losses.size());
  }
  report::Series series{name, {}, {}, {}};
  for (int k = 0; k < bins; ++k) {
    for (const int edge : {k, k + 1}) { // steps
      series.x.push_back(std::pow(10, edge / 5.0 - 4));
      series.y.push_back(shares[static_cast<std::size_t>(k)]);
    }
  }
  return series;
}

class Judge {
public:
  Judge(const InfluenceRequest& request, const RowNumbers& remaining)
      : r_(request), sets_{{"forgotten", request.forgotten},
                           {"remaining", remaining},
                           {"held out", request.trained.held_out}} {}

  void add(const char* network, const Vector& theta) {
    std::vector<Cell> cells{network};
    report::Plot plot{network, {"Loss of a row", "nats", report::Scale::logarithmic}, {"Share of rows"}, {}};
    Vector forgotten, held_out;
    for (const RowSet& set : sets_) {
      if (set.rows.empty()) {
        cells.insert(cells.end(), {Cell(""), Cell("")});
        continue;
      }
      const auto seen = nn::classified(r_.model.mlp, theta, r_.model.dataset, set.rows);
      cells.insert(cells.end(), {Cell::fixed(seen.accuracy, 3), seen.loss});
      plot.series.push_back(histogram(set.name, seen.losses));
      if (&set == &sets_[0]) forgotten = seen.losses;
      if (&set == &sets_[2]) held_out = seen.losses;
    }
    const bool both = forgotten.size() > 0 && held_out.size() > 0;
    cells.push_back(both ? Cell::fixed(nn::membership_auc(forgotten, held_out), 3) : Cell(""));
    table.rows.push_back(std::move(cells));
    plots.push_back(std::move(plot));
  }
  data::RowMatrix says_of_forgotten(const Vector& theta) const {
    return nn::classified(r_.model.mlp, theta, r_.model.dataset, sets_[0].rows).probabilities;
  }

  Table table{{{"network"},
               {"forgotten: accuracy"},
               {"forgotten: loss"},
               {"remaining: accuracy"},
               {"remaining: loss"},
               {"held out: accuracy"},
               {"held out: loss"},
               {"membership AUC"}},
              {}};
  std::vector<report::Plot> plots;

private:
  const InfluenceRequest& r_;
  RowSet sets_[3];
};

void compare(const InfluenceRequest& r, const RowNumbers& remaining, const Vector& after, Judge& judge,
             ToolReport& out) {
  const Vector start = r.model.layout.initial(r.trained.training.seed);
  const auto progress = [&](int epoch) {
    if (r.say) r.say("training without the rows, to compare: epoch " + std::to_string(epoch));
  };
  const Vector retrained =
      train_restricted(r.model, remaining, r.trained.held_out, start, r.trained.training, progress)
          .parameters;
  judge.add("retrained without", retrained);
  const data::RowMatrix gold = judge.says_of_forgotten(retrained);
  const auto distance = [&](const Vector& theta) {
    return nn::mean_total_variation(judge.says_of_forgotten(theta), gold);
  };
  out.values.push_back(
      {"distance to the retrained network's predictions, before", distance(r.trained.network.parameters)});
  out.values.push_back({"distance to the retrained network's predictions, after", distance(after)});
}

void warn(const InfluenceRequest& r, const InfluenceForgetting& f, const RowNumbers& remaining,
          ToolReport& out) {
  if (f.g.norm() == 0 && !r.forgotten.empty())
    out.warnings.push_back("both gradients together are 0: there is no step to take");
  if (!f.reached && f.g.norm() > 0)
    out.warnings.push_back("the goal, a loss of " + Cell(*r.options.until).text
                           + ", is not reached with a step of " + Cell(f.eta).text + "; the loss reached is "
                           + Cell(f.loss_after).text);
  if (r.options.until && f.reached && f.eta == 0)
    out.warnings.push_back("the loss of these rows is at the goal already: nothing was changed");
  const std::size_t twins = duplicates_of(r.model.dataset, r.forgotten, remaining);
  if (twins > 0)
    out.warnings.push_back(
        std::to_string(twins)
        + " of the remaining rows are duplicates of forgotten ones: what they teach stays");
}

} // namespace

RowNumbers rows_less(const RowNumbers& rows, const RowNumbers& removed) {
  RowNumbers rest;
  std::set_difference(rows.begin(), rows.end(), removed.begin(), removed.end(), std::back_inserter(rest));
  return rest;
}

RowNumbers trained_rows(const InfluenceModel& model) {
  RowNumbers rows(model.rows);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows_less(rows_less(rows, model.held_out), model.forgotten);
}

std::size_t duplicates_of(const data::Dataset& dataset, const RowNumbers& forgotten,
                          const RowNumbers& remaining) {
  const auto key = [&](std::size_t row) {
    const auto features = dataset.features.row(static_cast<Index>(row));
    std::vector<double> values(features.begin(), features.end());
    if (!dataset.labels.empty()) values.push_back(dataset.labels[row]);
    return values;
  };
  std::set<std::vector<double>> gone;
  for (const std::size_t row : forgotten) gone.insert(key(row));
  return static_cast<std::size_t>(
      std::count_if(remaining.begin(), remaining.end(), [&](auto row) { return gone.contains(key(row)); }));
}

double unseen_loss(const nn::RowModel& model, const InfluenceModel& trained) {
  if (trained.held_out.empty())
    throw InputError(
        "--until unseen: the model was trained without held-out rows; train --held-out 0.2 keeps "
        "some, or give a loss");
  return nn::classified(model.mlp, trained.network.parameters, model.dataset, trained.held_out).loss;
}

ToolReport report_influence(const InfluenceRequest& r, Vector& theta) {
  const RowNumbers remaining = rows_less(trained_rows(r.trained), r.forgotten);
  const auto objective = nn::mlp_objective<double>(r.model.layout, r.model.mlp, r.model.dataset);
  if (r.say) r.say("forgetting");
  const Stopwatch stopwatch;
  const auto forgetting =
      forget_by_influence(objective, r.trained.network.parameters, r.forgotten, remaining, r.options);
  const double seconds = stopwatch.seconds();
  theta = forgetting.theta;
  ToolReport out;
  out.values = {{"rows forgotten", r.forgotten.size()},
                {"rows that remain", remaining.size()},
                {"step eta", forgetting.eta},
                {"loss of the forgotten rows, before", forgetting.loss_before},
                {"loss of the forgotten rows, after", forgetting.loss_after},
                {"rows that gradients were taken of", forgetting.gradient_rows},
                {"losses of the search", forgetting.searches},
                {"milliseconds", 1e3 * seconds}};
  warn(r, forgetting, remaining, out);
  Judge judge(r, remaining);
  judge.add("before", r.trained.network.parameters);
  judge.add("after", theta);
  if (r.compare && !r.forgotten.empty()) compare(r, remaining, theta, judge, out);
  out.tables.push_back({"networks", "Before and after", judge.table});
  const int height = 80 + 200 * static_cast<int>(judge.plots.size());
  out.figures.push_back({"losses", {judge.plots, {880, height}, "Losses of the three sets of rows"}});
  return out;
}

} // namespace raphson::optim::tools
