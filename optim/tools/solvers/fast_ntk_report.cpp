#include "optim/tools/solvers/fast_ntk_report.h"

#include "optim/data/split.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace raphson::optim::tools {
namespace {

using report::Cell;
using report::Table;
using report::ToolReport;

std::vector<std::size_t> first_rows(std::size_t count) {
  std::vector<std::size_t> rows(count);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

Cell share(double value) { return std::isnan(value) ? Cell("") : Cell::fixed(value, 3); }

// Rows of accuracies, and losses on the forgotten rows.
struct Judge {
  const ForgettingReport& request;
  data::Dataset forgotten, remaining;
  Table table{{{"network"}, {"forgotten (accuracy)"}, {"remaining"}, {"held out"}, {"loss on forgotten"}},
              {}};

  explicit Judge(const ForgettingReport& r)
      : request(r), forgotten(data::select_rows(r.data, r.forgotten)),
        remaining(data::select_rows(r.data, rows_without(r.data.size(), r.forgotten))) {}

  double loss(const NormalisedNet& net) const {
    if (forgotten.size() == 0) return std::nan("");
    return tuning_loss(net, {forgotten.features, forgotten.labels, first_rows(forgotten.size())},
                       request.tuning.loss);
  }
  void add(const char* name, const NormalisedNet& net) {
    const auto of = [&](const data::Dataset& rows) {
      return rows.size() == 0 ? Cell("") : share(accuracy(outputs_of(net, rows.features), rows.labels));
    };
    table.rows.push_back({name, of(forgotten), of(remaining), of(request.held_out), loss(net)});
  }
};

// Steps of fine-tuning on all rows until the forgotten ones' loss is back; the options' steps at most.
std::string relearning(const Judge& judge, const NormalisedNet& from, double goal) {
  const ForgettingReport& r = judge.request;
  int steps = 0;
  const auto rows = first_rows(r.data.size());
  tune(from, r.origin, {r.data.features, r.data.labels, rows}, r.tuning, [&](int step, const Vector& w) {
    if (judge.loss(with_trained(from, r.tuning.trainable, w)) > goal) return true;
    steps = step;
    return false;
  });
  return steps > 0 ? std::to_string(steps) : "more than " + std::to_string(r.tuning.steps);
}

void compare(Judge& judge, const NormalisedNet& after, ToolReport& out) {
  const ForgettingReport& r = judge.request;
  if (r.say) r.say("fine-tuning without the rows, to compare");
  const auto rest = rows_without(r.data.size(), r.forgotten);
  const NormalisedNet start = with_trained(r.tuned, r.tuning.trainable, r.origin);
  const NormalisedNet retrained = with_trained(
      start, r.tuning.trainable, tune(start, r.origin, {r.data.features, r.data.labels, rest}, r.tuning));
  judge.add("retrained without the rows", retrained);
  const auto distance = [&](const NormalisedNet& net, const data::Dataset& rows) {
    return root_mean_square(outputs_of(net, rows.features) - outputs_of(retrained, rows.features));
  };
  Table table{{{"against the retrained network"}, {"before"}, {"after"}}, {}};
  if (judge.forgotten.size() > 0) {
    table.rows.push_back({"outputs on forgotten rows (rms)", distance(r.tuned, judge.forgotten),
                          distance(after, judge.forgotten)});
  }
  if (r.held_out.size() > 0) {
    table.rows.push_back(
        {"outputs on held-out rows (rms)", distance(r.tuned, r.held_out), distance(after, r.held_out)});
  }
  out.tables.push_back({"retraining", "Distance to fine-tuning without the rows", table});
  if (judge.forgotten.size() == 0) return;
  if (r.say) r.say("relearning, to compare");
  // A hundredth above: the tuning itself came to rest there.
  const double goal = judge.loss(r.tuned) * 1.01;
  out.values.push_back({"steps to relearn, after forgetting", relearning(judge, after, goal)});
  out.values.push_back({"steps to relearn, retrained", relearning(judge, retrained, goal)});
  out.figures.push_back(
      outputs_figure(r.data, r.forgotten, {{"before", r.tuned}, {"after", after}, {"retrained", retrained}}));
}

} // namespace

double root_mean_square(const data::RowMatrix& values) {
  return values.size() == 0 ? 0 : values.norm() / std::sqrt(static_cast<double>(values.size()));
}

report::NamedFigure outputs_figure(const data::Dataset& rows, std::span<const std::size_t> forgotten,
                                   const std::vector<std::pair<std::string, NormalisedNet>>& networks) {
  const data::Dataset of = data::select_rows(rows, forgotten);
  std::vector<std::size_t> order = first_rows(of.size());
  std::vector<double> number(order.size());
  std::iota(number.begin(), number.end(), 1.0);
  report::Plot plot{"", {"Forgotten row, by its output before"}, {"Output of the row's own class"}, {}};
  for (const auto& [name, net] : networks) {
    const data::RowMatrix y = outputs_of(net, of.features);
    const auto own = [&](std::size_t row) { return y(static_cast<Index>(row), of.labels[row]); };
    if (plot.series.empty())
      std::stable_sort(order.begin(), order.end(),
                       [&](std::size_t a, std::size_t b) { return own(a) > own(b); });
    report::Series series{name, number, {}, {.mark = report::Mark::markers, .width = 4}};
    for (const std::size_t row : order) series.y.push_back(own(row));
    plot.series.push_back(std::move(series));
  }
  return {"forgotten-outputs", {{plot}, {880, 340}, "What the networks say of the forgotten rows"}};
}

ToolReport report_forgetting(const ForgettingReport& r, NormalisedNet& result) {
  const auto rows = first_rows(r.data.size());
  const TuningRows data{r.data.features, r.data.labels, rows};
  if (r.say) r.say("forgetting");
  const auto forgetting = fast_ntk_forget(r.tuned, r.origin, data, r.forgotten, r.tuning, r.options);
  result = with_trained(r.tuned, r.tuning.trainable, forgetting.w);
  const NormalisedLayout layout(r.tuned.widths, r.tuning.trainable);
  const Vector point =
      r.options.point == LinearisationPoint::start ? r.origin : Vector(layout.part(r.tuned.parameters));
  const auto lines = static_cast<Index>(r.data.size()) * r.tuned.outputs();
  ToolReport out;
  out.values = {
      {"rows forgotten", r.forgotten.size()},
      {"rows", r.data.size()},
      {"trained parameters p", layout.size()},
      {"p / all parameters", static_cast<double>(layout.size()) / static_cast<double>(layout.all().size())},
      {"rows x outputs", lines},
      {"rank of the Jacobian", gram_rank(linear_model(r.tuned, r.origin, point, data, r.tuning).jacobian)},
      {"seconds of the Jacobian", forgetting.jacobian_seconds},
      {"seconds of the solve", forgetting.solve_seconds},
      {"side of the solve", forgetting.side == RidgeSide::rows ? "rows x outputs" : "parameters"},
      {"|delta|", forgetting.delta.norm()},
      {"scale of delta", forgetting.scale}};
  Judge judge(r);
  judge.add("before", r.tuned);
  judge.add("after", result);
  if (r.compare) {
    compare(judge, result, out);
  } else if (!r.forgotten.empty()) {
    out.figures.push_back(outputs_figure(r.data, r.forgotten, {{"before", r.tuned}, {"after", result}}));
  }
  out.tables.insert(out.tables.begin(), {"accuracy", "Before and after", judge.table});
  if (r.tuning.loss == TuningLoss::cross_entropy)
    out.warnings.push_back(
        "the network was tuned by cross-entropy: residuals are y - softmax at the point of "
        "linearisation, an approximation");
  return out;
}

} // namespace raphson::optim::tools
