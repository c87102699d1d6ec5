// raphson fastglz boot | cv | perm: hundreds of related sparse models on a wide table.
#include "optim/cli/tool.h"

#include "dsp/error.h"
#include "optim/engine/stopwatch.h"
#include "optim/tools/solvers/fastglz_demo.h"
#include "optim/tools/solvers/fastglz_report.h"
#include "optim/tools/solvers/user_table.h"

#include <memory>

namespace raphson::cli {
namespace {

using namespace optim::tools;
using optim::GlmFamily;

struct Options {
  UserTableOptions table;
  std::string family = "logistic", groups, exchange;
  std::vector<double> l1{0.2}, l2{0.05};
  std::vector<int> shape;
  int resamples = 200, folds = 5, permutations = 200;
  double memory_gb = 1;
  bool compare = false;
};

struct Problem {
  SparseGlmData data;
  SparseColumns columns;
};

std::string column_name(const optim::data::Dataset& table, Eigen::Index j) {
  if (!table.feature_names.empty()) return table.feature_names[static_cast<std::size_t>(j)];
  if (table.image_columns > 0)
    return "pixel " + std::to_string(j / table.image_columns + 1) + ","
           + std::to_string(j % table.image_columns + 1);
  return "column " + std::to_string(j + 1);
}

Problem read(const Options& o, report::ToolReport& report) {
  UserTableOptions options = o.table;
  const GlmFamily family = optim::parse_glm_family(o.family);
  if (family == GlmFamily::probit)
    throw InputError("--family: probit is none of logistic, gaussian and poisson");
  options.task =
      family == GlmFamily::logistic ? optim::data::Task::classification : optim::data::Task::regression;
  for (const std::string* name : {&o.groups, &o.exchange})
    if (!name->empty()) options.row_labels.push_back(*name);
  UserTable table = read_user_table(options);

  Problem p;
  p.data.family = family;
  p.data.y = family == GlmFamily::logistic ? binary_target(table.data) : table.data.target;
  optim::check_glm_target(family, p.data.y, "--target " + o.table.target);
  StandardisedColumns s = standardise(table.data.features, table.data.name);
  p.data.x = std::move(s.x);
  if (!o.groups.empty()) p.data.groups = table.row_labels.front();
  if (!o.exchange.empty()) p.data.exchange = table.row_labels.back();
  for (const Eigen::Index j : s.kept) p.columns.names.push_back(column_name(table.data, j));
  p.columns.kept = s.kept;
  p.columns.deviation = s.deviation;
  p.columns.image_rows = o.shape.empty() ? table.data.image_rows : o.shape[0];
  p.columns.image_columns = o.shape.empty() ? table.data.image_columns : o.shape[1];
  if (p.columns.image_rows > 0
      && static_cast<Eigen::Index>(p.columns.image_rows) * p.columns.image_columns
             != table.data.features.cols())
    throw InputError("--shape: " + std::to_string(p.columns.image_rows) + " x "
                     + std::to_string(p.columns.image_columns) + " is not the number of columns, "
                     + std::to_string(table.data.features.cols()));
  if (!s.constant.empty())
    report.warnings.push_back(std::to_string(s.constant.size()) + " of "
                              + std::to_string(table.data.features.cols())
                              + " columns are constant and left out");
  report.values.emplace_back("rows", static_cast<long>(p.data.x.rows()));
  if (family == GlmFamily::logistic)
    report.values.emplace_back("classes",
                               "0 is " + table.data.class_names[0] + ", 1 is " + table.data.class_names[1]);
  report.values.emplace_back("largest l1", largest_l1(p.data.x, p.data.y));
  return p;
}

std::vector<PenaltyFractions> grid_of(const Options& o) {
  std::vector<PenaltyFractions> grid;
  for (const double l2 : o.l2)
    for (const double l1 : o.l1) grid.push_back({l1, l2});
  return grid;
}

PenaltyFractions single(const Options& o) {
  if (o.l1.size() != 1 || o.l2.size() != 1)
    throw InputError("--l1, --l2: boot takes one of each; cv finds which");
  return {o.l1[0], o.l2[0]};
}

void take(report::ToolReport& report, report::ToolReport found) {
  const auto move = [](auto& to, auto& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  };
  move(report.paragraphs, found.paragraphs);
  move(report.warnings, found.warnings);
  move(report.values, found.values);
  move(report.tables, found.tables);
  move(report.figures, found.figures);
  move(report.images, found.images);
  move(report.files, found.files);
}

enum class Use { boot, cv, perm };

report::ToolReport run(const Options& o, Use use, const ToolRun& run) {
  report::ToolReport report{.title = "Sparse " + o.family + " models of " + o.table.file.filename().string()};
  const Problem p = read(o, report);
  FastglzOptions options;
  options.threads = run.threads;
  options.memory_bytes = o.memory_gb * 1e9;
  options.progress = [&](Eigen::Index done, Eigen::Index all) {
    run.say(std::to_string(done) + " of " + std::to_string(all) + " problems");
  };
  const optim::Stopwatch stopwatch;
  const auto finish = [&](const FastglzResult& fits, const GlmProblems& problems) {
    const double seconds = stopwatch.seconds();
    const LoopCost loop = o.compare ? solve_one_by_one(p.data.x, problems, options) : LoopCost();
    add_work(fits, problems, seconds, o.compare ? &loop : nullptr, report);
  };
  if (use == Use::boot) {
    const BootstrapSummary boot = sparse_bootstrap(p.data, single(o), o.resamples, run.seed, options);
    take(report, report_of(boot, p.columns));
    finish(boot.fits, boot.problems);
  } else if (use == Use::cv) {
    const CrossValidation cv = sparse_cross_validation(p.data, grid_of(o), o.folds, run.seed, options);
    take(report, report_of(cv, p.data.family));
    finish(cv.fits, cv.problems);
  } else {
    const std::vector<PenaltyFractions> grid = grid_of(o);
    const PermutationTest test =
        sparse_permutation_test(p.data, grid, o.folds, o.permutations, run.seed, options);
    take(report, report_of(test, p.data.family, grid));
    finish(test.fits, test.problems);
  }
  return report;
}

void add_common(CLI::App& app, Options& o) {
  app.add_option("DATA", o.table.file, "A table: CSV, NPY, IDX, a folder of PNG or of recordings")
      ->required();
  app.add_option("--target", o.table.target, "Column of the CSV, or a file of labels: NPY, IDX, CSV")
      ->type_name("COLUMN|FILE")
      ->required();
  app.add_option("--family", o.family, "logistic, gaussian or poisson")
      ->check(CLI::IsMember({"logistic", "gaussian", "linear", "poisson"}))
      ->type_name("")
      ->capture_default_str();
  app.add_option("--classes", o.table.classes, "The two to tell apart, of a target with more")
      ->delimiter(',')
      ->type_name("A,B");
  app.add_option("--rows", o.table.rows, "The first so many alone")->type_name("N");
  app.add_option("--l1", o.l1, "Penalty of |w|, as fractions of the largest; a list for cv and perm")
      ->delimiter(',')
      ->type_name("F")
      ->capture_default_str();
  app.add_option("--l2", o.l2, "Penalty of |w|^2 / 2, likewise")
      ->delimiter(',')
      ->type_name("F")
      ->capture_default_str();
  app.add_option("--groups", o.groups, "Column or NPY file: rows that stay together")
      ->type_name("COLUMN|FILE");
  app.add_option("--leave-out", o.table.leave_out, "Columns of the CSV that are no features")
      ->delimiter(',')
      ->type_name("COLUMNS");
  app.add_option("--sounds", o.table.sounds, "Features of recordings: mfcc, simple, log-mel, log-spectrum")
      ->type_name("KIND")
      ->capture_default_str();
  app.add_option("--memory", o.memory_gb, "For the problems that are solved together")
      ->check(above_zero())
      ->type_name("GB")
      ->capture_default_str();
  app.add_flag("--compare", o.compare, "Solve them one by one as well, for the time");
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.require_subcommand(1);
  CLI::App* boot = app.add_subcommand("boot", "How often each column is selected, over bootstrap resamples");
  CLI::App* cv = app.add_subcommand("cv", "Errors of unseen rows over a grid of penalties");
  CLI::App* perm = app.add_subcommand("perm", "Whether the labels can be predicted at all: a p-value");
  for (CLI::App* use : {boot, cv, perm}) add_common(*use, *o);
  boot->add_option("--resamples", o->resamples, "Bootstrap resamples")->type_name("N")->capture_default_str();
  boot->add_option("--shape", o->shape, "The columns are pixels of so many rows and columns")
      ->delimiter(',')
      ->expected(2)
      ->type_name("R,C");
  for (CLI::App* use : {cv, perm})
    use->add_option("--folds", o->folds, "Of the cross-validation")->type_name("N")->capture_default_str();
  perm->add_option("--perms", o->permutations, "Permutations of the labels")
      ->type_name("N")
      ->capture_default_str();
  perm->add_option("--exchange", o->exchange,
                   "Column or NPY file: labels are permuted among equal ones alone")
      ->type_name("COLUMN|FILE");
  return [o, boot, cv](const ToolRun& r) {
    return run(*o, boot->parsed() ? Use::boot : cv->parsed() ? Use::cv : Use::perm, r);
  };
}

const ToolRegistration registration{
    {.family = "Solvers",
     .name = "fastglz",
     .summary = "Many sparse models of a wide table at once",
     .paper = {"B. R. Conroy, J. M. Walz, B. Cheung, P. Sajda",
               "Fast Simultaneous Training of Generalized Linear Models (FaSTGLZ)", "2013", "1307.8430"},
     .about =
         "A bootstrap, a cross-validation or a permutation test fits the same sparse model (elastic net; "
         "logistic, gaussian or poisson) hundreds of times with other weights or labels. All fits are "
         "carried "
         "as columns of matrices: products with the table serve all of them, its Gram matrix is formed once, "
         "and fits that are done drop out. For tables with more columns than rows: spectra, sensors by time, "
         "genes, pixels.\n\n"
         "boot reports how often each column is selected, with mean and interval of its coefficient; cv the "
         "errors of unseen rows over a grid of penalties; perm repeats the whole cross-validation for "
         "permuted "
         "labels. Penalties are fractions of the largest l1, from which on all coefficients are zero. "
         "Columns "
         "are standardised once, on all rows. Memory goes with the square of the number of rows for each "
         "fit: "
         "tables of more than a few thousand rows are not what this is for.",
     .set_up = set_up,
     .demo = fastglz_demo,
     .example = "boot assets/data/mnist/mnist-10k-images.idx3.gz --target "
                "assets/data/mnist/mnist-10k-labels.idx1.gz --classes 4,9 --rows 120 --resamples 60"}};

} // namespace
} // namespace raphson::cli
