#include "optim/tools/signals/aztr_report.h"

#include "dsp/error.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace raphson::optim::tools {
namespace {

using report::Cell;
using report::ToolReport;

constexpr std::size_t few_clips = 20, pictured = 4;

void warn_of_few(const ClipLabels& labels, ToolReport& report) {
  for (std::size_t k = 0; k < labels.classes.size(); ++k) {
    const auto clips =
        static_cast<std::size_t>(std::count(labels.of_clips.begin(), labels.of_clips.end(), int(k)));
    if (clips < 2)
      throw InputError(labels.name + ": one clip of class " + labels.classes[k]
                       + "; two at least are needed, one of which is held out");
    if (clips < few_clips)
      report.warnings.push_back("only " + std::to_string(clips) + " clips of " + labels.classes[k] + ", "
                                + std::to_string(few_clips) + " or more of each class would be right");
  }
}

/// The crop of each frame.
std::string zoom_csv(const Clips& clips, std::span<const ZoomPath> paths) {
  report::Table table{{{"clip"}, {"frame"}, {"x"}, {"y"}, {"half"}}, {}};
  for (std::size_t i = 0; i < paths.size(); ++i)
    for (int t = 0; t < clips.frames; ++t) {
      const auto at = static_cast<std::size_t>(t);
      table.rows.push_back({clips.name_of(i), t + 1, paths[i].x[at], paths[i].y[at], paths[i].half});
    }
  return report::to_csv(table);
}

/// What was found in the key frames, with columns that --boxes takes.
std::string found_csv(const Clips& clips, std::span<const ZoomPath> paths) {
  report::Table table{{{"clip"}, {"frame"}, {"x"}, {"y"}, {"size"}, {"score"}}, {}};
  for (std::size_t i = 0; i < paths.size(); ++i)
    for (std::size_t k = 0; k < paths[i].keys.size(); ++k) {
      const Detection& found = paths[i].found[k];
      table.rows.push_back(
          {clips.name_of(i), paths[i].keys[k] + 1, found.x, found.y, found.size, found.score});
    }
  return report::to_csv(table);
}

/// "clip 3 (grow), clip 11 (shrink)", by what is said of each.
std::string listed(const Clips& clips, std::span<const std::size_t> chosen,
                   const std::function<std::string(std::size_t)>& said) {
  std::string list;
  for (const std::size_t clip : chosen)
    list += (list.empty() ? "clip " : ", clip ") + clips.name_of(clip) + " (" + said(clip) + ")";
  return list;
}

std::size_t best_of(const data::RowMatrix& probabilities, std::size_t row) {
  Index best = 0;
  probabilities.row(static_cast<Index>(row)).maxCoeff(&best);
  return static_cast<std::size_t>(best);
}

/// Clips of other levels than those of training: a network's answer to them means nothing.
void warn_of_levels(const PixelScale& model, const Clips& clips, ToolReport& report) {
  std::vector<std::size_t> all(clips.count);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  const PixelScale here = pixel_scale_of(clips, all);
  const double ratio = here.deviation / model.deviation;
  if (std::abs(here.mean - model.mean) <= 3 * model.deviation && ratio < 3 && ratio > 1 / 3.0) return;
  const auto words = [](const PixelScale& scale) {
    return "mean " + Cell::significant(scale.mean, 3).text + ", deviation "
           + Cell::significant(scale.deviation, 3).text;
  };
  report.warnings.push_back("the pixels' levels (" + words(here) + ") are not those of training ("
                            + words(model) + "): what is found and read means little");
}

/// What a training on user's clips works with.
class AztrTraining {
public:
  AztrTraining(const Clips& clips, const ClipLabels& labels, const AztrRun& run)
      : clips_(clips), labels_(labels), run_(run), split_(aztr_split(labels, run.seed)) {
    model_.zoom = run.zoom;
    model_.classes = labels.classes;
    model_.scale = pixel_scale_of(clips, split_.training);
    model_.recogniser = {
        .size = run.size, .frames = clips.frames, .classes = static_cast<int>(labels.classes.size())};
  }

  AztrModel& model() { return model_; }
  const data::Split& split() const { return split_; }
  std::vector<int> held_out_labels() const { return select(labels_.of_clips, split_.held_out); }

