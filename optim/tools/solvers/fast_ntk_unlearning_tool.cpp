#include "dsp/error.h"
#include "optim/cli/dataset_options.h"
#include "optim/cli/row_choice.h"
#include "optim/cli/tool.h"
#include "optim/data/read_file.h"
#include "optim/data/row_fingerprint.h"
#include "optim/tools/solvers/fast_ntk_model.h"
#include "optim/tools/solvers/fast_ntk_report.h"
#include "optim/tools/solvers/fast_ntk_unlearning_demo.h"

#include <memory>
#include <numeric>

namespace raphson::cli {
namespace {

using namespace optim;
using namespace optim::tools;
using report::Cell;
using report::ToolReport;

struct Options {
  std::shared_ptr<DatasetArguments> pretrain_data, tune_data, forget_data, predict_data;
  std::shared_ptr<RowChoice> forgotten;
  std::filesystem::path model, held_out;
  PretrainOptions pretraining;
  TuningOptions tuning;
  std::string train = "norm+head", loss = "squares", point = "start", scale = "one";
  bool closed_form = false, compare = false;
  CLI::App *pretrain = nullptr, *tune = nullptr, *forget = nullptr, *predict = nullptr;
};

FastNtkModel read_model(const std::filesystem::path& path) {
  return parse_fast_ntk_model(data::read_file(path), path.string());
}

data::Dataset read(DatasetArguments arguments, const FastNtkModel* model, bool known_classes) {
  arguments.options.task = data::Task::classification;
  if (!model) return arguments.read();
  return arguments.read({.inputs = model->inputs,
                         .features = model->net.widths.front(),
                         .target = model->target,
                         .classes = known_classes ? model->classes : std::vector<std::string>()});
}

void require_classes(const data::Dataset& rows) {
  if (!rows.labels.empty()) return;
  throw InputError(rows.name + ": no classes; --target COLUMN or --labels FILE gives them");
}

std::vector<std::size_t> all_rows(const data::Dataset& rows) {
  std::vector<std::size_t> all(rows.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

ToolReport pretrain(const Options& o, const ToolRun& run) {
  data::Dataset rows = read(*o.pretrain_data, nullptr, false);
  require_classes(rows);
  FastNtkModel model{
      .inputs = rows.feature_names, .classes = rows.class_names, .target = o.pretrain_data->options.target};
  model.scale = data::standardise(rows);
  PretrainOptions options = o.pretraining;
  options.seed = run.seed;
  options.observer = [&](int step, double loss) {
    run.say("step " + std::to_string(step) + ", loss " + Cell(loss).text);
  };
  model.net = tools::pretrain(rows, options);
  ToolReport out{.title = "A base network of " + rows.name};
  out.paragraphs.push_back("base.json holds the network with the frozen statistics of these rows; give it to "
                           "fast-ntk-unlearning tune with the rows to adapt it to.");
  out.values = {{"rows", rows.size()},
                {"classes", rows.classes()},
                {"parameters", model.net.parameters.size()},
                {"accuracy on these rows", accuracy(outputs_of(model.net, rows.features), rows.labels)}};
  out.files.push_back({"base.json", to_json(model)});
  return out;
}

ToolReport tune(const Options& o, const ToolRun& run) {
  FastNtkModel model = read_model(o.model);
  if (model.tuned) throw InputError(o.model.string() + ": tuned already; give a base as pretrain wrote it");
  data::Dataset rows = read(*o.tune_data, &model, false);
  require_classes(rows);
  model.classes = rows.class_names;
  if (!o.tune_data->options.target.empty() || !o.tune_data->options.labels.empty())
    model.target = o.tune_data->options.target; // otherwise the base's, by which it was read
  Tuned tuned{.options = o.tuning, .rows = rows.size(), .fingerprint = data::fingerprint_of(rows)};
  tuned.options.trainable = trainable_named(o.train);
  tuned.options.loss = o.loss == "squares" ? TuningLoss::squares : TuningLoss::cross_entropy;
  model.scale.apply(rows.features);
  model.net = with_new_head(model.net, rows.classes());
  const NormalisedLayout layout(model.net.widths, tuned.options.trainable);
  tuned.origin = layout.part(std::as_const(model.net.parameters));
  const auto all = all_rows(rows);
  const TuningRows data{rows.features, rows.labels, all};
  Vector w;
  if (o.closed_form) {
    if (tuned.options.trainable != Trainable::head || tuned.options.loss != TuningLoss::squares)
      throw InputError("--closed-form: the network is linear under --train head --loss squares alone");
    const LinearModel linear = linear_model(model.net, tuned.origin, tuned.origin, data, tuned.options);
    w = tuned.origin
        + Ridge(linear.jacobian, tuned.options.lambda * static_cast<double>(rows.size()))
              .solve(linear.residual);
  } else {
    w = tools::tune(model.net, tuned.origin, data, tuned.options, [&](int step, const Vector&) {
      run.say("step " + std::to_string(step));
      return true;
    });
  }
  model.net = with_trained(model.net, tuned.options.trainable, w);
  ToolReport out{.title = "A network tuned on " + rows.name};
  out.values = {{"rows", rows.size()},
                {"classes", rows.classes()},
                {"trained parameters p", layout.size()},
                {"of", layout.all().size()},
                {"accuracy on these rows", accuracy(outputs_of(model.net, rows.features), rows.labels)},
                {"|w - w_0|", (w - tuned.origin).norm()}};
  model.tuned = std::move(tuned);
  out.files.push_back({"model.json", to_json(model)});
  return out;
}

ToolReport forget(const Options& o, const ToolRun& run) {
  FastNtkModel model = read_model(o.model);
  data::Dataset rows = read(*o.forget_data, &model, true), held_out;
  require_classes(rows);
  check_tuning_rows(model, rows);
  const auto forgotten = o.forgotten->of(rows, o.forget_data->path);
  if (!o.held_out.empty()) {
    DatasetArguments arguments = *o.forget_data;
    arguments.path = o.held_out;
    held_out = read(arguments, &model, true);
    require_classes(held_out);
    model.scale.apply(held_out.features);
  }
  model.scale.apply(rows.features);
  NormalisedNet result;
  ToolReport out = report_forgetting(
      {.tuned = model.net,
       .origin = model.tuned->origin,
       .data = rows,
       .held_out = held_out,
       .forgotten = forgotten,
       .tuning = model.tuned->options,
       .options = {.point = o.point == "start" ? LinearisationPoint::start : LinearisationPoint::trained,
                   .trapezium = o.scale == "trapezium"},
       .compare = o.compare,
       .say = [&run](const std::string& line) { run.say(line); }},
      result);
  out.title = std::to_string(forgotten.size()) + " rows of " + rows.name + " forgotten";
  out.paragraphs.push_back(
      "model-after.json is the network after one linear solve, without further training. "
      "It approximates fine-tuning without the rows and certifies nothing; --compare-retrain "
      "shows how far off it is.");
  model.net = std::move(result);
  out.files.push_back({"model-after.json", to_json(model)});
  return out;
}

ToolReport predict(const Options& o) {
  const FastNtkModel model = read_model(o.model);
  data::Dataset rows = read(*o.predict_data, &model, true);
  model.scale.apply(rows.features);
  const data::RowMatrix y = outputs_of(model.net, rows.features);
  report::Table table{{{"row"}, {"class"}}, {}};
  for (const std::string& name : model.classes) table.columns.push_back({"output " + name});
  for (Index row = 0; row < y.rows(); ++row) {
    Index largest = 0;
    y.row(row).maxCoeff(&largest);
    std::vector<Cell> cells{row + 1, model.classes[static_cast<std::size_t>(largest)]};
    for (Index c = 0; c < y.cols(); ++c) cells.push_back(y(row, c));
    table.rows.push_back(std::move(cells));
  }
  ToolReport out{.title = "Classes of " + rows.name};
  out.tables.push_back({"predictions", "", table});
  return out;
}

void set_up_tune(CLI::App& app, Options& o) {
  o.tune = app.add_subcommand("tune", "Fine-tune a part of a base network on other rows")->group("Commands");
  o.tune->add_option("BASE", o.model, "base.json, as pretrain wrote it")->required();
  o.tune_data = add_dataset_options(*o.tune);
  o.tune->add_option("--train", o.train, "What is tuned: norm, norm+head, head or all")
      ->capture_default_str();
  o.tune->add_option("--loss", o.loss, "squares or cross-entropy")
      ->check(CLI::IsMember({"squares", "cross-entropy"}))
      ->capture_default_str();
  o.tune->add_option("--lambda", o.tuning.lambda, "Weight of |w - w_0|^2/2")
      ->check(zero_or_above())
      ->capture_default_str();
  o.tune->add_option("--steps", o.tuning.steps, "Of Adam, on all rows")
      ->check(between(0, 1000000))
      ->capture_default_str();
  o.tune->add_option("--rate", o.tuning.learning_rate, "Of Adam")->check(above_zero())->capture_default_str();
  o.tune->add_flag("--closed-form", o.closed_form, "The optimum itself, for --train head");
}

void set_up_forget(CLI::App& app, Options& o) {
  o.forget = app.add_subcommand("forget", "Take rows out of a tuned network")->group("Commands");
  o.forget->add_option("MODEL", o.model, "model.json, as tune wrote it")->required();
  o.forget_data = add_dataset_options(*o.forget);
  o.forgotten = add_row_choice(*o.forget);
  o.forget->add_option("--held-out", o.held_out, "Other rows, to test on")->type_name("FILE");
  o.forget->add_option("--linearise", o.point, "At the start of tuning, or at the trained network")
      ->check(CLI::IsMember({"start", "trained"}))
      ->capture_default_str();
  o.forget->add_option("--scale", o.scale, "Of the change: one, or trapezium (overshoots)")
      ->check(CLI::IsMember({"one", "trapezium"}))
      ->capture_default_str();
  o.forget->add_flag("--compare-retrain", o.compare, "Tune without the rows too, and compare");
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.require_subcommand(1);
  o->pretrain = app.add_subcommand("pretrain", "Make a base network")->group("Commands");
  o->pretraining.steps = 1000;
  o->pretrain_data = add_dataset_options(*o->pretrain);
  o->pretrain->add_option("--hidden", o->pretraining.hidden, "Units of the hidden layers")
      ->delimiter(',')
      ->check(between(1, 100000))
      ->capture_default_str();
  o->pretrain->add_option("--steps", o->pretraining.steps, "Of Adam")
      ->check(between(1, 1000000))
      ->capture_default_str();
  o->pretrain->add_option("--batch", o->pretraining.batch_size, "Rows a step")
      ->check(between(2, 1000000))
      ->capture_default_str();
  o->pretrain->add_option("--rate", o->pretraining.learning_rate, "Of Adam")
      ->check(above_zero())
      ->capture_default_str();
  set_up_tune(app, *o);
  set_up_forget(app, *o);
  o->predict = app.add_subcommand("predict", "Classes of rows")->group("Commands");
  o->predict->add_option("MODEL", o->model, "As any of the others wrote it")->required();
  o->predict_data = add_dataset_options(*o->predict);
  return [o](const ToolRun& run) {
    if (o->pretrain->parsed()) return pretrain(*o, run);
    if (o->tune->parsed()) return tune(*o, run);
    return o->forget->parsed() ? forget(*o, run) : predict(*o);
  };
}

constexpr const char* about =
    "For whoever adapts one base network to many customers' data and must take some of it out again: a "
    "class, a "
    "speaker, a session. pretrain makes a base of normalised layers, tune fine-tunes a small part of it "
    "(normalisation gains and offsets, a new head), forget takes rows out by one linear solve: what training "
    "of "
    "the linearised network with and without the rows would give, and the difference added. No further "
    "training; the tuning data must still be there.\n\n"
    "--linearise start follows the theory; with a new head, which starts at 0, it sees the head alone, and "
    "what "
    "it leaves depends on how well the base's features serve the new classes. --linearise trained is often "
    "nearer to retraining. Neither certifies anything: --compare-retrain fine-tunes without the rows and "
    "reports the distance of outputs and how fast the rows are learned again.\n\n"
    "Tables, arrays, images and sounds, as any of the tools takes them; inputs are standardised by the "
    "pre-training data. With --train all the Jacobian of N rows, C classes and p parameters takes 8 N C p "
    "bytes.";

const ToolRegistration registration{
    {.family = "Solvers",
     .name = "fast-ntk-unlearning",
     .summary = "Takes rows out of a fine-tuned network by one linear solve",
     .paper = {"G. Li, H. Hsu, C.-F. Chen, R. Marculescu",
               "Fast-NTK: Parameter-Efficient Unlearning for Large-Scale Models", "CVPR workshops 2024",
               "2312.14923"},
     .about = about,
     .set_up = set_up,
     .demo = fast_ntk_unlearning_demo,
     .example = "pretrain assets/data/fsdd/index.csv --target speaker"}};

} // namespace
} // namespace raphson::cli
