// raphson adam: which solver and step size suit a table.
#include "optim/cli/tool.h"

#include "dsp/error.h"
#include "optim/data/split.h"
#include "optim/report/text.h"
#include "optim/tools/solvers/adam_demo.h"
#include "optim/tools/solvers/optimiser_study.h"
#include "optim/tools/solvers/user_table.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>

namespace raphson::cli {
namespace {

using namespace optim::tools;
using namespace optim;
using Eigen::Index;

struct Options {
  UserTableOptions table;
  std::string model, batch = "128", standardise = "yes", decay = "constant";
  std::vector<Index> hidden{64, 64};
  std::vector<std::string> optimisers{"adam", "adamax", "nesterov", "adagrad", "rmsprop", "sgd"};
  std::vector<double> steps;
  int epochs = 10;
  double valid = 0.2, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  bool trace = false;
};

struct Problem {
  data::Dataset all, training, validation;
  data::Standardisation scale = {}; ///< of the inputs; empty: none
  double target_mean = 0, target_deviation = 1;
};

Problem read(const Options& o) {
  if (!(o.valid >= 0 && o.valid < 1))
    throw InputError("--valid: a share of the rows, at least 0 and below 1");
  UserTableOptions table = o.table;
  if (o.model == "linear") table.task = data::Task::regression;
  if (o.model == "logistic" || o.model == "softmax") table.task = data::Task::classification;
  Problem p{.all = read_user_table(table).data, .training = {}, .validation = {}};
  return p;
}

void split_and_scale(const Options& o, std::uint64_t seed, Problem& p) {
  const std::size_t n = p.all.size(),
                    held_out = static_cast<std::size_t>(std::lround(o.valid * static_cast<double>(n)));
  if (held_out >= n) throw InputError("--valid: it leaves no row to train on");
  auto parts = data::apply_split(p.all, data::split_rows(n, n - held_out, held_out, seed));
  p.training = std::move(parts.training);
  p.validation = std::move(parts.held_out);
  if (o.standardise != "yes") return;
  p.scale = data::standardise(p.training);
  if (held_out > 0) p.scale.apply(p.validation.features);
  p.scale.apply(p.all.features);
  if (p.training.target.size() == 0 || !p.training.labels.empty()) return;
  p.target_mean = p.training.target.mean();
  p.target_deviation = std::sqrt((p.training.target.array() - p.target_mean).square().mean());
  for (data::Dataset* part : {&p.training, &p.validation, &p.all})
    part->target = (part->target.array() - p.target_mean) / p.target_deviation;
}

RuleSettings rule_of(const Options& o, const std::string& name) {
  RuleSettings rule = rule_named(name);
  if (auto* adam = std::get_if<AdamSettings>(&rule)) {
    adam->beta1 = o.beta1;
    adam->beta2 = o.beta2;
    adam->epsilon = o.epsilon;
  }
  if (auto* adamax = std::get_if<AdaMaxSettings>(&rule)) {
    adamax->beta1 = o.beta1;
    adamax->beta2 = o.beta2;
  }
  return rule;
}

std::vector<OptimiserGrid> grids_of(const Options& o) {
  std::vector<OptimiserGrid> grids;
  for (const std::string& name : o.optimisers) {
    const RuleSettings rule = rule_of(o, name);
    grids.push_back({name, rule, o.steps.empty() ? usual_steps(rule) : o.steps,
                     o.decay == "sqrt" ? inverse_square_root() : Schedule{}});
  }
  return grids;
}

/// In the units of the file: the last layer takes up the target's scale.
Vector unscaled(const TableNetwork& network, const Problem& p, Vector parameters) {
  const nn::Linear& last = network.mlp().layers().back();
  if (network.is_classifier()) return parameters;
  parameters.segment(last.weight.offset, last.weight.shape.size()) *= p.target_deviation;
  auto bias = parameters.segment(last.bias.offset, last.bias.shape.size());
  bias = (bias * p.target_deviation).array() + p.target_mean;
  return parameters;
}

std::string predictions_csv(const TableNetwork& network, const Problem& p, const Vector& parameters) {
  const data::RowMatrix out = network.outputs(unscaled(network, p, parameters), p.all.features);
  const bool classes = network.is_classifier();
  report::Table table{{{"row"}, {"target"}, {"prediction"}}, {}};
  if (classes) table.columns.push_back({"probability"});
  const std::vector<int> predicted = classes ? network.predicted_classes(out) : std::vector<int>{};
  const Vector probability = classes ? network.probabilities(out, predicted) : Vector{};
  for (Index i = 0; i < out.rows(); ++i) {
    const auto row = static_cast<std::size_t>(i);
    if (classes)
      table.rows.push_back({i + 1, p.all.class_names[static_cast<std::size_t>(p.all.labels[row])],
                            p.all.class_names[static_cast<std::size_t>(predicted[row])], probability[i]});
    else
      table.rows.push_back({i + 1, p.all.target[i] * p.target_deviation + p.target_mean, out(i, 0)});
  }
  return report::to_csv(table);
}

/// Step, the minibatch's loss and every parameter at each step of the first optimiser at its best step.
std::string trace_csv(const Options& o, const TableNetwork& network, const Problem& p,
                      const OptimiserStudy& study, std::size_t batch, std::uint64_t seed) {
  std::string text = "step,loss";
  for (const auto& entry : network.layout().entries())
    for (Index i = 0; i < entry.block.shape.size(); ++i)
      text += "," + entry.name + "[" + std::to_string(i) + "]";
  text += "\n";
  const auto digits = [](double value) {
    char number[32];
    std::snprintf(number, sizeof number, "%.17g", value);
    return std::string(number);
  };
  const auto objective = network.objective<double>(p.training);
  minimise(*objective, network.start(seed),
           FirstOrderOptions{.rule = with_learning_rate(study.grids[0].rule, study.best(0).step),
                             .batch_size = batch,
                             .epochs = o.epochs,
                             .seed = seed,
                             .schedule = study.grids[0].schedule},
           [&](const Step& s) {
             text += std::to_string(s.iteration) + "," + digits(s.value);
             for (const double x : s.x) text += "," + digits(x);
             text += "\n";
             return Control::proceed;
           });
  return text;
}

report::ToolReport run(const Options& o, const ToolRun& tool) {
  Problem p = read(o);
  TableNetworkOptions network_options{
      .model = o.model.empty() ? usual_model(p.all) : table_model_named(o.model), .hidden = o.hidden};
  if (network_options.model == TableModel::autoencoder)
    throw InputError("--model: autoencoder is for raphson soap");
  split_and_scale(o, tool.seed, p);
  const TableNetwork network(p.training, network_options);
  constexpr Index most = 64;
  if (o.trace && network.layout().size() > most)
    throw InputError("--trace: the model has " + std::to_string(network.layout().size())
                     + " parameters, at most " + std::to_string(most)
                     + " can be traced; fewer columns, or a linear model");
  std::size_t batch = p.training.size();
  if (o.batch != "full") {
    const char* end = o.batch.data() + o.batch.size();
    if (std::from_chars(o.batch.data(), end, batch).ptr != end)
      throw InputError("--batch: '" + o.batch + "' is neither a number of rows nor full");
  }
  const data::Dataset* validation = p.validation.size() > 0 ? &p.validation : nullptr;
  const OptimiserStudy study = run_study<double>(network, p.training, validation, grids_of(o),
                                                 {.batch_size = batch,
                                                  .epochs = o.epochs,
                                                  .seed = tool.seed,
                                                  .threads = tool.threads,
                                                  .progress = tool.progress});

  report::ToolReport report{.title = "Optimisers on " + o.table.file.filename().string()};
  const std::size_t g = study.best_grid();
  const GridRun& best = study.best(g);
  if (!best.finite)
    throw std::runtime_error("every optimiser diverged at every step: smaller --steps, or --standardise yes");
  report.values = {
      {"model", network.model() == TableModel::mlp ? nn::to_string(network.mlp().spec())
                                                   : std::string(name_of(network.model()))},
      {"parameters", static_cast<long>(network.layout().size())},
      {"training rows", static_cast<long>(p.training.size())},
      {"validation rows", static_cast<long>(p.validation.size())},
      {"best optimiser", study.grids[g].name},
      {"best step", best.step},
      {network.score_name(), network.score(best.parameters, validation ? p.validation : p.training)}};
  report.paragraphs.push_back(
      study.grids[g].name + " at step " + report::format_significant(best.step, 4) + " has the lowest "
      + (validation ? "validation" : "training") + " loss, "
      + report::format_significant(validation ? best.final_validation_loss() : best.final_training_loss(), 4)
      + ".");
  add_study(study, network, p.training, validation, report);
  const nn::NetworkFile file =
      network.file(unscaled(network, p, best.parameters), p.training, p.scale, o.table.target);
  report.files.push_back({"model.network.json", nn::to_json(file)});
  report.files.push_back({"predictions.csv", predictions_csv(network, p, best.parameters)});
  if (o.trace) report.files.push_back({"trace.csv", trace_csv(o, network, p, study, batch, tool.seed)});
  return report;
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.add_option("DATA", o->table.file, "A table: CSV, NPY, IDX, a folder of PNG or of recordings")
      ->required();
  app.add_option("--target", o->table.target, "Column of the CSV, or a file of labels: NPY, IDX, CSV")
      ->type_name("COLUMN|FILE")
      ->required();
  app.add_option("--model", o->model, "linear, logistic, softmax or mlp; by default what suits the target")
      ->type_name("MODEL");
  app.add_option("--hidden", o->hidden, "Hidden layers of mlp")
      ->delimiter(',')
      ->type_name("N,N")
      ->capture_default_str();
  app.add_option("--optimisers", o->optimisers,
                 "Of sgd, momentum, nesterov, adagrad, rmsprop, adam, adamax, soap, shampoo, m-fac")
      ->delimiter(',')
      ->type_name("LIST")
      ->capture_default_str();
  app.add_option("--steps", o->steps, "Step sizes to try for each; by default five that suit it")
      ->delimiter(',')
      ->type_name("LIST");
  app.add_option("--decay", o->decay, "Of the step sizes: constant, or sqrt for 1/sqrt(t)")
      ->check(CLI::IsMember({"constant", "sqrt"}))
      ->type_name("")
      ->capture_default_str();
  app.add_option("--batch", o->batch, "Rows a step, or full")->type_name("N|full")->capture_default_str();
  app.add_option("--epochs", o->epochs, "Times through the table")->type_name("N")->capture_default_str();
  app.add_option("--valid", o->valid, "Share of the rows held out to choose by")
      ->type_name("SHARE")
      ->capture_default_str();
  app.add_option("--standardise", o->standardise,
                 "Columns, and a target of numbers, to mean 0 and deviation 1: yes or no")
      ->check(CLI::IsMember({"yes", "no"}))
      ->type_name("")
      ->capture_default_str();
  app.add_option("--beta1", o->beta1, "Of Adam and AdaMax")->type_name("B")->capture_default_str();
  app.add_option("--beta2", o->beta2, "Of Adam and AdaMax")->type_name("B")->capture_default_str();
  app.add_option("--eps", o->epsilon, "Of Adam")->type_name("E")->capture_default_str();
  app.add_option("--leave-out", o->table.leave_out, "Columns of the CSV that are no features")
      ->delimiter(',')
      ->type_name("COLUMNS");
  app.add_option("--rows", o->table.rows, "The first so many alone")->type_name("N");
  app.add_flag("--trace", o->trace,
               "Write every parameter at every step of the first optimiser, at its best step size");
  return [o](const ToolRun& r) { return run(*o, r); };
}

const ToolRegistration registration{
    {.family = "Solvers",
     .name = "adam",
     .summary = "Which solver and step size suit a table: Adam and its rivals",
     .paper = {"D. P. Kingma, J. Ba", "Adam: A Method for Stochastic Optimization", "ICLR 2015", "1412.6980"},
     .about =
         "Adam and AdaMax give each parameter a step of its own: the running mean of its gradient over a "
         "running "
         "measure of its size. The step size becomes a distance, so it needs little tuning and ignores how "
         "the loss is "
         "scaled. This command fits a model to a table (linear, logistic, softmax regression or a multilayer "
         "perceptron) by several solvers, each with a list of step sizes, all on the same minibatches, and "
         "reports which "
         "does best on rows held out, how fast, and how much the step size matters. It writes the model "
         "(model.network.json, which raphson m-fac prunes), predictions.csv and, with --trace, every "
         "parameter at "
         "every step.\n\n"
         "The paper's proof that Adam's regret is O(sqrt T) on convex losses has an error: there are convex "
         "losses on "
         "which Adam goes to the worst point (Reddi, Kale and Kumar, ICLR 2018), as --demo shows. A target "
         "of numbers is "
         "scaled with the columns; losses are then in units of its variance, predictions and model in its "
         "own.",
     .set_up = set_up,
     .demo = adam_demo,
     .example =
         "assets/data/mnist/mnist-10k-images.idx3.gz --target assets/data/mnist/mnist-10k-labels.idx1.gz "
         "--rows 2000 --epochs 3 --optimisers adam,nesterov --steps 0.003,0.01"}};

} // namespace
} // namespace raphson::cli
