#include "dsp/error.h"
#include "optim/cli/dataset_options.h"
#include "optim/cli/row_choice.h"
#include "optim/cli/tool.h"
#include "optim/data/row_fingerprint.h"
#include "optim/data/split.h"
#include "optim/data/standardise.h"
#include "optim/tools/solvers/influence_report.h"
#include "optim/tools/solvers/influence_unlearning_demo.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <memory>

namespace raphson::cli {
namespace {

using namespace optim;
using namespace optim::tools;
using report::Cell;
using report::ToolReport;

struct Options {
  std::shared_ptr<DatasetArguments> train_data, forget_data;
  std::shared_ptr<RowChoice> forgotten;
  std::filesystem::path model;
  RestrictedTraining training;
  std::vector<Eigen::Index> hidden = {32};
  double held_out = 0.2;
  InfluenceOptions influence;
  std::string step = "adam", until;
  bool compare = false;
  CLI::App *train = nullptr, *forget = nullptr;
};

data::RowMatrix as_network_takes(const nn::NetworkFile& network, data::RowMatrix features) {
  if (network.means.size() > 0) data::Standardisation{network.means, network.deviations}.apply(features);
  return features;
}

void require_classes(const data::Dataset& rows) {
  if (rows.labels.empty())
    throw InputError(rows.name + ": no classes; --target COLUMN or --labels FILE gives them");
  if (rows.classes() < 2) throw InputError(rows.name + ": one class alone, two at least are needed");
}

nn::RowNumbers held_out_rows(const Options& o, std::size_t rows, std::uint64_t seed) {
  const auto out = static_cast<std::size_t>(std::lround(o.held_out * static_cast<double>(rows)));
  if (out >= rows) throw InputError("--held-out: it leaves no row to train on");
  auto held_out = data::split_rows(rows, rows - out, out, seed).held_out;
  std::sort(held_out.begin(), held_out.end());
  return held_out;
}

ToolReport train(const Options& o, const ToolRun& run) {
  DatasetArguments arguments = *o.train_data;
  arguments.options.task = data::Task::classification;
  data::Dataset rows = arguments.read();
  require_classes(rows);
  InfluenceModel model;
  model.rows = rows.size();
  model.fingerprint = data::fingerprint_of(rows);
  model.training = o.training;
  model.training.seed = run.seed;
  model.held_out = held_out_rows(o, rows.size(), run.seed);
  const nn::RowNumbers training = trained_rows(model);
  nn::NetworkFile& network = model.network;
  network.spec.widths = o.hidden;
  network.spec.widths.insert(network.spec.widths.begin(), rows.features.cols());
  network.spec.widths.push_back(rows.classes());
  network.inputs = rows.feature_names;
  network.target = arguments.options.target;
  network.classes = rows.class_names;
  if (rows.image_rows == 0) { // images enter as they are
    const auto scale = data::standardisation_of(data::select_rows(rows, training).features);
    network.means = scale.mean;
    network.deviations = scale.deviation;
  }
  rows.features = as_network_takes(network, rows.features);
  nn::Layout layout;
  const nn::Mlp mlp(layout, network.spec);
  const nn::RowModel row_model{layout, mlp, rows};
  const auto trained =
      train_restricted(row_model, training, model.held_out, layout.initial(run.seed), model.training,
                       [&](int epoch) { run.say("epoch " + std::to_string(epoch)); });
  network.parameters = trained.parameters;
  ToolReport out{.title = "A network trained on " + rows.name};
  const auto seen = nn::classified(mlp, trained.parameters, rows, training);
  out.values = {{"rows", training.size()},     {"held out", model.held_out.size()},
                {"parameters", layout.size()}, {"epochs", trained.epochs},
                {"accuracy", seen.accuracy},   {"loss", seen.loss}};
  if (!model.held_out.empty()) {
    const auto unseen = nn::classified(mlp, trained.parameters, rows, model.held_out);
    out.values.push_back({"accuracy on held-out rows", unseen.accuracy});
    out.values.push_back({"loss on held-out rows", unseen.loss});
  }
  out.files.push_back({"model.network.json", to_json(model)});
  return out;
}

// Of those that were chosen, the ones that can be forgotten; says what becomes of the others.
nn::RowNumbers forgettable(const nn::RowNumbers& chosen, const InfluenceModel& model,
                           std::vector<std::string>& warnings) {
  nn::RowNumbers rows;
  const nn::RowNumbers trained = trained_rows(model);
  std::set_intersection(chosen.begin(), chosen.end(), trained.begin(), trained.end(),
                        std::back_inserter(rows));
  const auto count_in = [&](const nn::RowNumbers& others) {
    return std::to_string(chosen.size() - rows_less(chosen, others).size());
  };
  if (const std::string count = count_in(model.held_out); count != "0")
    warnings.push_back(count + " of the chosen rows were held out: the network never learned them");
  if (const std::string count = count_in(model.forgotten); count != "0")
    warnings.push_back(count + " of the chosen rows were forgotten before");
  if (rows.empty()) throw InputError("none of the chosen rows can be forgotten: " + warnings.back());
  return rows;
}

std::optional<double> goal_of(const Options& o, const nn::RowModel& rows, const InfluenceModel& model) {
  if (o.until.empty()) return {};
  if (o.until == "chance") return std::log(static_cast<double>(model.network.classes.size()));
  if (o.until == "unseen") return unseen_loss(rows, model);
  double loss = 0;
  const char* const end = o.until.data() + o.until.size();
  const auto read = std::from_chars(o.until.data(), end, loss);
  if (read.ec != std::errc() || read.ptr != end || !(loss > 0) || !std::isfinite(loss))
    throw InputError("--until " + o.until + ": it must be a loss above 0, chance or unseen");
  return loss;
}

ToolReport forget(const Options& o, const ToolRun& run) {
  InfluenceModel model = read_influence_model(o.model);
  DatasetArguments arguments = *o.forget_data;
  arguments.options.task = data::Task::classification;
  data::Dataset rows = arguments.read({.inputs = model.network.inputs,
                                       .features = model.network.spec.widths.front(),
                                       .target = model.network.target,
                                       .classes = model.network.classes});
  require_classes(rows);
  data::check_same_rows(rows, model.rows, model.fingerprint, "trained");
  std::vector<std::string> warnings;
  const auto chosen = forgettable(o.forgotten->of(rows, arguments.path), model, warnings);
  rows.features = as_network_takes(model.network, rows.features);
  nn::Layout layout;
  const nn::Mlp mlp(layout, model.network.spec);
  const nn::RowModel row_model{layout, mlp, rows};
  InfluenceOptions options = o.influence;
  options.step = o.step == "sgd" ? UnlearningStep::sgd : UnlearningStep::adam;
  options.until = goal_of(o, row_model, model);
  Vector theta;
  ToolReport out = report_influence({.model = row_model,
                                     .trained = model,
                                     .forgotten = chosen,
                                     .options = options,
                                     .compare = o.compare,
                                     .say = [&run](const std::string& line) { run.say(line); }},
                                    theta);
  out.title = std::to_string(chosen.size()) + " rows of " + rows.name + " forgotten";
  out.paragraphs.push_back(
      "model-after.network.json is the network after one step. It approximates training without the rows and "
      "certifies nothing; --compare-retrain shows how far off it is.");
  out.warnings.insert(out.warnings.begin(), warnings.begin(), warnings.end());
  model.network.parameters = theta;
  model.forgotten.insert(model.forgotten.end(), chosen.begin(), chosen.end());
  std::sort(model.forgotten.begin(), model.forgotten.end());
  out.files.push_back({"model-after.network.json", to_json(model)});
  return out;
}

void set_up_train(CLI::App& app, Options& o) {
  o.train = app.add_subcommand("train", "Train a network that forgets well")->group("Commands");
  o.train_data = add_dataset_options(*o.train);
  o.train->add_option("--alpha", o.training.alpha, "Weight of the gradient's norms; 0: plain training")
      ->check(zero_or_above())
      ->capture_default_str();
  o.train->add_option("--hidden", o.hidden, "Units of the hidden layers, tanh")
      ->delimiter(',')
      ->check(between(1, 100000))
      ->capture_default_str();
  o.train->add_option("--epochs", o.training.epochs, "At most")
      ->check(between(1, 1000000))
      ->capture_default_str();
  o.train->add_option("--patience", o.training.patience, "Epochs without gain on held-out rows that end it")
      ->check(between(1, 1000000))
      ->capture_default_str();
  o.train->add_option("--batch", o.training.batch_size, "Rows a step")
      ->check(between(1, 1000000))
      ->capture_default_str();
  o.train->add_option("--rate", o.training.learning_rate, "Of Adam")
      ->check(above_zero())
      ->capture_default_str();
  o.train->add_option("--held-out", o.held_out, "Share of the rows that are not trained on")
      ->check(between(0.0, 0.99))
      ->capture_default_str();
}

void set_up_forget(CLI::App& app, Options& o) {
  o.forget = app.add_subcommand("forget", "Take rows out of a trained network")->group("Commands");
  o.forget->add_option("MODEL", o.model, "model.network.json, as train or an earlier forget wrote it")
      ->required();
  o.forget_data = add_dataset_options(*o.forget);
  o.forgotten = add_row_choice(*o.forget);
  o.forget->add_option("--step", o.step, "adam or sgd")
      ->check(CLI::IsMember({"adam", "sgd"}))
      ->capture_default_str();
  auto* const rate = o.forget->add_option("--rate", o.influence.rate, "Of the step")
                         ->check(above_zero())
                         ->capture_default_str();
  o.forget->add_option("--until", o.until, "The smallest step after which the rows' loss is this")
      ->type_name("LOSS|chance|unseen")
      ->excludes(rate);
  o.forget
      ->add_option("--correction", o.influence.correction, "Weight of the remaining rows; 0: plain ascent")
      ->check(zero_or_above())
      ->capture_default_str();
  o.forget->add_flag("--compare-retrain", o.compare, "Train without the rows too, and compare");
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.require_subcommand(1);
  set_up_train(app, *o);
  set_up_forget(app, *o);
  return [o](const ToolRun& run) { return o->train->parsed() ? train(*o, run) : forget(*o, run); };
}

constexpr const char* about =
    "For whoever must clean a trained network of bad or withdrawn rows and cannot train it again. train "
    "makes a "
    "small classifier, with a penalty on the size of gradients (--alpha) that keeps single rows from being "
    "hard to undo. forget takes rows out by one step: up the gradient of the forgotten rows, down that of "
    "the "
    "rows that remain; two gradients, no Hessian, no training.\n\n"
    "How far to go is --rate, or a loss that the forgotten rows are to reach: chance, that of guessing, for "
    "a "
    "whole class; unseen, the mean of held-out rows, for ordinary rows, which must look as if never trained "
    "on "
    "(where they are easier than most, as their loss before tells, that goes too far). "
    "Requests follow on one another: forget writes a model that the next forget takes, with the same "
    "DATA.\n\n"
    "It is an approximation and certifies nothing. --compare-retrain trains without the rows and gives the "
    "mean "
    "total variation between both networks' predictions of them, the number that says how well it worked. "
    "Membership AUC says how well the loss tells forgotten rows from held-out ones, 0.5 not at all; held-out "
    "rows also chose when training ended. Where 100 of 1,000 labels were wrong the influence function, which "
    "has the Hessian, costs less accuracy (see --demo). forget-unlearning gives guarantees, for convex "
    "models.";

const ToolRegistration registration{
    {.family = "Solvers",
     .name = "influence-unlearning",
     .summary = "Takes rows out of a trained network by one step",
     .paper = {"J. Liu, C. Wu, D. Lian, E. Chen", "Efficient Machine Unlearning via Influence Approximation",
               "arXiv 2025", "2507.23257"},
     .about = about,
     .set_up = set_up,
     .demo = influence_unlearning_demo,
     .example = "train assets/data/fsdd/index.csv --target speaker --epochs 20"}};

} // namespace
} // namespace raphson::cli
