// raphson margin-sampling simulate | select | model: whether to ask for labels near the boundary, and which.
#include "optim/cli/tool.h"

#include "dsp/error.h"
#include "optim/data/csv.h"
#include "optim/report/text.h"
#include "optim/tools/solvers/margin_model.h"
#include "optim/tools/solvers/margin_report.h"
#include "optim/tools/solvers/margin_sampling_demo.h"
#include "optim/tools/solvers/user_table.h"

#include <algorithm>
#include <memory>

namespace raphson::cli {
namespace {

using namespace optim::tools;
using report::format_significant;

struct Options {
  UserTableOptions table;
  std::filesystem::path pool;
  MarginStudyOptions study;
  std::vector<std::string> strategies{"pl", "margin", "oneshot", "oracle", "mixed"};
  std::string scaling = "standardise", rule = "auto";
  std::size_t count = 20, model_pool = 4000;
  MarginModel model;
};

PoolScaling scaling_of(const std::string& name) {
  return name == "none"     ? PoolScaling::none
         : name == "centre" ? PoolScaling::centre
                            : PoolScaling::standardise;
}

MarginStudyOptions study_options(const Options& o, const ToolRun& run) {
  MarginStudyOptions s = o.study;
  s.strategies.clear();
  for (const std::string& name : o.strategies) s.strategies.push_back(parse_strategy(name));
  s.scaling = scaling_of(o.scaling);
  s.seed = run.seed;
  s.threads = run.threads;
  s.progress = [&run](const std::string& line) { run.say(line); };
  return s;
}

UserTable read_labelled(const Options& o) {
  UserTableOptions options = o.table;
  options.task = optim::data::Task::classification;
  return read_user_table(options);
}

/// Which strategy wins at the largest budget, in a sentence.
std::string verdict(const MarginStudy& study) {
  const auto last = study.strategies[0].errors.rows() - 1;
  const auto has = [&](LabellingStrategy wanted) {
    return std::any_of(study.strategies.begin(), study.strategies.end(),
                       [&](const StrategyErrors& s) { return s.strategy == wanted; });
  };
  if (!has(LabellingStrategy::passive) || !has(LabellingStrategy::margin)) return {};
  std::string text;
  for (Eigen::Index b = 0; b <= last; ++b) {
    const PairedDifference d =
        paired_difference(study.of(LabellingStrategy::margin).errors.row(b).transpose(),
                          study.of(LabellingStrategy::passive).errors.row(b).transpose());
    text += (text.empty() ? "With " : "; with ") + std::to_string(study.budgets[static_cast<std::size_t>(b)])
            + " labels "
            + (d.high < 0  ? "margin sampling wins"
               : d.low > 0 ? "random rows win"
                           : "neither wins beyond chance")
            + " (error " + format_significant(d.mean, 2) + " apart)";
  }
  return text + ".";
}

report::ToolReport simulate(const Options& o, const ToolRun& run) {
  const MarginStudyOptions options = study_options(o, run);
  const UserTable table = read_labelled(o);
  report::ToolReport report{.title = "Margin sampling on " + o.table.file.filename().string()};
  run.say("replaying " + std::to_string(options.repeats) + " repeats");
  const MarginStudy study = margin_study(table.data, options);
  if (const std::string text = verdict(study); !text.empty()) report.paragraphs.push_back(text);
  add_study(study, options, o.table.file.filename().string(), "errors", report);
  report.values.emplace_back("dimensions", static_cast<long>(study.dimensions));
  report.values.emplace_back("largest budget / dimensions", static_cast<double>(study.budgets.back())
                                                                / static_cast<double>(study.dimensions));
  report.values.emplace_back("smallest distance to the all-labels boundary", study.smallest_distance);
  report.values.emplace_back("pool rows", study.pool_rows);
  report.values.emplace_back("test rows", study.test_rows);
  return report;
}

/// The pool's columns in the order of the labelled file's.
optim::data::RowMatrix read_pool(const Options& o, const optim::data::Dataset& labelled) {
  optim::data::DatasetOptions options{.features = labelled.feature_names};
  options.sounds.features = optim::data::sound_features_of(o.table.sounds);
  if (o.pool.extension() == ".csv" && !labelled.feature_names.empty() && o.table.file.extension() == ".csv") {
    const optim::data::CsvTable table = optim::data::read_csv(o.pool);
    for (const std::string& column : table.columns())
      if (column != o.table.target
          && std::find(labelled.feature_names.begin(), labelled.feature_names.end(), column)
                 == labelled.feature_names.end())
        throw InputError(o.pool.string() + ": column '" + column + "' is not in " + o.table.file.string());
    for (const std::string& column : labelled.feature_names)
      if (!table.has_column(column))
        throw InputError(o.pool.string() + ": column '" + column + "' of " + o.table.file.string()
                         + " is missing");
  } else {
    options.features.clear();
  }
  return optim::data::read_dataset(o.pool, options).features;
}

report::ToolReport select(const Options& o, const ToolRun& run) {
  MarginStudyOptions options = study_options(o, run);
  const UserTable labelled = read_labelled(o);
  const optim::data::RowMatrix pool = read_pool(o, labelled.data);
  run.say("choosing");
  const SelectionRule rule = o.rule == "pl"       ? SelectionRule::passive
                             : o.rule == "margin" ? SelectionRule::margin
                             : o.rule == "mixed"  ? SelectionRule::mixed
                                                  : SelectionRule::automatic;
  const Selection s = select_to_label(labelled.data, pool, o.count, rule, options);
  report::ToolReport report{.title = "Rows of " + o.pool.filename().string() + " to label next"};
  report::Table table{{{"row"}, {"distance to the boundary"}}, {}};
  for (const std::size_t row : s.rows)
    table.rows.push_back({row + 1, s.distances[static_cast<Eigen::Index>(row)]});
  report.tables.push_back({"rows", "Rows count from 1, without a header", table});
  if (rule == SelectionRule::automatic) {
    report.values.emplace_back("strategy", s.margin ? "margin" : "pl");
    report.paragraphs.push_back(
        "Replayed on the labelled rows, from " + std::to_string(s.replayed_seed_size) + " labels to "
        + std::to_string(s.replayed_budget) + ", the error of margin sampling is "
        + format_significant(s.replayed.mean, 3) + " above that of random rows (standard error "
        + format_significant(s.replayed.error, 2) + "): "
        + (s.margin ? "the nearest rows are worth asking for." : "random rows are the safer choice."));
  }
  return report;
}

report::ToolReport model(const Options& o, const ToolRun& run) {
  check(o.model);
  const MarginStudyOptions options = study_options(o, run);
  std::vector<optim::Matrix> errors(
      options.strategies.size(),
      optim::Matrix(static_cast<Eigen::Index>(options.budgets.size()), options.repeats));
  std::vector<optim::Matrix> predicted = errors;
  for (int repeat = 0; repeat < options.repeats; ++repeat) {
    run.say("repeat " + std::to_string(repeat + 1) + " of " + std::to_string(options.repeats));
    const std::uint64_t seed = run.seed + static_cast<std::uint64_t>(repeat);
    const LabelledPool pool = draw_margin_model(o.model, o.model_pool, seed);
    const PoolOrder order = draw_pool_order(pool, options.seed_size, seed);
    for (std::size_t k = 0; k < options.strategies.size(); ++k) {
      const ReplayOptions play{options.strategies[k], options.budgets, options.batch, options.mix,
                               options.lambda};
      const Replay r = replay(pool, order, play, pool.x.col(0).cwiseAbs(), seed);
      for (std::size_t b = 0; b < options.budgets.size(); ++b) {
        const std::vector<std::size_t> rows(
            r.labelled.begin(), r.labelled.begin() + static_cast<std::ptrdiff_t>(options.budgets[b]));
        const auto i = static_cast<Eigen::Index>(b);
        errors[k](i, repeat) = exact_error(o.model, r.classifiers[b].weights().col(0));
        predicted[k](i, repeat) = predicted_error(o.model, rows.size(), mean_distance(pool, rows));
      }
    }
  }
  report::ToolReport report{.title =
                                "Margin sampling in " + std::to_string(o.model.dimensions) + " dimensions"};
  report::Table table{{{"labels"}, {"strategy"}, {"test error"}, {"closed form for d >> n"}}, {}};
  report::Plot plot{
      "", {"labels", "", report::Scale::logarithmic}, {"test error", "", report::Scale::linear}, {}};
  for (std::size_t k = 0; k < options.strategies.size(); ++k) {
    report::Series line{name_of(options.strategies[k]), {}, {}};
    for (std::size_t b = 0; b < options.budgets.size(); ++b) {
      const auto i = static_cast<Eigen::Index>(b);
      table.rows.push_back({options.budgets[b], name_of(options.strategies[k]), errors[k].row(i).mean(),
                            predicted[k].row(i).mean()});
      line.x.push_back(static_cast<double>(options.budgets[b]));
      line.y.push_back(errors[k].row(i).mean());
    }
    plot.series.push_back(std::move(line));
  }
  report.tables.push_back({"errors", "Exact errors, mean of the repeats", table});
  if (options.budgets.size() > 1)
    report.figures.push_back({"curves", {{plot}, {880, 360}, "Test error by the number of labels"}});
  return report;
}

void add_table(CLI::App& app, Options& o, const char* what) {
  app.add_option(what, o.table.file, "A table: CSV, NPY, IDX, a folder of PNG or of recordings")->required();
  app.add_option("--target", o.table.target, "Column of the CSV that holds the classes, or a file of them")
      ->type_name("COLUMN|FILE");
  app.add_option("--classes", o.table.classes, "Of these alone; all unless given")
      ->delimiter(',')
      ->type_name("A,B");
  app.add_option("--leave-out", o.table.leave_out, "Columns of the CSV that are no features")
      ->delimiter(',')
      ->type_name("COLUMNS");
  app.add_option("--sounds", o.table.sounds, "Features of recordings: mfcc, simple, log-mel, log-spectrum")
      ->type_name("KIND")
      ->capture_default_str();
  app.add_option("--scale", o.scaling, "Of the columns, by the pool's figures: standardise, centre or none")
      ->check(CLI::IsMember({"standardise", "centre", "none"}))
      ->type_name("")
      ->capture_default_str();
  app.add_option("--lambda", o.study.lambda, "Of |w|^2 / 2 in the classifier")
      ->check(above_zero())
      ->type_name("L")
      ->capture_default_str();
}

void add_replay(CLI::App& app, Options& o) {
  app.add_option("--seed-size", o.study.seed_size, "Random rows that are labelled first")
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--budgets", o.study.budgets, "Numbers of labels, the first rows included")
      ->delimiter(',')
      ->type_name("N,N")
      ->capture_default_str();
  app.add_option("--batch", o.study.batch, "Rows asked for between refits")
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--strategies", o.strategies, "Out of pl, margin, oneshot, oracle, mixed")
      ->delimiter(',')
      ->type_name("NAMES")
      ->capture_default_str();
  app.add_option("--mix", o.study.mix, "Share of random rows in mixed")
      ->type_name("P")
      ->capture_default_str();
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.require_subcommand(1);
  CLI::App* replayed = app.add_subcommand("simulate", "Hide a table's labels and replay every strategy");
  CLI::App* chosen = app.add_subcommand("select", "Which rows of a pool to label next");
  CLI::App* modelled = app.add_subcommand("model", "The simulated model beside its closed form");
  add_table(*replayed, *o, "DATA");
  add_table(*chosen, *o, "LABELLED");
  for (CLI::App* use : {replayed, modelled}) add_replay(*use, *o);
  replayed->add_option("--rows", o->table.rows, "The first so many alone")->type_name("N");
  replayed->add_option("--test", o->study.test_share, "Share of the rows that no strategy sees")
      ->type_name("SHARE")
      ->capture_default_str();
  for (CLI::App* use : {replayed, modelled, chosen})
    use->add_option("--repeats", o->study.repeats, "Of the replay, with other splits and seed sets")
        ->type_name("N")
        ->capture_default_str();
  replayed->add_option("--oracle-lambda", o->study.oracle_lambda, "Of the boundary that all labels give")
      ->check(above_zero())
      ->type_name("L")
      ->capture_default_str();
  chosen->add_option("POOL", o->pool, "Rows without labels, the same columns")->required();
  chosen->add_option("--count", o->count, "Rows to choose")->type_name("N")->capture_default_str();
  chosen->add_option("--mix", o->study.mix, "Share of random rows in mixed")
      ->type_name("P")
      ->capture_default_str();
  chosen
      ->add_option("--strategy", o->rule,
                   "margin, pl, mixed, or auto: what a replay on the labelled rows favours")
      ->check(CLI::IsMember({"margin", "pl", "mixed", "auto"}))
      ->type_name("")
      ->capture_default_str();
  modelled->add_option("--d", o->model.dimensions, "Dimensions")->type_name("D")->capture_default_str();
  modelled->add_option("--mu", o->model.mu, "Mean distance to the boundary")
      ->type_name("M")
      ->capture_default_str();
  modelled->add_option("--sigma", o->model.sigma, "Its deviation")->type_name("S")->capture_default_str();
  modelled->add_option("--gamma", o->model.gamma, "No row is nearer")->type_name("G")->capture_default_str();
  modelled->add_option("--pool", o->model_pool, "Rows to choose from")->type_name("N")->capture_default_str();
  return [o, replayed, chosen](const ToolRun& r) {
    return replayed->parsed() ? simulate(*o, r) : chosen->parsed() ? select(*o, r) : model(*o, r);
  };
}

const ToolRegistration registration{
    {.family = "Solvers",
     .name = "margin-sampling",
     .summary = "Whether to label rows near the boundary or random ones",
     .paper = {"A. Tifrea, J. Clarysse, F. Yang",
               "Margin-based sampling in high dimensions: When being active is less efficient than staying "
               "passive",
               "ICML 2023", "2212.00772"},
     .about =
         "Active learning asks for the labels of the rows nearest to the decision boundary. With few labels "
         "and "
         "many columns random rows can be the better choice, even where the true boundary does the choosing. "
         "simulate hides the labels of a table and replays both, and forms between them, from the same first "
         "rows; it says who wins at which number of labels. select prints the rows of a pool to label next; "
         "auto takes those near the boundary only where a replay on the rows that are labelled favours them. "
         "model runs the case that the theory treats, beside a closed form of its error.\n\n"
         "The classifier is a logistic regression with next to no penalty, close to the maximum margin where "
         "the "
         "rows can be separated; more than two classes are told apart one against the rest.",
     .set_up = set_up,
     .demo = margin_sampling_demo,
     .example = "simulate assets/data/mnist/mnist-10k-images.idx3.gz --target "
                "assets/data/mnist/mnist-10k-labels.idx1.gz --classes 4,9 --rows 800 --scale centre "
                "--budgets 20,50,100 --repeats 4"}};

} // namespace
} // namespace raphson::cli
