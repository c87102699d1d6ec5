#include "optim/tools/signals/attsets_report.h"

#include "dsp/error.h"
#include "optim/data/npy.h"
#include "optim/data/split.h"
#include "optim/report/text.h"
#include "optim/tools/signals/attsets_training.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

using data::RowMatrix;
using report::Cell;
using report::ToolReport;

/// Root mean square, or 1 of zeros.
double rms_of(const RowMatrix& values) {
  const double size = std::sqrt(values.squaredNorm() / static_cast<double>(values.size()));
  return size > 0 ? size : 1;
}

void check(const ViewSets& sets, const SetRun& run) {
  if (sets.bounds.sets() < fewest_objects)
    throw InputError(sets.name + ": " + std::to_string(sets.bounds.sets()) + " objects, at least "
                     + std::to_string(fewest_objects) + " are needed");
  if (run.train_n < 2)
    throw InputError("--train-n " + std::to_string(run.train_n)
                     + ": a view alone has the share 1 whatever the attention's weights, which would get no "
                       "gradient; at least 2 would be right");
  if (sets.bounds.most() < 2)
    throw InputError(sets.name + ": no object has two views, the attention would get no gradient");
  if (sets.views.isZero(0)) throw InputError(sets.name + ": all views are 0; there is nothing to learn from");
}

/// The sizes and scales of a model for these sets; parameters are to come.
SetModel model_for(const ViewSets& training, const Targets& targets, const RowMatrix& truth,
                   const SetRun& run) {
  SetModel model;
  model.spec = {.inputs = training.views.cols(),
                .outputs = truth.cols(),
                .hidden = run.hidden,
                .width = run.width,
                .binary = run.binary};
  model.view_scale = rms_of(training.views);
  model.view_image = {training.rows, training.columns};
  model.target_image = {targets.rows, targets.columns};
  if (run.binary) return model;
  model.target_mean = truth.mean();
  model.target_scale = rms_of(truth.array() - model.target_mean);
  return model;
}

/// 1, 2, 4, 8, ... and all of the largest set.
std::vector<Index> numbers_of_views(Index most) {
  std::vector<Index> numbers;
  for (Index n = 1; n < most; n *= 2) numbers.push_back(n);
  numbers.push_back(most);
  return numbers;
}

struct Judged {
  std::string name;
  SetModel model;
};

struct Errors {
  double error = 0, iou = 0;
};

Errors errors_of(const SetModel& model, const ViewSets& sets, const RowMatrix& truth, Index most) {
  const RowMatrix values = model(sets, most).values;
  if (!model.spec.binary) return {std::sqrt(mean_loss(values, truth, false)), 0};
  const RowMatrix logits = (values.array() / (1 - values.array())).log();
  constexpr double farthest = 40; // a probability that has become 0 or 1
  return {mean_loss(logits.cwiseMax(-farthest).cwiseMin(farthest), truth, true), mean_iou(logits, truth)};
}

void add_curves(const std::vector<Judged>& models, const ViewSets& sets, const RowMatrix& truth, bool binary,
                ToolReport& report) {
  report::Table errors{{{"views"}}, {}}, overlaps{{{"views"}}, {}};
  const char* const label = binary ? "Cross-entropy" : "Error (root mean square)";
  report::Plot plot{"", {"Views, at most", "", report::Scale::count}, {label}, {}};
  for (const Judged& judged : models) {
    errors.columns.push_back({judged.name});
    overlaps.columns.push_back({judged.name});
    plot.series.push_back({.name = judged.name});
  }
  for (const Index n : numbers_of_views(sets.bounds.most())) {
    errors.rows.push_back({n});
    overlaps.rows.push_back({n});
    for (std::size_t k = 0; k < models.size(); ++k) {
      const Errors e = errors_of(models[k].model, sets, truth, n);
      errors.rows.back().push_back(e.error);
      overlaps.rows.back().push_back(e.iou);
      plot.series[k].x.push_back(static_cast<double>(n));
      plot.series[k].y.push_back(e.error);
    }
  }
  report.tables.push_back(
      {"errors", std::string(label) + " of held-out objects from at most so many of their views", errors});
  if (binary)
    report.tables.push_back(
        {"overlap", "Their intersection over union, of result > 0.5 and target > 0.4", overlaps});
  report.figures.push_back({"error-by-views", {{plot}, {880, 340}, "Error against the number of views"}});
}

