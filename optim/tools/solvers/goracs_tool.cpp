#include "dsp/error.h"
#include "optim/cli/tool.h"
#include "optim/data/audio_features.h"
#include "optim/data/csv.h"
#include "optim/data/folder.h"
#include "optim/data/read_dataset.h"
#include "optim/data/standardise.h"
#include "optim/engine/pca.h"
#include "optim/tools/solvers/goracs_classifier.h"
#include "optim/tools/solvers/goracs_demo.h"
#include "optim/tools/solvers/goracs_report.h"

#include <algorithm>
#include <memory>
#include <set>

namespace raphson::cli {
namespace {

using namespace optim;
using namespace optim::tools;
using report::ToolReport;

struct Options {
  std::string pool, validation, label, gradients, evaluate;
  std::vector<std::string> embedding;
  int n = 64, axes = 0, exchanges = 100, candidates = -1;
  double lambda = 0.1;
  bool standardise = false, one_class = false;
};

struct Named {
  data::Dataset rows;
  std::vector<std::string> names; // of recordings
};

bool are_recordings(const std::filesystem::path& path) {
  const std::set<std::string> kinds{".wav", ".flac", ".aiff", ".aif", ".ogg"};
  const auto is_recording = [&](const std::filesystem::path& file) {
    return kinds.contains(data::lower_case_extension(file));
  };
  if (std::filesystem::is_directory(path)) {
    const std::filesystem::recursive_directory_iterator files(path);
    return std::any_of(begin(files), end(files), is_recording);
  }
  if (data::lower_case_extension(path) != ".csv") return is_recording(path);
  const auto table = data::read_csv(path);
  return table.has_column("file") || (table.has_column("speaker") && table.has_column("start_sample"));
}

Named read(const std::string& path, const Options& o) {
  if (are_recordings(path)) {
    const auto clips = data::read_clips(path, o.label);
    Named result{data::mfcc_statistics(clips), {}};
    for (const auto& clip : clips) result.names.push_back(clip.name);
    return result;
  }
  data::DatasetOptions options{
      .target = o.label, .task = data::Task::classification, .features = o.embedding};
  if (o.label.empty()) options.task = data::Task::by_content;
  if (!o.gradients.empty() && o.gradients != "model" && path == o.pool) options.leave_out = {o.gradients};
  return {data::read_dataset(path, options), {}};
}

void check_columns(const data::Dataset& pool, const data::Dataset& validation) {
  if (pool.features.cols() != validation.features.cols()) {
    throw InputError(validation.name + " has " + std::to_string(validation.features.cols()) + " features, "
                     + pool.name + " has " + std::to_string(pool.features.cols())
                     + "; they must be the same");
  }
  for (std::size_t k = 0; k < std::min(pool.feature_names.size(), validation.feature_names.size()); ++k) {
    if (pool.feature_names[k] == validation.feature_names[k]) continue;
    throw InputError(validation.name + ": feature " + std::to_string(k + 1) + " is "
                     + validation.feature_names[k] + ", in " + pool.name + " it is " + pool.feature_names[k]
                     + "; they must be the same");
  }
}

// Classes of both by name; the pool's first.
GoracsClasses classes_of(const data::Dataset& pool, const data::Dataset& validation) {
  GoracsClasses classes{pool.labels, {}, pool.class_names};
  for (const int label : validation.labels) {
    const std::string& name = validation.class_names[static_cast<std::size_t>(label)];
    auto at = std::find(classes.names.begin(), classes.names.end(), name);
    if (at == classes.names.end()) at = classes.names.insert(at, name);
    classes.validation.push_back(static_cast<int>(at - classes.names.begin()));
  }
  return classes;
}

Vector gradients_of(const Options& o, const data::Dataset& pool, const ToolRun& run) {
  if (o.gradients.empty()) return {};
  if (o.gradients != "model") {
    const auto column = data::read_csv(o.pool).numbers(o.gradients);
    return Eigen::Map<const Vector>(column.data(), std::ssize(column));
  }
  if (pool.labels.empty())
    throw InputError("--grads model trains a classifier; give its classes with --label");
  run.say("training the model for gradients");
  data::Dataset scaled = pool;
  data::standardise(scaled);
  const SmallClassifier classifier(pool.features.cols(), 32, pool.classes());
  std::vector<std::size_t> all(pool.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  return classifier.gradient_norms(classifier.train(scaled, all, {.steps = 100}, run.seed), scaled);
}

GoracsInput input_of(const Options& o, const ToolRun& run) {
  if (o.axes != 0 && !o.embedding.empty()) throw InputError("--embed and --pca: give one of them");
  if (o.lambda < 0) throw InputError("--lambda must be at least 0");
  const Named pool = read(o.pool, o), validation = read(o.validation, o);
  check_columns(pool.rows, validation.rows);
  GoracsInput input{pool.rows.features,
                    validation.rows.features,
                    gradients_of(o, pool.rows, run),
                    o.lambda,
                    {},
                    pool.names,
                    run.seed,
                    run.threads};
  if (!o.one_class && !pool.rows.labels.empty() && !validation.rows.labels.empty()) {
    input.classes = classes_of(pool.rows, validation.rows);
  }
  if (o.standardise) {
    const auto scale = data::standardisation_of(input.pool);
    scale.apply(input.pool);
    scale.apply(input.validation);
  }
  if (o.axes != 0) {
    const auto axes = principal_axes(input.pool, o.axes);
    input.pool = axes.project(input.pool);
    input.validation = axes.project(input.validation);
  }
  return input;
}

Rows rows_of(const std::string& path, Eigen::Index count) {
  Rows rows;
  std::set<int> seen;
  for (const double row : data::read_csv(path).numbers("row")) {
    const int at = static_cast<int>(row) - 1;
    if (at < 0 || at >= count || at + 1 != row || !seen.insert(at).second) {
      throw InputError(path + ": row " + report::Cell(row).text + " is not one of 1 to "
                       + std::to_string(count) + ", or comes twice");
    }
    rows.push_back(at);
  }
  return rows;
}

ToolReport choose(const Options& o, const ToolRun& run) {
  const GoracsInput input = input_of(o, run);
  if (!o.evaluate.empty()) return goracs_evaluation(input, rows_of(o.evaluate, input.pool.rows()));
  const bool by_class = !input.classes.names.empty();
  const GoracsOptions options{.exchanges = o.exchanges,
                              .candidates = o.candidates > 0 ? o.candidates : (by_class ? 3 : 30),
                              .progress = [&run](const std::string& line) { run.say(line); }};
  run.say("choosing");
  ToolReport out = goracs_report(input, o.n, options);
  if (o.gradients.empty()) out.paragraphs.push_back("Without --grads the transport alone counts (lambda 0).");
  return out;
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.add_option("POOL", o->pool, "Rows to choose from: CSV, NPY, IDX, a folder of images or of recordings")
      ->required();
  app.add_option("--valid", o->validation, "Rows of the kind that is wanted, with the same features")
      ->required();
  app.add_option("--n", o->n, "Rows to choose")->capture_default_str();
  app.add_option("--label", o->label,
                 "Column of a class: each is chosen from by itself, in validation's proportions")
      ->type_name("COLUMN");
  app.add_flag("--one-class", o->one_class, "Leave classes out of account");
  app.add_option("--embed", o->embedding, "Columns to measure distances by; all where left out")
      ->type_name("COLUMN,...")
      ->delimiter(',');
  app.add_option("--pca", o->axes, "Measure them in so many principal axes of the pool")->type_name("AXES");
  app.add_flag("--standardise", o->standardise,
               "Divide features by their deviation first, as recordings need");
  app.add_option("--grads", o->gradients,
                 "Gradient norms: a column of the pool, or model (a small classifier)")
      ->type_name("COLUMN|model");
  app.add_option("--lambda", o->lambda, "Weight of the gradient norms")->capture_default_str();
  app.add_option("--exchanges", o->exchanges, "Exchanges at most")
      ->capture_default_str()
      ->check(zero_or_above());
  app.add_option("--candidates", o->candidates, "Rows on either side of an exchange; 30, by class 3")
      ->check(above_zero());
  app.add_option("--evaluate", o->evaluate,
                 "Do not choose; give the figures of these rows (CSV with a column row)")
      ->type_name("ROWS.csv");
  return [o](const ToolRun& run) { return choose(*o, run); };
}

constexpr const char* about =
    "Picks n rows of a large pool so that a model trained on them does well on the kind of rows in --valid, "
    "or so that "
    "n sounds of a library together resemble a set that you like. The set is judged as a whole: the optimal "
    "transport "
    "between it and the validation rows, exactly, so that two rows that say the same are not both taken. No "
    "model is "
    "trained in the search.\n\n"
    "With --grads rows of larger gradient count for more, by lambda. With classes (--label, or sub-folders) "
    "each class "
    "gets its share of the validation rows. Folders and indices of recordings are embedded by means and "
    "deviations of "
    "their "
    "mel-frequency cepstra; give --standardise with them. selected.csv has the rows, from 1.\n\n"
    "Greedy choice and exchanges: near the best set, not surely the best. Memory is 8 bytes times the pool's "
    "rows "
    "times the validation rows, twice.";

const ToolRegistration registration{
    {.family = "Solvers",
     .name = "goracs",
     .summary = "Chooses n training rows or sounds that as a set stand for others",
     .paper =
         {"T. Mei, H. Chen, P. Yu, J. Liang, D. Yang",
          "GORACS: Group-level Optimal Transport-guided Coreset Selection for LLM-based Recommender Systems",
          "KDD 2025", "2506.04015"},
     .about = about,
     .set_up = set_up,
     .demo = goracs_demo,
     .example = "assets/data/fsdd/index.csv --valid assets/recordings/digits-dry.flac --n 12 --standardise"}};

} // namespace
} // namespace raphson::cli