  /// From the boxes of clips that are not held out.
  void train_detector_on(std::span<const ClipBox> boxes) {
    const std::set<std::size_t> held_out(split_.held_out.begin(), split_.held_out.end());
    std::vector<ClipBox> training;
    for (const ClipBox& box : boxes)
      if (!held_out.contains(box.clip)) training.push_back(box);
    model_.pool = pool_for(training);
    model_.detector =
        train_detector(Detector(model_.pool), clips_, training, model_.scale,
                       {.steps = run_.detector_steps,
                        .learning_rate = run_.detector_rate,
                        .threads = run_.threads,
                        .seed = run_.seed,
                        .progress = [this](std::int64_t step) { say("detector, step ", step); }});
  }

  struct DetectorFit {
    double median = 0, near = 0; ///< pixels; the share within two thirds of the target's size
  };
  /// On the boxes of clips held out, in the frames that have one.
  DetectorFit detector_fit(std::span<const ClipBox> boxes) const {
    const std::set<std::size_t> held_out(split_.held_out.begin(), split_.held_out.end());
    const Detector detector(model_.pool);
    std::vector<double> errors;
    DetectorFit fit;
    for (const ClipBox& box : boxes) {
      if (!held_out.contains(box.clip)) continue;
      const int frame[] = {box.frame};
      const Detection found =
          detect(detector, model_.detector, model_.scale, clips_, box.clip, frame).front();
      errors.push_back(std::hypot(found.x - box.x, found.y - box.y));
      fit.near += errors.back() <= box.size * 2 / 3;
    }
    fit.near /= static_cast<double>(errors.size());
    const auto middle = errors.begin() + std::ssize(errors) / 2;
    std::nth_element(errors.begin(), middle, errors.end());
    fit.median = *middle;
    return fit;
  }

  struct Trained {
    Vector parameters;
    data::RowMatrix held_out; ///< probabilities
    double accuracy = 0;
  };
  Trained train_on(const Crops& crops, const RecogniserSpec& spec) const {
    const Recogniser recogniser(spec);
    Trained result;
    result.parameters = train_recogniser(
        recogniser, select(crops, split_.training), select(labels_.of_clips, split_.training),
        {.epochs = run_.epochs,
         .learning_rate = run_.learning_rate,
         .threads = run_.threads,
         .seed = run_.seed,
         .progress = [this](std::int64_t step, std::int64_t) { say("recogniser, step ", step); }});
    result.held_out = recogniser.probabilities(result.parameters, select(crops, split_.held_out));
    result.accuracy = accuracy_of(result.held_out, held_out_labels());
    return result;
  }

private:
  void say(const char* what, std::int64_t step) const {
    if (run_.progress) run_.progress(what + std::to_string(step));
  }

  const Clips& clips_;
  const ClipLabels& labels_;
  const AztrRun& run_;
  data::Split split_;
  AztrModel model_;
};

/// Trains a recogniser for each pair under the budget and lists them; the model becomes that of the chosen
/// one.
AztrTraining::Trained train_pairs(AztrTraining& training, const Clips& clips, const AztrRun& run,
                                  ToolReport& report) {
  AztrModel& model = training.model();
  const std::vector<BudgetPair> pairs = budget_pairs(model, clips);
  const BudgetPair chosen = choose_pair(pairs, 1e6 * run.budget);
  AztrTraining::Trained result;
  const BudgetPair* best = nullptr;
  double most = 0;
  report::Table table{{{"K"}, {"S"}, {"multiply-adds a clip (millions)"}, {"accuracy, held out"}, {""}}, {}};
  for (const BudgetPair& pair : pairs) {
    const bool is_chosen = pair.every == chosen.every && pair.size == chosen.size;
    report::Cell accuracy = "over the budget";
    if (pair.cost <= 1e6 * run.budget) {
      model.zoom.every = pair.every;
      RecogniserSpec spec = model.recogniser;
      spec.size = pair.size;
      const auto paths = zoom_paths(model, clips, run.threads);
      AztrTraining::Trained trained = training.train_on(zoomed(clips, paths, pair.size, model.scale), spec);
      accuracy = trained.accuracy;
      if (trained.accuracy > most) {
        most = trained.accuracy;
        best = &pair;
      }
      if (is_chosen) result = std::move(trained);
    }
    table.rows.push_back(
        {pair.every, pair.size, Cell::significant(pair.cost / 1e6, 3), accuracy, is_chosen ? "chosen" : ""});
  }
  model.zoom.every = chosen.every;
  model.recogniser.size = chosen.size;
  report.tables.push_back(
      {"budget", "Key frames every K frames, crops of S pixels: what they cost and reach", table});
  if (most > result.accuracy)
    report.paragraphs.push_back("The pair was chosen by its K and S, not by accuracy: --every "
                                + std::to_string(best->every) + " --crop " + std::to_string(best->size)
                                + " costs less and is right in " + Cell::fixed(100 * most, 1).text
                                + " % of the clips held out, the chosen one in "
                                + Cell::fixed(100 * result.accuracy, 1).text + " %.");
  return result;
}

} // namespace