std::string object_name(const ViewSets& sets, std::size_t i) {
  return sets.objects.empty() ? std::to_string(i + 1) : sets.objects[i];
}

/// held_out: of each object whether it was not trained on, in a column of its own; empty: without.
std::string shares_csv(const ViewSets& sets, const Vector& shares, const std::vector<bool>& held_out = {}) {
  report::Table table{{{"object"}, {"view"}, {"share"}}, {}};
  if (!held_out.empty()) table.columns.push_back({"held_out"});
  for (std::size_t i = 0; i < sets.bounds.sets(); ++i)
    for (Index n = 0; n < sets.bounds.size(i); ++n) {
      table.rows.push_back({object_name(sets, i), n + 1, shares[sets.bounds.first[i] + n]});
      if (!held_out.empty()) table.rows.back().push_back(held_out[i] ? 1 : 0);
    }
  return report::to_csv(table);
}

std::string result_bytes(const RowMatrix& values, const ImageSize& image) {
  std::vector<std::size_t> shape{static_cast<std::size_t>(values.rows())};
  if (image.rows > 0) {
    shape.push_back(static_cast<std::size_t>(image.rows));
    shape.push_back(static_cast<std::size_t>(image.columns));
  } else {
    shape.push_back(static_cast<std::size_t>(values.cols()));
  }
  return data::npy_bytes(shape,
                         std::span<const double>(values.data(), static_cast<std::size_t>(values.size())));
}

/// Of a table a table, with the objects' names.
report::ResultFile results_file(const ViewSets& sets, const RowMatrix& values, const ImageSize& image) {
  if (sets.objects.empty()) return {"results.npy", result_bytes(values, image)};
  report::Table table{{{"object"}}, {}};
  for (Index k = 0; k < values.cols(); ++k) table.columns.push_back({"result_" + std::to_string(k + 1)});
  for (Index i = 0; i < values.rows(); ++i) {
    table.rows.push_back({sets.objects[static_cast<std::size_t>(i)]});
    for (const double value : values.row(i)) table.rows.back().push_back(Cell::significant(value, 8));
  }
  return {"results.csv", report::to_csv(table)};
}

void warn_of_padding(const ViewSets& sets, ToolReport& report) {
  if (sets.ignored > 0)
    report.warnings.push_back(
        std::to_string(sets.ignored)
        + " sets have values other than 0 behind their last view; they are not looked at");
  if (sets.blank_ends > 0)
    report.warnings.push_back(std::to_string(sets.blank_ends) + " of " + std::to_string(sets.bounds.sets())
                              + " sets end with a view of zeros: if that is padding, give --sizes");
}

constexpr const char* picture_caption =
    "A set a line: its views, under each its share (half full: as much as "
    "the others, 1 / N); to the right the result";

constexpr const char* share_paragraph = "shares.csv: what each view counted for, of 1 for the whole set. "
                                        "Where all views of a set have about 1 / N "
                                        "the attention found nothing to choose by.";

/// A fifth of the objects, at random, apart; what is trained on is scaled.
struct Prepared {
  data::Split split;
  ViewSets training, held_out;
  RowMatrix truth, held_out_truth;
  SetModel model; ///< without parameters
};

Prepared prepare(const ViewSets& sets, const Targets& targets, const SetRun& run) {
  const std::size_t objects = sets.bounds.sets(), apart = objects / 5;
  const data::Split split = data::split_rows(objects, objects - apart, apart, run.seed);
  Prepared p{split,
             select_sets(sets, split.training),
             shuffled_views(select_sets(sets, split.held_out), run.seed),
             targets.values(split.training, Eigen::all),
             targets.values(split.held_out, Eigen::all),
             {}};
  p.model = model_for(p.training, targets, p.truth, run);
  p.training.views /= p.model.view_scale;
  p.truth = (p.truth.array() - p.model.target_mean) / p.model.target_scale;
  return p;
}

