#include "dsp/error.h"
#include "optim/cli/tool.h"
#include "optim/data/csv.h"
#include "optim/data/read_file.h"
#include "optim/engine/random.h"
#include "optim/tools/solvers/forget_unlearning_demo.h"
#include "optim/tools/solvers/forget_unlearning_model.h"

#include <cmath>
#include <memory>
#include <random>

namespace raphson::cli {
namespace {

using namespace optim;
using namespace optim::tools;
using report::Cell;
using report::ToolReport;

struct Options {
  std::string table, model, loss = "logistic";
  DeletionOptions deletion;
  TableColumns columns;
  double delta = 1e-5;
  std::vector<int> rows; // from 1
  int row = 1, runs = 500, hidden = 0;
  CLI::App *learn = nullptr, *erase = nullptr, *predict = nullptr, *audit = nullptr;
};

bool seed_is_given(const CLI::App& command) {
  const CLI::App& parent = *command.get_parent();
  return command.get_option("--seed")->count() > 0 || parent.get_option("--seed")->count() > 0;
}

// From the system, unless the user wants the same run again; each release has noise of its own.
std::uint64_t noise_seed(const CLI::App& command, const ToolRun& run, int release) {
  std::uint64_t state = run.seed;
  if (!seed_is_given(command)) {
    std::random_device system;
    state = (std::uint64_t(system()) << 32) ^ system();
  }
  for (int k = 0; k < release; ++k) split_mix(state);
  return split_mix(state);
}

DeletionLoss loss_of(const std::string& text) {
  for (const auto loss : {DeletionLoss::logistic, DeletionLoss::huber, DeletionLoss::mean}) {
    if (text == to_string(loss)) return loss;
  }
  throw InputError("--loss " + text + ": it must be logistic, huber or mean");
}

void say_private(const DeletableModel& model, ToolReport& out) {
  if (model.seeded)
    out.warnings.push_back("not private: seeded (--seed makes the noise known; leave it out)");
}

void say_clipped(int clipped, Eigen::Index rows, ToolReport& out) {
  if (clipped == 0) return;
  out.warnings.push_back(std::to_string(clipped) + " of " + std::to_string(rows)
                         + " rows were longer than 1 and have been clipped to length 1 (--ranges)");
}

ToolReport learn(const Options& o, const ToolRun& run) {
  if (o.hidden > 0) throw InputError("--hidden: no certificate exists for networks; the losses are convex");
  DeletionOptions options = o.deletion;
  options.loss = loss_of(o.loss);
  const auto table = data::read_csv(o.table);
  DeletableModel model = describe_table(table, o.table, options, o.columns);
  const auto slots = read_slots(table, o.table, model);
  const DeletionPlan plan = plan_deletion(options, model.slots, model.parameters());
  model.seeded = seed_is_given(*o.learn);
  model.theta = learn_deletable(slots.rows, plan, noise_seed(*o.learn, run, 0));
  model.releases = 1;
  ToolReport out{.title = "A model of " + o.table + " that can forget"};
  const double dp = plan.epsilon_dp(plan.learn_steps);
  out.paragraphs.push_back(
      "What the model tells of any one row is bounded: R_" + Cell(options.order).text
      + " of its law with and without the row is at most the first figure. model.json is all "
        "there is; to delete rows, give it to forget-unlearning delete with the same table.");
  out.values = {{"Renyi divergence of one row, at most", dp},
                {"epsilon at delta " + Cell(o.delta).text, approximate_epsilon(dp, options.order, o.delta)},
                {"an attacker's share of right guesses, at most", guessing_bound(dp)},
                {"steps to learn", plan.learn_steps},
                {"steps to delete one row", plan.delete_steps(1)},
                {"noise (sigma^2)", plan.sigma_squared},
                {"slots", model.slots}};
  say_clipped(slots.clipped, model.slots, out);
  say_private(model, out);
  out.files.push_back({"model.json", to_json(model)});
  return out;
}

ToolReport erase(const Options& o, const ToolRun& run) {
  DeletableModel model = parse_deletable_model(data::read_file(o.model), o.model);
  const auto table = data::read_csv(o.table);
  auto slots = read_slots(table, o.table, model);
  const DeletionPlan plan = plan_deletion(model.options, model.slots, model.parameters());
  std::vector<std::size_t> deleted;
  for (const int row : o.rows) {
    if (row < 1 || row > model.slots) {
      throw InputError("--rows: there is no row " + std::to_string(row) + "; " + o.table + " has rows 1 to "
                       + std::to_string(model.slots));
    }
    deleted.push_back(static_cast<std::size_t>(row - 1));
    slots.rows.clear(deleted.back());
  }
  const int count = static_cast<int>(deleted.size()), steps = plan.delete_steps(count), seen = model.releases;
  model.seeded = model.seeded || seed_is_given(*o.erase);
  model.theta = delete_rows(slots.rows, plan, model.theta, count, noise_seed(*o.erase, run, seen));
  ++model.releases;
  const double dd = plan.epsilon_dd(count, steps),
               adaptive = adaptive_epsilon(dd, model.options.epsilon_dp, seen);
  ToolReport out{.title = std::to_string(count) + " rows of " + o.table + " deleted"};
  out.paragraphs.push_back(
      "The model's law now differs by at most the first figure from that of a model that never saw "
      "the rows. If those who chose the rows had seen the earlier models, the adaptive total "
      "holds instead. Publish this model, keep the table with the rows marked, and destroy the old one.");
  out.values = {{"deletion: Renyi divergence, at most", dd},
                {"epsilon of the deletion at delta " + Cell(o.delta).text,
                 approximate_epsilon(dd, model.options.order, o.delta)},
                {"privacy of the rows that stay, at most", model.options.epsilon_dp},
                {"models published before", seen},
                {"adaptive total", adaptive},
                {"an attacker's share of right guesses, at most", guessing_bound(adaptive)},
                {"steps", steps},
                {"steps saved against learning", plan.learn_steps - steps}};
  say_private(model, out);
  out.files = {{"model.json", to_json(model)}, {"table-after.csv", table_without(table, deleted)}};
  return out;
}

ToolReport predict(const Options& o) {
  const DeletableModel model = parse_deletable_model(data::read_file(o.model), o.model);
  const auto rows = read_features(data::read_csv(o.table), model);
  ToolReport out{.title = "Predictions for " + o.table};
  out.tables.push_back({"predictions", "", predictions(rows, model)});
  return out;
}

ToolReport audit(const Options& o, const ToolRun& run) {
  DeletionOptions options = o.deletion;
  options.loss = loss_of(o.loss);
  const auto table = data::read_csv(o.table);
  const DeletableModel model = describe_table(table, o.table, options, o.columns);
  const auto slots = read_slots(table, o.table, model);
  if (o.row < 1 || o.row > model.slots) {
    throw InputError("--row " + std::to_string(o.row) + ": " + o.table + " has rows 1 to "
                     + std::to_string(model.slots));
  }
  if (o.runs < 1) throw InputError("--runs must be at least 1");
  const DeletionPlan plan = plan_deletion(options, model.slots, model.parameters());
  run.say("training " + std::to_string(2 * o.runs) + " models");
  const double share = audit_deletion(slots.rows, plan, static_cast<std::size_t>(o.row - 1), o.runs,
                                      noise_seed(*o.audit, run, 0), run.threads);
  const double dp = plan.epsilon_dp(plan.learn_steps);
  ToolReport out{.title = "What the model tells of row " + std::to_string(o.row) + " of " + o.table};
  out.paragraphs.push_back(
      "An attacker who knows every other row sees one model and says whether the row was in it.");
  out.values = {{"right guesses, measured", share},
                {"standard error", std::sqrt(share * (1 - share) / (2.0 * o.runs))},
                {"right guesses, at most", guessing_bound(dp)},
                {"models trained", 2 * o.runs}};
  say_clipped(slots.clipped, model.slots, out);
  return out;
}

void add_learning_options(CLI::App& app, Options& o) {
  app.add_option("DATA.csv", o.table, "Rows with a column a feature, and one that is predicted")->required();
  app.add_option("--target", o.columns.target, "Column to predict; not for --loss mean")->type_name("COLUMN");
  app.add_option("--features", o.columns.features, "Columns to predict from; all others where left out")
      ->type_name("COLUMN,...")
      ->delimiter(',');
  app.add_option("--loss", o.loss, "logistic (two classes), huber (a number) or mean")->capture_default_str();
  app.add_option("--epsilon-dp", o.deletion.epsilon_dp, "What the model may tell of a row: Renyi divergence")
      ->capture_default_str();
  app.add_option("--epsilon-dd", o.deletion.epsilon_dd, "What may be left of deleted rows")
      ->capture_default_str();
  app.add_option("--max-edit", o.deletion.max_edit, "Rows of one request, at most")->capture_default_str();
  app.add_option("--lambda", o.deletion.lambda, "Weight of |theta|^2/2")->capture_default_str();
  app.add_option("--order", o.deletion.order, "Order q of the divergence, above 1")->capture_default_str();
  app.add_option("--ranges", o.columns.ranges,
                 "What features are divided by, one each or one for all; your knowledge, not the table's")
      ->type_name("R,R,...")
      ->delimiter(',');
  app.add_option("--target-range", o.columns.target_range, "What a huber target is divided by")
      ->capture_default_str();
  app.add_option("--intercept", o.columns.intercept, "Constant feature, 0 for none")->capture_default_str();
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.require_subcommand(1);
  o->learn = app.add_subcommand("learn", "Train a model that can forget")->group("Commands");
  add_learning_options(*o->learn, *o);
  o->learn->add_option("--delta", o->delta, "Of the (epsilon, delta) that is reported")
      ->capture_default_str();
  o->learn->add_option("--hidden", o->hidden, "Refused: networks have no certificate")->group("");
  o->erase = app.add_subcommand("delete", "The next model, without some rows")->group("Commands");
  o->erase->add_option("model.json", o->model, "As learn or delete wrote it")->required();
  o->erase->add_option("DATA.csv", o->table, "The table it was learned from, or table-after.csv")->required();
  o->erase->add_option("--rows", o->rows, "Rows to delete, the first is 1")
      ->required()
      ->delimiter(',')
      ->type_name("N,N,...");
  o->erase->add_option("--delta", o->delta, "Of the (epsilon, delta) that is reported")
      ->capture_default_str();
  o->predict = app.add_subcommand("predict", "What a model says of rows")->group("Commands");
  o->predict->add_option("model.json", o->model, "As learn or delete wrote it")->required();
  o->predict->add_option("DATA.csv", o->table, "Rows with the features of the model")->required();
  o->audit = app.add_subcommand("audit", "Attack the model: was a row in it?")->group("Commands");
  add_learning_options(*o->audit, *o);
  o->audit->add_option("--row", o->row, "The row, the first is 1")->capture_default_str();
  o->audit->add_option("--runs", o->runs, "Trainings with the row, and as many without")
      ->capture_default_str();
  return [o](const ToolRun& run) {
    if (o->learn->parsed()) return learn(*o, run);
    if (o->erase->parsed()) return erase(*o, run);
    return o->predict->parsed() ? predict(*o) : audit(*o, run);
  };
}

constexpr const char* about =
    "For whoever must honour requests to delete rows from a table that a model was trained on. learn trains "
    "a "
    "logistic, clipped linear (huber) or mean model by noisy gradient descent; delete goes on from the "
    "published "
    "model on the table without the rows, in fewer steps than learning, and certifies what is left of them. "
    "model.json is the whole state: no rows, no seeds, no trace of earlier requests.\n\n"
    "Two figures are certified, both Renyi divergences of order q. epsilon-dp: what the model tells of any "
    "one row. "
    "epsilon-dd: how far the model after a deletion is from one that never saw the rows. Who chose the rows "
    "after "
    "seeing p published models may learn epsilon-dd + p epsilon-dp; delete prints that total. Exact "
    "retraining has no "
    "such bound: its next model can reveal the deleted row.\n\n"
    "Rows are clipped to length 1 after division by --ranges, which must come from you: a scale learned from "
    "the table "
    "would tell of its rows. The number of slots is fixed; a deleted row stays in the table with \"deleted\" "
    "in its "
    "cells. Noise comes from a 64-bit seed of the system's random numbers; with --seed the run repeats and "
    "is not "
    "private. Networks are refused, since no useful certificate exists for them.";

const ToolRegistration registration{
    {.family = "Solvers",
     .name = "forget-unlearning",
     .summary = "Models that delete rows for good, with a certificate",
     .paper = {"R. Chourasia, N. Shah", "Forget Unlearning: Towards True Data-Deletion in Machine Learning",
               "ICML 2023", "2210.08911"},
     .about = about,
     .set_up = set_up,
     .demo = forget_unlearning_demo,
     .example = "learn assets/data/fsdd/index.csv --loss mean --features num_samples --ranges 20000"}};

} // namespace
} // namespace raphson::cli