data::Split aztr_split(const ClipLabels& labels, std::uint64_t seed) {
  data::Dataset rows;
  rows.features.resize(std::ssize(labels.of_clips), 1);
  rows.labels = labels.of_clips;
  rows.class_names = labels.classes;
  data::Split split = data::split_by_class(rows, 0.2, seed);
  for (std::size_t k = 0; k < labels.classes.size(); ++k) { // of two clips a fifth is none
    const auto is_k = [&](std::size_t clip) { return labels.of_clips[clip] == static_cast<int>(k); };
    if (std::any_of(split.held_out.begin(), split.held_out.end(), is_k)) continue;
    const auto at = std::find_if(split.training.begin(), split.training.end(), is_k);
    if (at == split.training.end()) continue;
    split.held_out.push_back(*at);
    split.training.erase(at);
  }
  return split;
}

std::vector<BudgetPair> budget_pairs(const AztrModel& model, const Clips& clips) {
  std::vector<BudgetPair> pairs;
  const Detector detector(model.pool);
  for (const int every : {1, 2, 4})
    for (const int size : {12, 16, 24}) {
      ZoomSettings zoom = model.zoom;
      zoom.every = every;
      RecogniserSpec spec = model.recogniser;
      spec.size = size;
      pairs.push_back({every, size, cost_of(zoom, detector, Recogniser(spec), clips.rows, clips.columns)});
    }
  return pairs;
}

BudgetPair choose_pair(std::span<const BudgetPair> pairs, double multiply_adds) {
  const BudgetPair *best = nullptr, *cheapest = &pairs.front();
  for (const BudgetPair& pair : pairs) {
    if (pair.cost < cheapest->cost) cheapest = &pair;
    if (pair.cost > multiply_adds) continue;
    if (!best || pair.every < best->every || (pair.every == best->every && pair.size > best->size))
      best = &pair;
  }
  if (best) return *best;
  throw InputError("--budget: the cheapest zoom, K = " + std::to_string(cheapest->every)
                   + " and S = " + std::to_string(cheapest->size) + ", takes "
                   + Cell::significant(cheapest->cost / 1e6, 3).text
                   + " million multiply-adds a clip; no less would be right");
}

report::Table confusion_table(const data::RowMatrix& probabilities, std::span<const int> labels,
                              std::span<const std::string> classes) {
  Eigen::MatrixXi counts = Eigen::MatrixXi::Zero(std::ssize(classes), std::ssize(classes));
  for (std::size_t i = 0; i < labels.size(); ++i)
    ++counts(labels[i], static_cast<Index>(best_of(probabilities, i)));
  report::Table table{{{"is, taken for"}}, {}};
  for (const std::string& name : classes) table.columns.push_back({name});
  for (std::size_t k = 0; k < classes.size(); ++k) {
    table.rows.push_back({classes[k]});
    for (std::size_t j = 0; j < classes.size(); ++j)
      table.rows.back().push_back(counts(static_cast<Index>(k), static_cast<Index>(j)));
  }
  return table;
}

