#include "dsp/error.h"
#include "optim/cli/dataset_options.h"
#include "optim/cli/tool.h"
#include "optim/data/csv.h"
#include "optim/data/image_transforms.h"
#include "optim/data/split.h"
#include "optim/tools/solvers/source_attribution_demo.h"
#include "optim/tools/solvers/source_report.h"

#include <memory>
#include <string>

namespace raphson::cli {
namespace {

using namespace optim;
using namespace optim::tools;

struct Options {
  std::shared_ptr<DatasetArguments> training;
  std::string query, query_labels, stage, measure = "loss";
  std::size_t rows = 0, queries = 0;
  SourceInput input;
};

data::Dataset read_queries(const Options& o, const data::Dataset& training) {
  DatasetArguments arguments = *o.training;
  arguments.path = o.query;
  arguments.options.labels = o.query_labels;
  arguments.options.features = training.feature_names;
  arguments.options.classes = training.class_names;
  return arguments.read();
}

std::vector<int> read_stages(const Options& o) {
  std::vector<int> stages;
  for (const double stage : data::read_csv(o.training->path).numbers(o.stage)) {
    if (stage != static_cast<int>(stage))
      throw InputError(o.training->path.string() + ": column " + o.stage + " has a stage "
                       + report::Cell(stage).text + "; stages are numbered 1, 2 ...");
    stages.push_back(static_cast<int>(stage));
  }
  return stages;
}

report::ToolReport attribute(Options o, const ToolRun& run) {
  run.say("reading");
  if (!o.stage.empty()) o.training->options.leave_out.push_back(o.stage);
  data::Dataset all = o.training->read();
  if (!o.stage.empty()) o.input.stages = read_stages(o);
  if (o.query.empty() == (o.queries == 0))
    throw InputError("--query or --queries: give a file of queries, or how many of the rows are to be them");
  if (!o.query.empty()) o.input.queries = read_queries(o, all);
  const std::size_t training = o.rows > 0 ? o.rows : all.size() - std::min(all.size(), o.queries);
  if (training == 0) throw InputError("--queries " + std::to_string(o.queries) + " leaves no training rows");
  if (o.queries > 0) o.input.queries = data::slice_rows(all, training, o.queries);
  o.input.training = data::slice_rows(all, 0, training);
  if (!o.input.stages.empty()) o.input.stages.resize(training);
  if (o.measure != "loss" && o.measure != "margin")
    throw InputError("--measure " + o.measure + ": it must be loss or margin");
  o.input.measure = o.measure == "loss" ? QueryMeasure::loss : QueryMeasure::margin;
  o.input.seed = run.seed;
  o.input.threads = run.threads;
  o.input.progress = run.progress;
  return source_report(o.input);
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  SourceInput& in = o->input;
  o->training = add_dataset_options(app);
  app.add_option("--query", o->query, "Rows to explain, with the same columns and target")->type_name("FILE");
  app.add_option("--query-labels", o->query_labels, "Their target, where it is in another file")
      ->type_name("FILE");
  app.add_option("--queries", o->queries, "In place of --query: so many rows behind the training rows")
      ->check(between(1, 1000000));
  app.add_option("--rows", o->rows, "Train on the first so many rows")->check(between(1, 100000000));
  app.add_option("--stage", o->stage, "Column of a table: the stage, from 1, in which a row was learned")
      ->type_name("COLUMN");
  app.add_option("--epochs", in.epochs, "Of each stage")->delimiter(',')->capture_default_str();
  app.add_option("--hidden", in.hidden, "Units of the hidden layer")->capture_default_str();
  app.add_option("--rate", in.rate, "Learning rate of SGD")->capture_default_str();
  app.add_option("--momentum", in.momentum, "Of SGD")->capture_default_str();
  app.add_option("--weight-decay", in.weight_decay, "Of SGD")->capture_default_str();
  app.add_option("--batch", in.batch_size, "Rows a step")->check(between(1, 1000000))->capture_default_str();
  app.add_option("--segments", in.segments, "Of each stage; three of a single one, otherwise one")
      ->check(between(1, 1000));
  app.add_option("--checkpoints", in.checkpoints, "Of the whole run")
      ->check(between(1, 1000))
      ->capture_default_str();
  app.add_option("--curvature", in.curvature, "full (up to 2,000 parameters) or ekfac")
      ->type_name("full|ekfac");
  app.add_option("--measure", o->measure, "What is explained of a query: loss or margin")
      ->capture_default_str();
  app.add_option("--check", in.check_subsets,
                 "Train again on so many random halves, and say how far tau holds")
      ->check(between(3, 100000))
      ->type_name("M");
  return [o](const ToolRun& run) { return attribute(*o, run); };
}

constexpr const char* about =
    "Trains a small network on your rows and says, for every row and every query, how much the query's loss "
    "would change if the row were left out and the network trained again. For each query you get the ten "
    "rows "
    "that helped and the ten that harmed it most, and all rows by the harm they do to the queries together: "
    "where labels are wrong, look there first. The scores follow the training run through checkpoints and "
    "stages, where influence functions look at its end alone.\n\n"
    "Queries are rows of the same kind that you trust: a file (--query), or rows of DATA itself "
    "(--queries). --stage names a column for a run that learned some rows first and others later. --check 40 "
    "trains again on 40 random halves and prints the rank correlation of what was foretold with what "
    "happened, on your own data.\n\n"
    "Columns of tables are standardised, images enter as they are. tau.npy and tau.csv hold all scores, "
    "[query][row]. With --measure margin it is log(1 - p) - log p of the right class that is explained. It "
    "is "
    "an approximation: groups of rows are foretold well, a single row's effect less so, since training again "
    "with another order of batches changes a query by as much.";

const ToolRegistration registration{
    {.family = "Solvers",
     .name = "source-attribution",
     .summary = "Which training rows made a model say that, wrong labels among them",
     .paper = {"J. Bae, W. Lin, J. Lorraine, R. Grosse",
               "Training Data Attribution via Approximate Unrolled Differentiation", "NeurIPS 2024",
               "2405.12186"},
     .about = about,
     .set_up = set_up,
     .demo = source_attribution_demo,
     .example = "assets/data/mnist/mnist-10k-images.idx3.gz --labels "
                "assets/data/mnist/mnist-10k-labels.idx1.gz --pool 7 --rows 300 --queries 30 --epochs 6 "
                "--rate 0.3"}};

} // namespace
} // namespace raphson::cli
