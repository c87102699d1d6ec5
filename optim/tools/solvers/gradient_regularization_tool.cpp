// raphson gradient-regularization: a network, or sparse coefficients, from few or badly labelled rows.
#include "optim/cli/tool.h"

#include "dsp/error.h"
#include "optim/data/split.h"
#include "optim/report/text.h"
#include "optim/tools/solvers/gradient_regularization.h"
#include "optim/tools/solvers/gradient_regularization_demo.h"
#include "optim/tools/solvers/sparse_regression.h"
#include "optim/tools/solvers/user_network.h"

#include <cmath>
#include <memory>

namespace raphson::cli {
namespace {

using namespace optim::tools;
using namespace optim;
using Eigen::Index;
using report::ToolReport;

struct Options {
  UserTableOptions table;
  std::string model = "mlp";
  std::vector<std::string> modes;
  std::vector<Index> hidden{100};
  GridLists lists = {};
  std::vector<double> gammas;
  RegularisedOptions train;
  double valid = 0.2, label_noise = 0, start = 0.1;
  int steps = 20000;
};

std::string predictions_csv(const UserNetwork& user, const Vector& parameters) {
  const TableNetwork& network = *user.network;
  const data::RowMatrix out = network.outputs(parameters, user.all.features);
  report::Table table{{{"row"}, {"target"}, {"prediction"}}, {}};
  const bool classes = network.is_classifier();
  const std::vector<int> predicted = classes ? network.predicted_classes(out) : std::vector<int>{};
  const auto name = [&](int c) { return user.all.class_names[static_cast<std::size_t>(c)]; };
  for (Index i = 0; i < out.rows(); ++i) {
    const auto row = static_cast<std::size_t>(i);
    if (classes)
      table.rows.push_back({i + 1, name(user.all.labels[row]), name(predicted[row])});
    else
      table.rows.push_back({i + 1, user.all.target[i] * user.target_deviation + user.target_mean,
                            out(i, 0) * user.target_deviation + user.target_mean});
  }
  return report::to_csv(table);
}

std::vector<Regulariser> modes_of(const Options& o) {
  std::vector<std::string> names = o.modes;
  if (names.empty()) names = {"none", "F", "B", "DB"};
  if (o.modes.empty() && o.model == "mlp") names.insert(names.end(), {"flood", "sam"});
  std::vector<Regulariser> modes;
  for (const std::string& name : names) {
    modes.push_back(regulariser_named(name));
    if (o.model == "diagonal" && (modes.back() == Regulariser::flood || modes.back() == Regulariser::sam))
      throw InputError("--modes: " + name + " is for --model mlp; none, F, B and DB suit diagonal");
  }
  return modes;
}

ToolReport on_network(const Options& o, const ToolRun& tool) {
  UserNetworkOptions options{.table = o.table,
                             .task = "classify",
                             .hidden = o.hidden,
                             .activation = nn::Activation::relu,
                             .images_as_they_are = true,
                             .held_out = o.valid};
  if (read_user_table(o.table).data.labels.empty()) options.task = "regress";
  UserNetwork user(options, tool.seed);
  if (user.held_out.size() == 0) throw InputError("--valid: rows are needed to choose by");
  redraw_labels(user.training, o.label_noise, tool.seed);
  GridLists lists = o.lists;
  if (!o.gammas.empty()) lists.gammas = o.gammas;
  RegularisedOptions train = o.train;
  train.look_every = std::max(1, train.epochs / 20);
  train.seed = tool.seed;
  train.threads = tool.threads;
  train.progress = tool.progress;
  const auto runs =
      train_cells(*user.network, user.training, user.held_out, cells_of(modes_of(o), lists), train);
  const std::size_t best = best_run(runs);
  if (best == runs.size())
    throw std::runtime_error("every run diverged, the first at " + to_string(runs[0].cell) + ": "
                             + runs[0].broke + "; give a smaller --lr or --gamma");
  ToolReport report{.title = "Gradient regularisation on " + o.table.file.filename().string()};
  report.values = {{"network", nn::to_string(user.network->mlp().spec())},
                   {"parameters", user.network->layout().size()},
                   {"training rows", user.training.size()},
                   {"validation rows", user.held_out.size()},
                   {"best", to_string(runs[best].cell)},
                   {std::string("validation ") + user.network->score_name(), runs[best].score}};
  add_runs(runs, *user.network, report);
  report.files = {{"model.network.json", nn::to_json(user.file(runs[best].parameters))},
                  {"predictions.csv", predictions_csv(user, runs[best].parameters)}};
  return report;
}

ToolReport on_diagonal(const Options& o, const ToolRun& tool) {
  UserTableOptions read = o.table;
  read.task = data::Task::regression;
  GridLists lists = o.lists;
  lists.gammas = o.gammas.empty() ? std::vector<double>{.3, 1, 3} : o.gammas;
  if (lists.epsilons.empty()) lists.epsilons = {1, 3, 10};
  return sparse_regression(read_user_table(read).data, cells_of(modes_of(o), lists),
                           {.start = o.start,
                            .steps = o.steps,
                            .held_out = o.valid,
                            .seed = tool.seed,
                            .threads = tool.threads,
                            .progress = tool.progress});
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.add_option("DATA", o->table.file, "A table: CSV, NPY, IDX, a folder of PNG or of recordings")
      ->required();
  app.add_option("--target", o->table.target, "Column of the CSV, or a file of labels: NPY, IDX, CSV")
      ->type_name("COLUMN|FILE")
      ->required();
  app.add_option("--model", o->model, "mlp, or diagonal: sparse coefficients of a linear model")
      ->check(CLI::IsMember({"mlp", "diagonal"}))
      ->type_name("")
      ->capture_default_str();
  const auto list = [&](const char* name, auto& values, const char* what) {
    return app.add_option(name, values, what)->delimiter(',')->type_name("LIST");
  };
  list("--hidden", o->hidden, "Hidden layers of mlp")->capture_default_str();
  list("--modes", o->modes, "Of none, F, B, DB, flood, sam, by default all; diagonal takes the first four");
  list("--gamma", o->gammas, "Strengths to try (default 0.1, 0.3, 1; diagonal 0.3, 1, 3)");
  list("--epsilon", o->lists.epsilons,
       "Ascents of F and B to try (default half of γ, γ, twice γ; diagonal 1, 3, 10)");
  list("--level", o->lists.levels, "Of flooding, to try")->capture_default_str();
  list("--rho", o->lists.radii, "Of sharpness-aware minimisation, to try")->capture_default_str();
  app.add_option("--epochs", o->train.epochs, "Times through the rows")
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--batch", o->train.batch_size, "Rows a step")->type_name("N")->capture_default_str();
  app.add_option("--lr", o->train.learning_rate, "Step size of momentum 0.9, falling as a cosine")
      ->type_name("STEP")
      ->capture_default_str();
  app.add_option("--valid", o->valid, "Share of the rows held out to choose by")
      ->type_name("SHARE")
      ->capture_default_str();
  app.add_option("--label-noise", o->label_noise, "Redraw training labels at random with this probability")
      ->check(between(0.0, 1.0).description(""))
      ->type_name("P");
  app.add_option("--max-hvp", o->train.most_hvp_parameters, "Most parameters for DB")
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--start", o->start, "α of diagonal: small for few coefficients")
      ->check(above_zero().description(""))
      ->type_name("ALPHA")
      ->capture_default_str();
  app.add_option("--steps", o->steps, "Of diagonal")
      ->check(between(1, 100000000))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--rows", o->table.rows, "The first so many alone")->type_name("N");
  app.add_option("--leave-out", o->table.leave_out, "Columns of the CSV that are no features")
      ->delimiter(',')
      ->type_name("COLUMNS");
  app.add_option("--sounds", o->table.sounds,
                 "Features of recordings: mfcc, simple, log-mel, log-spectrum, frames")
      ->type_name("KIND")
      ->capture_default_str();
  return
      [o](const ToolRun& run) { return o->model == "diagonal" ? on_diagonal(*o, run) : on_network(*o, run); };
}

const ToolRegistration registration{
    {.family = "Solvers",
     .name = "gradient-regularization",
     .summary = "A network that few or wrong labels spoil less: flat minima",
     .paper = {"R. Karakida, T. Takase, T. Hayase, K. Osawa",
               "Understanding Gradient Regularization in Deep Learning: Efficient Finite-Difference "
               "Computation and Implicit Bias",
               "ICML 2023", "2210.02720"},
     .about =
         "Trains on L + γ/2 |∇L|², so that the minimum found is flat. The penalty's gradient, a Hessian "
         "times "
         "a gradient, is the difference of two ordinary gradients, the second after an ascent by ε (F), "
         "before "
         "a descent (B), or exact (DB). ε of γ's size generalises better than a small one.\n\n"
         "For a small labelled table, set of images or of recordings: trains a perceptron in every mode over "
         "its grid, all on the same minibatches from the same start, beside none, flooding and "
         "sharpness-aware minimisation, and chooses on rows held out. It reports score, losses, |∇L|², the "
         "Hessian's largest eigenvalue and the gradients spent, and writes the best model and its "
         "predictions. "
         "Images enter as they are, in [0, 1], other columns standardised; γ scales with 1 over the "
         "curvature, "
         "so where runs diverge, halve it.\n\n"
         "--model diagonal is sparse linear regression for more columns than rows, without an intercept, "
         "columns scaled but not centred: the effect needs columns with a mean.",
     .set_up = set_up,
     .demo = gradient_regularization_demo,
     .example =
         "assets/data/mnist/mnist-10k-images.idx3.gz --target "
         "assets/data/mnist/mnist-10k-labels.idx1.gz --rows 500 --hidden 30 --modes none,F --gamma 0.3 "
         "--epsilon 0.3 --epochs 10 --label-noise 0.2"}};

} // namespace
} // namespace raphson::cli