ToolReport aztr_training_report(const Clips& clips, const ClipLabels& labels, std::span<const ClipBox> boxes,
                                const AztrRun& run) {
  ToolReport report{.title = "Actions in " + clips.name};
  warn_of_few(labels, report);
  AztrTraining training(clips, labels, run);
  AztrModel& model = training.model();
  const auto& held_out = training.split().held_out;
  report.values = {{"clips trained on", training.split().training.size()},
                   {"clips held out", held_out.size()}};
  if (run.zoom.zoom == Zoom::motion)
    report.paragraphs.push_back(
        "The zoom is not learned: it follows the brightest change against each clip's median "
        "over time, and does not see a target that keeps still.");
  else {
    training.train_detector_on(boxes);
    const auto fit = training.detector_fit(boxes);
    report.values.push_back({"detector's median error, held out (pixels)", Cell::significant(fit.median, 3)});
    report.values.push_back({"within two thirds of the target's size, held out", fit.near});
  }
  AztrTraining::Trained with;
  if (run.budget > 0) with = train_pairs(training, clips, run, report);
  const std::vector<ZoomPath> paths = zoom_paths(model, clips, run.threads);
  const int size = model.recogniser.size;
  if (run.budget <= 0) with = training.train_on(zoomed(clips, paths, size, model.scale), model.recogniser);
  const auto without = training.train_on(whole_frames(clips, size, model.scale), model.recogniser);
  model.parameters = with.parameters;
  const double cost =
      cost_of(model.zoom, Detector(model.pool), Recogniser(model.recogniser), clips.rows, clips.columns);
  report.values.insert(report.values.end(),
                       {{"accuracy, held out", with.accuracy},
                        {"accuracy of whole frames at the crops' size, held out", without.accuracy},
                        {"key frames of a clip", key_frames(clips.frames, model.zoom.every).size()},
                        {"crops, pixels", size},
                        {"multiply-adds a clip (millions)", Cell::significant(cost / 1e6, 3)},
                        {"weights of the detector", model.detector.size()},
                        {"weights of the recogniser", model.parameters.size()}});
  report.tables.insert(report.tables.begin(),
                       {"confusion", "Held-out clips by what they are and what they were taken for",
                        confusion_table(with.held_out, training.held_out_labels(), labels.classes)});
  const auto shown = std::span(held_out).first(std::min(pictured, held_out.size()));
  const auto said = [&](std::size_t clip) {
    const auto row =
        static_cast<std::size_t>(std::find(held_out.begin(), held_out.end(), clip) - held_out.begin());
    const std::string is = labels.classes[static_cast<std::size_t>(labels.of_clips[clip])],
                      taken = labels.classes[best_of(with.held_out, row)];
    return is == taken ? is : is + ", taken for " + taken;
  };
  report.images.push_back(zoom_picture(clips, paths, size, shown,
                                       "From the top, held out: " + listed(clips, shown, said)
                                           + "; frame by frame with the zoom, and under them the crops"));
  report.files = {{"model.aztr.json", to_json(model)},
                  {"zoom.csv", zoom_csv(clips, paths)},
                  {"found.csv", found_csv(clips, paths)}};
  return report;
}

ToolReport aztr_result_report(const AztrModel& model, const Clips& given, std::size_t threads) {
  ToolReport report{.title = "Actions in " + given.name};
  Clips other;
  const bool resample = given.frames != model.recogniser.frames;
  if (resample) {
    other = resampled(given, model.recogniser.frames);
    report.warnings.push_back("clips of " + std::to_string(given.frames)
                              + " frames, the model was trained on " + std::to_string(model.recogniser.frames)
                              + ": of each the nearest frames were taken");
  }
  const Clips& clips = resample ? other : given;
  warn_of_levels(model.scale, clips, report);
  const std::vector<ZoomPath> paths = zoom_paths(model, clips, threads);
  const data::RowMatrix probabilities = probabilities_of(model, clips, paths);
  if (!probabilities.allFinite())
    throw InputError(given.name
                     + ": what the model makes of these clips is not finite; clips like those it was trained "
                       "on would be right");
  report::Table table{{{"clip"}, {"label"}}, {}};
  for (const std::string& name : model.classes) table.columns.push_back({name});
  for (std::size_t i = 0; i < clips.count; ++i) {
    table.rows.push_back({clips.name_of(i), model.classes[best_of(probabilities, i)]});
    for (Index k = 0; k < probabilities.cols(); ++k)
      table.rows.back().push_back(probabilities(static_cast<Index>(i), k));
  }
  report.values = {{"clips", clips.count}};
  report.files = {{"labels.csv", report::to_csv(table)},
                  {"zoom.csv", zoom_csv(clips, paths)},
                  {"found.csv", found_csv(clips, paths)}};
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < std::min(clips.count, pictured); ++i) chosen.push_back(i);
  const auto said = [&](std::size_t clip) { return model.classes[best_of(probabilities, clip)]; };
  report.images.push_back(zoom_picture(clips, paths, model.recogniser.size, chosen,
                                       "From the top: " + listed(clips, chosen, said)
                                           + "; frame by frame with the zoom, and under them the crops"));
  table.rows.resize(std::min<std::size_t>(table.rows.size(), 20));
  report.tables.push_back({"labels", "The first clips, with the probability of each action", table});
  return report;
}

} // namespace raphson::optim::tools