/// AttSets first, then on its base the mean and the maximum, and with --compare the joint training.
std::vector<Judged> train(const Prepared& prepared, const SetRun& run) {
  const SetSource source = source_of(prepared.training);
  const SetTask task{source, prepared.truth};
  const auto options = [&](const char* what, std::int64_t steps) {
    return SetTraining{.steps = steps,
                       .views = run.train_n,
                       .learning_rate = run.learning_rate,
                       .threads = run.threads,
                       .seed = run.seed,
                       .progress = [&run, what](std::int64_t step, double loss) {
                         if (run.progress)
                           run.progress(std::string(what) + ", step " + std::to_string(step) + ", loss "
                                        + std::to_string(loss));
                       }};
  };
  SetModel model = prepared.model;
  const SetNetwork network(model.spec);
  model.parameters.base = train_base(network, task, options("single views", run.base_steps));
  model.parameters.aggregation =
      train_aggregation(network, model.parameters.base, task, options("attention", run.attention_steps));

  std::vector<Judged> models{{"AttSets", model}, {"mean", model}, {"maximum", model}};
  for (std::size_t k = 1; k < 3; ++k) {
    models[k].model.spec.aggregation = k == 1 ? Aggregation::mean : Aggregation::maximum;
    models[k].model.parameters.aggregation = {};
  }
  if (run.compare) {
    models.push_back({"all weights at once", model});
    models.back().model.parameters = train_jointly(network, task, options("all at once", run.joint_steps));
  }
  return models;
}

} // namespace

ToolReport set_training_report(const ViewSets& sets, const Targets& targets, const SetRun& run) {
  check(sets, run);
  const Prepared prepared = prepare(sets, targets, run);
  const std::vector<Judged> models = train(prepared, run);
  const SetModel& model = models.front().model;
  ToolReport report{.title = "Sets of views merged: " + sets.name};
  report.paragraphs = {
      "A row of the tables: objects that were held out, from at most so many of their views, in random "
      "order. "
      "To merge sets of your own: raphson attsets apply model.attsets.json SETS, in the folder of --out.",
      share_paragraph};
  report.values = {
      {"objects trained on", prepared.split.training.size()},
      {"objects held out", prepared.split.held_out.size()},
      {"views of the largest set", sets.bounds.most()},
      {"views of each in stage 2, at most", std::min(run.train_n, prepared.training.bounds.most())},
      {"features of a view", sets.views.cols()},
      {"parameters of the base", model.parameters.base.size()},
      {"parameters of the attention", model.parameters.aggregation.size()}};
  warn_of_padding(sets, report);
  if (targets.values.maxCoeff() == targets.values.minCoeff())
    report.warnings.push_back("all targets are " + report::format_significant(targets.values.maxCoeff(), 4)
                              + ": there is nothing to learn from them");
  add_curves(models, prepared.held_out, prepared.held_out_truth, run.binary, report);
  const auto& all_views = report.tables.front().table.rows.back();
  if (*all_views[1].number > *all_views[2].number)
    report.warnings.push_back(
        "of held-out objects the mean over the set does better than the attention: more "
        "objects, or fewer --steps, would be right");
  const SetModel::Result judged = model(prepared.held_out, prepared.held_out.bounds.most());
  report.images.push_back(
      set_picture({prepared.held_out, judged, &prepared.held_out_truth, model.target_image},
                  std::string(picture_caption) + ", then the target. Held-out objects"));
  std::vector<bool> apart(sets.bounds.sets());
  for (const std::size_t i : prepared.split.held_out) apart[i] = true;
  report.files = {{"model.attsets.json", to_json(model)},
                  {"shares.csv", shares_csv(sets, model(sets, sets.bounds.most()).shares, apart)}};
  return report;
}

ToolReport set_result_report(const SetModel& model, const ViewSets& sets) {
  const SetModel::Result result = model(sets, sets.bounds.most());
  ToolReport report{.title = "Results of the sets in " + sets.name};
  report.paragraphs = {share_paragraph};
  report.values = {{"objects", sets.bounds.sets()}, {"views of the largest set", sets.bounds.most()}};
  warn_of_padding(sets, report);
  report.images.push_back(set_picture({sets, result, nullptr, model.target_image}, picture_caption));
  report.files = {results_file(sets, result.values, model.target_image),
                  {"shares.csv", shares_csv(sets, result.shares)}};
  return report;
}

} // namespace raphson::optim::tools
