// raphson free-lunch-bootstrap: a model of a table, or a sound match, with honest error bars from one run.
#include "optim/cli/tool.h"

#include "dsp/error.h"
#include "optim/match/recordings.h"
#include "optim/tools/solvers/free_lunch_bootstrap_demo.h"
#include "optim/tools/solvers/free_lunch_report.h"
#include "optim/tools/solvers/match_bootstrap.h"
#include "optim/tools/solvers/row_models.h"
#include "optim/tools/solvers/user_table.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace raphson::cli {
namespace {

using namespace optim::tools;
using Eigen::Index;
using optim::GlmFamily;
using optim::Matrix;
using optim::Vector;

struct Options {
  UserTableOptions table;
  std::string model = "linear", formula, cluster;
  std::vector<std::string> start;
  std::vector<std::filesystem::path> match; ///< dry and wet
  FreeLunchOptions run;
  bool check = false;
};

constexpr int check_resamples = 500;

FreeLunchOptions run_options(const Options& o, const UserTable& table, const ToolRun& run) {
  FreeLunchOptions r = o.run;
  r.seed = run.seed;
  if (!o.cluster.empty()) r.units.cluster = table.row_labels.front();
  r.progress = [&run](int done, int all) {
    run.say(std::to_string(done) + " of " + std::to_string(all) + " draws");
  };
  return r;
}

std::string resampled(const Options& o) {
  return !o.cluster.empty() ? "cluster" : o.run.units.block > 0 ? "block" : "row";
}

/// The three standard errors that --check compares with.
ReferenceErrors references(const RowObjective& rows, const Vector& minimum, const FreeLunchOptions& o,
                           double dispersion, const ToolRun& run) {
  const FullBootstrap full =
      full_bootstrap(rows, minimum, check_resamples, o.units, o.seed, [&](int done, int all) {
        run.say("refit " + std::to_string(done) + " of " + std::to_string(all));
      });
  return {full.standard_error, sandwich_standard_errors(rows, minimum, o.units),
          classical_standard_errors(rows, minimum, dispersion), full.evaluations, check_resamples};
}

UserTable read(const Options& o, bool classes) {
  UserTableOptions options = o.table;
  options.task = classes ? optim::data::Task::classification : optim::data::Task::regression;
  if (!o.cluster.empty()) options.row_labels.push_back(o.cluster);
  return read_user_table(options);
}

report::ToolReport generalised_linear(const Options& o, const ToolRun& run) {
  const GlmFamily family = optim::parse_glm_family(o.model);
  const bool binary = family == GlmFamily::logistic || family == GlmFamily::probit;
  const UserTable table = read(o, binary);
  const Vector y = binary ? binary_target(table.data) : table.data.target;
  optim::check_glm_target(family, y, "--target " + o.table.target);
  Matrix x(table.data.features.rows(), table.data.features.cols() + 1);
  x << Vector::Ones(x.rows()), table.data.features;
  std::vector<std::string> names{"intercept"};
  for (Index j = 0; j < table.data.features.cols(); ++j)
    names.push_back(table.data.feature_names.empty() ? "column " + std::to_string(j + 1)
                                                     : table.data.feature_names[static_cast<std::size_t>(j)]);
  check_collinear(x, names);
  // Columns of one size: what units they are in has no say in how well conditioned a batch is.
  const Vector size = (x.colwise().norm() / std::sqrt(static_cast<double>(x.rows()))).transpose();
  const Matrix scaled = x * size.cwiseInverse().asDiagonal();

  const optim::GlmObjective glm(scaled, y, {.family = family});
  const RowObjective rows = row_objective(glm);
  Vector start = Vector::Zero(x.cols());
  if (family == GlmFamily::poisson) start[0] = std::log(std::max(y.mean(), 1e-3));
  const FullFit full = fit_rows(rows, start, Vector::Ones(x.rows()));
  if (binary) check_separated(scaled, y, full.theta, names);

  const FreeLunchOptions options = run_options(o, table, run);
  const FreeLunchResult r = free_lunch_bootstrap(rows, options.cold ? start : full.theta, options);
  const Vector back = size.cwiseInverse();
  std::optional<ReferenceErrors> check;
  if (o.check) {
    const double residual =
        (y - scaled * full.theta).squaredNorm() / static_cast<double>(x.rows() - x.cols());
    check = references(rows, full.theta, options, family == GlmFamily::linear ? residual : 1, run);
    for (Vector* se : {&check->full_bootstrap, &check->sandwich, &check->classical})
      *se = se->cwiseProduct(back);
  }
  report::ToolReport report = report_of(rescaled(r, back), options, {names, {}, resampled(o)}, check);
  report.title = std::string(1, static_cast<char>(std::toupper(o.model[0]))) + o.model.substr(1)
                 + " model of " + o.table.target + " in " + o.table.file.filename().string();
  if (binary)
    report.values.emplace_back("classes",
                               "0 is " + table.data.class_names[0] + ", 1 is " + table.data.class_names[1]);
  return report;
}

/// "a=1", "b=-0.5"; 1 for a parameter that is not named.
Vector start_of(const std::vector<std::string>& given, const std::vector<std::string>& parameters) {
  Vector start = Vector::Ones(static_cast<Index>(parameters.size()));
  for (const std::string& text : given) {
    const std::size_t equals = text.find('=');
    const auto found = std::find(parameters.begin(), parameters.end(), text.substr(0, equals));
    std::size_t used = 0;
    double value = 0;
    try {
      if (equals != text.npos) value = std::stod(text.substr(equals + 1), &used);
    } catch (const std::exception&) {
      used = 0;
    }
    if (found == parameters.end() || used == 0 || equals + 1 + used != text.size())
      throw InputError("--start: '" + text + "' is no NAME=NUMBER of a parameter of --expr");
    start[found - parameters.begin()] = value;
  }
  return start;
}

report::ToolReport least_squares(const Options& o, const ToolRun& run) {
  if (o.formula.empty()) throw InputError("--model nls: --expr says the formula, such as \"a*exp(-b*x)+c\"");
  const optim::Expression formula(o.formula);
  const UserTable table = read(o, false);
  const FormulaModel model(formula, table.data.feature_names, table.data.features, table.data.target);
  const RowObjective rows = model.objective();
  const Vector start = start_of(o.start, model.parameters());
  const FullFit full = fit_rows(rows, start, Vector::Ones(rows.rows));
  check_identified(full.hessian, model.parameters());
  const FreeLunchOptions options = run_options(o, table, run);
  const FreeLunchResult r = free_lunch_bootstrap(rows, options.cold ? start : full.theta, options);
  std::optional<ReferenceErrors> check;
  if (o.check) {
    const double residuals = 2 * rows.value(full.theta, Vector::Ones(rows.rows));
    check = references(rows, full.theta, options,
                       residuals / static_cast<double>(rows.rows - rows.parameters), run);
  }
  report::ToolReport report = report_of(r, options, {model.parameters(), {}, resampled(o)}, check);
  report.title = o.table.target + " = " + o.formula + " in " + o.table.file.filename().string();
  return report;
}

/// A match as `raphson match` makes it, then the bootstrap of its recording.
report::ToolReport sound_match(const Options& o, const ToolRun& run) {
  namespace match = optim::match;
  if (!o.table.file.empty()) throw InputError("--match: DATA does not go with it");
  run.say("reading");
  match::Recordings recordings = match::read_recordings(o.match[0], o.match[1]);
  match::MatchOptions options;
  options.threads = run.threads;
  options.held_out = false;
  const match::MatchResult fit =
      match::match_in_place(recordings, options, [&](const match::MatchProgress& progress) {
        run.say(progress.phase);
        return optim::Control::proceed;
      });
  const match::Pair pair = match::pair_of(recordings.dry, recordings.wet, fit.scored_begin, fit.scored_end);
  MatchBootstrapOptions bootstrap;
  bootstrap.draws = o.run.draws;
  bootstrap.gamma = o.run.gamma;
  bootstrap.level = o.run.level;
  bootstrap.seed = run.seed;
  bootstrap.threads = run.threads;
  bootstrap.progress = [&run](int done, int all) {
    run.say(std::to_string(done) + " of " + std::to_string(all) + " draws");
  };
  const MatchBootstrap b = bootstrap_match(pair, fit.chain, bootstrap);
  FreeLunchOptions described = o.run;
  report::ToolReport report = report_of(b.result, described, {b.labels, b.units, "stretch"}, std::nullopt);
  report::Table& table = report.tables.front().table;
  table.columns.push_back({"by the Hessian"});
  for (std::size_t k = 0; k < b.names.size(); ++k)
    table.rows[k].push_back(fit.parameters[k].determined ? report::Cell(fit.parameters[k].standard_error)
                                                         : report::Cell("not determined"));
  report.title = "Match of " + o.match[0].filename().string() + " and " + o.match[1].filename().string();
  report.values.emplace_back("stretch (s)", b.stretch_seconds);
  report.values.emplace_back("ESR", fit.esr);
  report.warnings.insert(report.warnings.begin(), fit.warnings.begin(), fit.warnings.end());
  return report;
}

report::ToolReport run(const Options& o, const ToolRun& run) {
  if (!o.match.empty()) return sound_match(o, run);
  if (o.table.file.empty()) throw InputError("DATA is required, or --match DRY WET; --help explains");
  if (o.table.target.empty())
    throw InputError("--target is required: the column of DATA that the model explains");
  if (o.model != "nls" && !o.formula.empty()) throw InputError("--expr: it goes with --model nls alone");
  return o.model == "nls" ? least_squares(o, run) : generalised_linear(o, run);
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.add_option("DATA", o->table.file, "A table: CSV, or another kind of data with a file of targets");
  app.add_option("--target", o->table.target, "Column of the CSV, or a file: NPY, IDX, CSV")
      ->type_name("COLUMN|FILE");
  app.add_option("--match", o->match, "Instead of DATA: the parameters of a sound match of two recordings")
      ->expected(2)
      ->type_name("DRY WET");
  app.add_option("--model", o->model, "linear, logit, probit, poisson or nls")
      ->check(CLI::IsMember({"linear", "logit", "probit", "poisson", "nls"}))
      ->type_name("")
      ->capture_default_str();
  app.add_option("--expr", o->formula, "Of nls: names of columns are variables, all others parameters")
      ->type_name("FORMULA");
  app.add_option("--start", o->start, "Of nls: where parameters start, a=1,b=0.5; at 1 unless given")
      ->delimiter(',')
      ->type_name("NAME=X");
  app.add_option("--classes", o->table.classes, "Of a target with more than two: these")
      ->delimiter(',')
      ->type_name("A,B");
  app.add_option("--leave-out", o->table.leave_out, "Columns of the CSV that are no features")
      ->delimiter(',')
      ->type_name("COLUMNS");
  app.add_option("--sounds", o->table.sounds, "Features of recordings: mfcc, simple, log-mel, log-spectrum")
      ->type_name("KIND")
      ->capture_default_str();
  app.add_option("--gamma", o->run.gamma, "Learning rate")->type_name("G")->capture_default_str();
  app.add_option("--batch", o->run.batch,
                 "Rows (clusters, blocks) a step draws; as many as there are unless given")
      ->type_name("M");
  app.add_option("--draws", o->run.draws, "Steps that are kept")->type_name("B")->capture_default_str();
  app.add_option("--burn-in", o->run.burn_in, "Steps before them; by the learning rate unless given")
      ->type_name("N");
  app.add_option("--cluster", o->cluster, "Column or NPY file: rows that are drawn together")
      ->type_name("COLUMN|FILE");
  app.add_option("--block", o->run.units.block, "Draw blocks of so many rows in a row, for series in time")
      ->type_name("L");
  app.add_option("--level", o->run.level, "Of the intervals")->type_name("P")->capture_default_str();
  app.add_flag("--cold", o->run.cold, "No Newton on all rows first: the run finds the minimum itself");
  app.add_flag("--check", o->check,
               "Beside a full bootstrap of 500 refits, the sandwich and the classical formula");
  return [o](const ToolRun& r) { return run(*o, r); };
}

const ToolRegistration registration{
    {.family = "Solvers",
     .name = "free-lunch-bootstrap",
     .summary = "Standard errors and intervals from one Newton run",
     .paper = {"J.-J. Forneron, S. Ng", "Inference by Stochastic Optimization: A Free-Lunch Bootstrap",
               "2020", "2004.09627"},
     .about =
         "Fits a model to a table and says how sure its parameters are, without refitting hundreds of times. "
         "Newton's method takes gradient and Hessian of a fresh resample of the rows at every step; the "
         "steps "
         "settle into a cloud whose spread, scaled by what is known of it, is the bootstrap's standard "
         "error. "
         "It is robust: right where the noise is not the same everywhere, and for clusters and series in "
         "time "
         "where rows belong together.\n\n"
         "Models are linear, logit, probit, poisson (an intercept is added), and nls, least squares by a "
         "formula "
         "of columns and parameters: numbers, + - * / ^, exp log sqrt sin cos tan tanh abs min max pow. Rows "
         "that "
         "bring more than a quarter of the variance of an estimate are flagged.\n\n"
         "--match DRY WET clones the unit between two recordings, as raphson match does, and draws stretches "
         "of "
         "the recording instead of rows; raphson match --bootstrap adds the same to its report.",
     .set_up = set_up,
     .demo = free_lunch_bootstrap_demo,
     .example = "assets/data/fsdd/index.csv --target speaker --classes george,lucas --sounds simple --model "
                "logit --draws 2000"}};

} // namespace
} // namespace raphson::cli
