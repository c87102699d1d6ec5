#include "optim/tools/solvers/source_report.h"

#include "dsp/error.h"
#include "optim/data/npy.h"
#include "optim/data/png_image.h"
#include "optim/data/split.h"
#include "optim/data/standardise.h"

#include <algorithm>
#include <numeric>
#include <set>

namespace raphson::optim::tools {
namespace {

using data::RowMatrix;
using report::Cell;
using report::Table;
using report::ToolReport;

constexpr std::size_t shown = 10; // rows a query

void check(const SourceInput& in) {
  const data::Dataset &a = in.training, &b = in.queries;
  if (a.features.cols() != b.features.cols())
    throw InputError(b.name + " has " + std::to_string(b.features.cols()) + " features, " + a.name + " has "
                     + std::to_string(a.features.cols()) + "; queries need the same columns");
  for (std::size_t k = 0; k < std::min(a.feature_names.size(), b.feature_names.size()); ++k)
    if (a.feature_names[k] != b.feature_names[k])
      throw InputError(b.name + ": column " + b.feature_names[k] + " stands where " + a.name + " has "
                       + a.feature_names[k] + "; queries need the same columns");
  if (a.labels.empty() && a.target.size() == 0)
    throw InputError(a.name + ": no target; name its column with --target, or a file with --labels");
  if (a.labels.empty() != b.labels.empty() || (b.labels.empty() && b.target.size() == 0))
    throw InputError(b.name + ": queries need a target of the same kind as the training rows");
  if (!a.labels.empty() && std::set<int>(a.labels.begin(), a.labels.end()).size() < 2)
    throw InputError(a.name + ": the target has one class alone, two at least are needed");
  if (a.labels.empty() && (a.target.array() == a.target[0]).all())
    throw InputError(a.name + ": the target is the same in every row");
  if (!(in.rate > 0)) throw InputError("--rate must be above 0");
  if (!(in.momentum >= 0 && in.momentum < 1)) throw InputError("--momentum must be in [0, 1)");
  if (!(in.weight_decay >= 0)) throw InputError("--weight-decay must be at least 0");
  if (in.hidden < 1) throw InputError("--hidden must be at least 1");
}

std::vector<nn::TrainingStage> stages_of(const SourceInput& in) {
  const std::size_t rows = in.training.size();
  std::vector<int> stage = in.stages.empty() ? std::vector<int>(rows, 1) : in.stages;
  const int last = *std::max_element(stage.begin(), stage.end());
  std::vector<nn::TrainingStage> stages(static_cast<std::size_t>(std::max(last, 1)));
  for (std::size_t row = 0; row < rows; ++row) {
    if (stage[row] < 1)
      throw InputError("--stage: row " + std::to_string(row + 1) + " has stage " + std::to_string(stage[row])
                       + "; stages are numbered from 1");
    stages[static_cast<std::size_t>(stage[row] - 1)].rows.push_back(row);
  }
  if (in.epochs.size() != 1 && in.epochs.size() != stages.size())
    throw InputError("--epochs: " + std::to_string(in.epochs.size()) + " numbers for "
                     + std::to_string(stages.size()) + " stages; give one for all, or one each");
  for (std::size_t s = 0; s < stages.size(); ++s) {
    if (stages[s].rows.empty())
      throw InputError("--stage: the stages are not contiguous, no row has stage " + std::to_string(s + 1));
    const int epochs = in.epochs[in.epochs.size() == 1 ? 0 : s];
    if (epochs < 1) throw InputError("--epochs must be at least 1");
    stages[s].steps = nn::steps_of(stages[s].rows.size(), in.batch_size, epochs);
  }
  return stages;
}

// Lowest first.
nn::RowNumbers order_of(const Vector& values) {
  nn::RowNumbers rows(static_cast<std::size_t>(values.size()));
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  std::stable_sort(rows.begin(), rows.end(), [&](auto a, auto b) {
    return values[static_cast<Index>(a)] < values[static_cast<Index>(b)];
  });
  return rows;
}

std::string label_of(const data::Dataset& dataset, std::size_t row) {
  if (dataset.labels.empty()) return Cell(dataset.target[static_cast<Index>(row)]).text;
  return dataset.class_names[static_cast<std::size_t>(dataset.labels[row])];
}

Table rows_by_query(const SourceInput& in, const RowMatrix& tau) {
  Table table{{{"query"}, {"target"}, {"effect"}, {"rank"}, {"row"}, {"its target"}, {"tau"}}, {}};
  for (Index q = 0; q < tau.rows(); ++q) {
    const auto order = order_of(tau.row(q).transpose());
    const auto add = [&](const char* effect, std::size_t rank, std::size_t row) {
      table.rows.push_back({q + 1, label_of(in.queries, static_cast<std::size_t>(q)), effect, rank + 1,
                            row + 1, label_of(in.training, row), tau(q, static_cast<Index>(row))});
    };
    const std::size_t count = std::min(shown, order.size());
    for (std::size_t k = 0; k < count; ++k) add("helped", k, order[order.size() - 1 - k]);
    for (std::size_t k = 0; k < count; ++k) add("harmed", k, order[k]);
  }
  return table;
}

Table suspects(const SourceInput& in, const Vector& helped, const nn::RowNumbers& order) {
  Table table{{{"rank"}, {"row"}, {"target"}, {"harm to all queries"}}, {}};
  for (std::size_t k = 0; k < order.size(); ++k)
    table.rows.push_back(
        {k + 1, order[k] + 1, label_of(in.training, order[k]), -helped[static_cast<Index>(order[k])]});
  return table;
}

report::Plot histogram_of(const RowMatrix& tau) {
  constexpr int bins = 60;
  const double low = tau.minCoeff(), width = (tau.maxCoeff() - low) / bins;
  report::Series series{"", {}, {}, {}};
  std::vector<double> counts(bins, 0);
  for (const double value : tau.reshaped())
    ++counts[static_cast<std::size_t>(std::clamp(static_cast<int>((value - low) / width), 0, bins - 1))];
  for (int k = 0; k < bins; ++k) {
    for (const int edge : {k, k + 1}) { // steps
      series.x.push_back(low + edge * width);
      series.y.push_back(counts[static_cast<std::size_t>(k)]);
    }
  }
  return {"", {"tau: above 0 the row helped"}, {"Pairs of query and row"}, {series}};
}

std::string csv_of(const RowMatrix& tau) {
  Table table{{{"query"}}, {}};
  for (Index m = 0; m < tau.cols(); ++m) table.columns.push_back({"row " + std::to_string(m + 1)});
  for (Index q = 0; q < tau.rows(); ++q) {
    table.rows.push_back({q + 1});
    for (Index m = 0; m < tau.cols(); ++m) table.rows.back().emplace_back(tau(q, m));
  }
  return report::to_csv(table);
}

void add_images(const SourceInput& in, const nn::RowNumbers& order, ToolReport& out) {
  if (in.training.image_rows == 0) return;
  const std::size_t count = std::min<std::size_t>(40, order.size());
  const data::Dataset worst = data::select_rows(in.training, std::span(order).first(count));
  out.images.push_back({"suspects", data::png_bytes(data::grey_image(data::contact_sheet(worst, 10), 4)),
                        "The rows that harm the queries most, the worst first"});
}

CurvatureKind kind_of(const SourceInput& in, Index parameters) {
  if (!in.curvature.empty()) return curvature_named(in.curvature);
  return parameters <= most_parameters_in_full ? CurvatureKind::full : CurvatureKind::ekfac;
}

double datamodelling_check(const SourceInput& in, const nn::RowModel& model, const Vector& start,
                           const nn::StagedOptions& training, const RowMatrix& tau) {
  const auto removed = nn::removed_halves(training.stages, in.check_subsets, in.seed);
  const auto measure = [&](const Vector& theta) {
    return query_values(model.mlp, theta, in.queries, in.measure);
  };
  const auto say = [&](std::size_t k) {
    if (in.progress)
      in.progress("retraining " + std::to_string(k + 1) + " of " + std::to_string(removed.size()));
  };
  const RowMatrix outcomes =
      nn::retrain_without(model, start, training, removed, 2, measure, in.threads, say);
  double sum = 0;
  Index count = 0;
  for (const double score : nn::datamodelling_scores(tau, removed, outcomes)) {
    if (std::isnan(score)) continue;
    sum += score;
    ++count;
  }
  return sum / static_cast<double>(count);
}

} // namespace

ToolReport source_report(const SourceInput& given) {
  check(given);
  SourceInput in = given;
  const auto scale = [&](data::Dataset& training, data::Dataset& queries) {
    if (training.image_rows > 0) return;
    const auto standard = data::standardise(training);
    standard.apply(queries.features);
  };
  scale(in.training, in.queries);
  const Index outputs = in.training.labels.empty() ? 1 : in.training.classes();
  nn::Layout layout;
  const nn::Mlp mlp(layout, {{in.training.features.cols(), in.hidden, outputs}, nn::Activation::tanh});
  const nn::RowModel model{layout, mlp, in.training};
  nn::StagedOptions training{
      .rule = SgdSettings{.learning_rate = in.rate, .momentum = in.momentum, .l2 = in.weight_decay},
      .batch_size = in.batch_size,
      .stages = stages_of(in),
      .seed = in.seed};
  const SegmentPlan plan = plan_segments(training.stages, in.segments, in.checkpoints);
  training.checkpoints = plan.checkpoints();
  if (in.progress)
    training.progress = [&](std::int64_t step) { in.progress("step " + std::to_string(step)); };
  const Vector start = layout.initial(in.seed);
  const nn::StagedRun run = nn::train_in_stages(model, start, training);
  if (in.progress) in.progress("curvature and scores");
  const CurvatureKind kind = kind_of(in, layout.size());
  const RowMatrix tau =
      source_scores(query_gradients(mlp, run.parameters, in.queries, in.measure),
                    segments_of_run(model, training, plan, run, kind, in.seed), in.training.size());
  const Vector helped = tau.colwise().sum().transpose();
  const auto order = order_of(helped);

  ToolReport out{.title = "Which rows of " + in.training.name + " made the model say that"};
  out.paragraphs.push_back(
      "tau is how much a query's " + std::string(in.measure == QueryMeasure::loss ? "loss" : "losing margin")
      + " would rise if the row were left out and the network trained again: above 0 the row helped, below 0 "
        "it harmed. Rows high in the second table harm the queries as a whole: look at their labels first.");
  out.values = {
      {"training rows", in.training.size()},
      {"queries", in.queries.size()},
      {"network", nn::to_string(mlp.spec())},
      {"parameters", layout.size()},
      {"segments", plan.pieces.size()},
      {"checkpoints", plan.checkpoints().size()},
      {"curvature", kind == CurvatureKind::full ? "full" : "EK-FAC"},
      {"mean of the queries' measure", query_values(mlp, run.parameters, in.queries, in.measure).mean()}};
  if (in.check_subsets > 0) {
    const double score = datamodelling_check(in, model, start, training, tau);
    out.values.emplace_back("datamodelling score", score);
    out.paragraphs.push_back("Checked by training again without " + std::to_string(in.check_subsets)
                             + " random halves: the rank correlation of the sum of tau with what happened is "
                             + Cell::fixed(score, 2).text
                             + " (1: the table can be trusted, 0: it is noise).");
  } else {
    out.paragraphs.push_back(
        "Nothing was trained again; --check 40 does, and says how far this table can be trusted.");
  }
  out.tables = {{"rows-by-query", "The rows that helped and harmed each query most", rows_by_query(in, tau)},
                {"suspects", "All rows by the harm they do to the queries", suspects(in, helped, order)}};
  out.figures.push_back({"tau", {{histogram_of(tau)}, {880, 340}, "tau of all queries and rows"}});
  add_images(in, order, out);
  const std::size_t shape[] = {static_cast<std::size_t>(tau.rows()), static_cast<std::size_t>(tau.cols())};
  out.files = {{"tau.npy", data::npy_bytes(shape, std::span<const double>(
                                                      tau.data(), static_cast<std::size_t>(tau.size())))},
               {"tau.csv", csv_of(tau)}};
  return out;
}

} // namespace raphson::optim::tools
