#include "optim/tools/signals/attsets_report.h"

#include "dsp/error.h"
#include "optim/data/npy.h"
#include "optim/data/split.h"
#include "optim/tools/signals/attsets_training.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace raphson::optim::tools {
namespace {

using data::RowMatrix;
using report::Cell;
using report::ToolReport;

RowMatrix rows_of(const RowMatrix& all, const std::vector<std::size_t>& rows) {
  RowMatrix some(std::ssize(rows), all.cols());
  for (std::size_t i = 0; i < rows.size(); ++i)
    some.row(static_cast<Index>(i)) = all.row(static_cast<Index>(rows[i]));
  return some;
}

/// Root mean square, or 1 of zeros.
double size_of(const RowMatrix& values) {
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
  model.view_scale = size_of(training.views);
  model.view_image = {training.rows, training.columns};
  model.target_image = {targets.rows, targets.columns};
  if (run.binary) return model;
  model.target_mean = truth.mean();
  model.target_scale = size_of(truth.array() - model.target_mean);
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

std::string shares_csv(const ViewSets& sets, const Vector& shares) {
  report::Table table{{{"object"}, {"view"}, {"share"}}, {}};
  for (std::size_t i = 0; i < sets.bounds.sets(); ++i)
    for (Index n = 0; n < sets.bounds.size(i); ++n)
      table.rows.push_back({object_name(sets, i), n + 1, shares[sets.bounds.first[i] + n]});
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

void warn_of_padding(const ViewSets& sets, ToolReport& report) {
  if (sets.ignored > 0)
    report.warnings.push_back(
        std::to_string(sets.ignored)
        + " sets have values other than 0 behind their last view; they are not looked at");
}

constexpr const char* picture_caption =
    "A set a line: its views, under each its share beside the largest; to the right the result";

} // namespace

ToolReport set_training_report(const ViewSets& sets, const Targets& targets, const SetRun& run) {
  check(sets, run);
  const std::size_t objects = sets.bounds.sets(), apart = objects / 5;
  const data::Split split = data::split_rows(objects, objects - apart, apart, run.seed);
  ViewSets training = select_sets(sets, split.training);
  const ViewSets held_out = shuffled_views(select_sets(sets, split.held_out), run.seed);
  RowMatrix truth = rows_of(targets.values, split.training);
  const RowMatrix held_out_truth = rows_of(targets.values, split.held_out);
  SetModel model = model_for(training, targets, truth, run);
  training.views /= model.view_scale;
  truth = (truth.array() - model.target_mean) / model.target_scale;

  const SetSource source = source_of(training);
  const SetTask task{source, truth};
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
  ToolReport report{.title = "Sets of views merged: " + sets.name};
  report.values = {{"objects trained on", split.training.size()},
                   {"objects held out", split.held_out.size()},
                   {"views of the largest set", sets.bounds.most()},
                   {"views of each in stage 2, at most", std::min(run.train_n, training.bounds.most())},
                   {"features of a view", sets.views.cols()},
                   {"parameters of the base", model.parameters.base.size()},
                   {"parameters of the attention", model.parameters.aggregation.size()}};
  warn_of_padding(sets, report);
  add_curves(models, held_out, held_out_truth, run.binary, report);
  const auto& all_views = report.tables.front().table.rows.back();
  if (*all_views[1].number > *all_views[2].number)
    report.warnings.push_back(
        "of held-out objects the mean over the set does better than the attention: more "
        "objects, or fewer --steps, would be right");
  const SetModel::Result judged = model(held_out, held_out.bounds.most());
  report.images.push_back(set_picture({held_out, judged, &held_out_truth, model.target_image},
                                      std::string(picture_caption) + " and the target. Held-out objects"));
  report.files = {{"model.attsets.json", to_json(model)},
                  {"shares.csv", shares_csv(sets, model(sets, sets.bounds.most()).shares)}};
  return report;
}

ToolReport set_result_report(const SetModel& model, const ViewSets& sets) {
  const SetModel::Result result = model(sets, sets.bounds.most());
  ToolReport report{.title = "Results of the sets in " + sets.name};
  report.values = {{"objects", sets.bounds.sets()}, {"views of the largest set", sets.bounds.most()}};
  warn_of_padding(sets, report);
  report.images.push_back(set_picture({sets, result, nullptr, model.target_image}, picture_caption));
  report.files = {{"results.npy", result_bytes(result.values, model.target_image)},
                  {"shares.csv", shares_csv(sets, result.shares)}};
  return report;
}

} // namespace raphson::optim::tools
