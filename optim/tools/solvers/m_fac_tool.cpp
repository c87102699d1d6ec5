// raphson m-fac: prunes a trained network, trains one, or solves with a user's gradients, by the inverse
// empirical Fisher matrix.
#include "optim/cli/network_options.h"
#include "optim/cli/tool.h"

#include "dsp/error.h"
#include "optim/data/npy.h"
#include "optim/data/split.h"
#include "optim/report/text.h"
#include "optim/tools/solvers/m_fac_demo.h"
#include "optim/tools/solvers/m_fac_report.h"
#include "optim/tools/solvers/model_rows.h"
#include "optim/tools/solvers/optimiser_study.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

namespace raphson::cli {
namespace {

using namespace optim::tools;
using namespace optim;
using Eigen::Index;
using report::ToolReport;

struct PruneCommand {
  std::filesystem::path model;
  UserTableOptions table;
  double valid = 0.2, memory_gb = 4;
  PruningStudyOptions study;
};

struct TrainCommand {
  UserNetworkOptions network;
  std::vector<double> rates;
  std::vector<std::string> compare{"adam", "momentum"};
  std::size_t batch = 128;
  int epochs = 10, window = 64;
  double lambda = 1e-2, memory_gb = 4;
};

struct SolveCommand {
  std::filesystem::path gradients, x;
  double lambda = 0, memory_gb = 4;
  Index window = 0;
};

void check_memory(const std::string& option, Index parameters, Index gradients, double allowed_gb) {
  const double each = 8 * static_cast<double>(parameters), bytes = each * static_cast<double>(gradients);
  if (bytes > 1e9 * allowed_gb)
    throw InputError(option + ": " + std::to_string(gradients) + " gradients of " + std::to_string(parameters)
                     + " parameters take " + std::to_string(std::llround(bytes)) + " bytes, --memory allows "
                     + std::to_string(std::llround(1e9 * allowed_gb)) + ", which "
                     + std::to_string(std::llround(std::floor(1e9 * allowed_gb / each))) + " would fit");
}

ToolReport prune(const PruneCommand& o, const ToolRun& tool) {
  if (!(o.valid > 0 && o.valid < 1)) throw InputError("--valid: a share of the rows, above 0 and below 1");
  const ModelRows user(nn::read_network(o.model), o.table);
  const std::size_t n = user.rows.size(),
                    out = static_cast<std::size_t>(std::lround(o.valid * static_cast<double>(n)));
  if (out < 1 || out >= n)
    throw InputError("--valid: of " + std::to_string(n) + " rows it must hold out some and leave some");
  const auto parts = data::apply_split(user.rows, data::split_rows(n, n - out, out, tool.seed));
  PruningStudyOptions study = o.study;
  study.prune.seed = tool.seed;
  study.prune.memory = 1e9 * o.memory_gb;
  // Side by side as many as there is memory for.
  const double each = 8.0 * static_cast<double>(weight_positions(user.network->layout()).size())
                      * static_cast<double>(std::max<Index>(1, study.prune.gradients));
  study.threads =
      std::clamp<std::size_t>(static_cast<std::size_t>(study.prune.memory / each), 1, tool.threads);
  study.prune.progress = tool.progress;
  const auto runs = run_prunings(*user.network, parts.training, parts.held_out, user.parameters, study);
  ToolReport report{.title = "Pruned: " + o.model.filename().string()};
  report.values = {{"network", nn::to_string(user.model.spec)},
                   {"weights", weight_positions(user.network->layout()).size()},
                   {"rows for gradients", parts.training.size()},
                   {"held-out rows", parts.held_out.size()},
                   {"gradients", study.prune.gradients},
                   {"recomputations", study.prune.recomputations},
                   {"damping", study.prune.lambda}};
  add_prunings(runs, *user.network, parts.held_out, user.parameters, report);
  for (const PruningRun& run : runs)
    if (run.by == PruneScore::m_fac)
      report.files.push_back({"pruned-" + report::format_significant(run.sparsity, 6) + ".network.json",
                              nn::to_json(user.file(run.parameters))});
  return report;
}

ToolReport train(const TrainCommand& o, const ToolRun& tool) {
  const UserNetwork user(o.network, tool.seed);
  if (o.batch < 1 || o.batch > user.training.size())
    throw InputError("--batch: " + std::to_string(o.batch) + " of " + std::to_string(user.training.size())
                     + " training rows, it must be from 1 to as many");
  check_memory("--window", user.network->layout().size(), o.window, o.memory_gb);
  const auto steps = static_cast<std::int64_t>((user.training.size() + o.batch - 1) / o.batch) * o.epochs;
  const MFacSettings m_fac{.window = o.window, .lambda = o.lambda};
  std::vector<OptimiserGrid> grids{{"m-fac", m_fac, usual_steps(m_fac), cosine(steps)}};
  for (const std::string& name : o.compare)
    grids.push_back({name, rule_named(name), usual_steps(rule_named(name)), cosine(steps)});
  if (!o.rates.empty())
    for (OptimiserGrid& grid : grids) grid.steps = o.rates;
  const OptimiserStudy study = run_study<float>(*user.network, user.training, user.held_out_or_null(), grids,
                                                {.batch_size = o.batch,
                                                 .epochs = o.epochs,
                                                 .seed = tool.seed,
                                                 .threads = tool.threads,
                                                 .progress = tool.progress});
  const std::size_t g = study.best_grid();
  const GridRun& best = study.best(g);
  if (!best.finite) throw std::runtime_error("every solver diverged at every step size, give smaller --lr");
  ToolReport report{.title = "M-FAC on " + o.network.table.file.filename().string()};
  const data::Dataset& scored = user.held_out.size() > 0 ? user.held_out : user.training;
  report.values = {
      {"network", nn::to_string(user.network->mlp().spec())},
      {"parameters", static_cast<long>(user.network->layout().size())},
      {"training rows", user.training.size()},
      {"held-out rows", user.held_out.size()},
      {"steps", steps},
      {"best solver", study.grids[g].name},
      {std::string(user.held_out.size() > 0 ? "held-out " : "training ") + user.network->score_name(),
       user.network->score(best.parameters, scored)}};
  add_study(study, *user.network, user.training, user.held_out_or_null(), report);
  report.files.push_back({"model.network.json", nn::to_json(user.file(best.parameters))});
  return report;
}

std::string npy(const Matrix& columns) {
  // A row for each right-hand side, as they came.
  const std::array shape{static_cast<std::size_t>(columns.cols()), static_cast<std::size_t>(columns.rows())};
  return data::npy_bytes(shape,
                         std::span<const double>(columns.data(), static_cast<std::size_t>(columns.size())));
}

ToolReport solve(const SolveCommand& o, const ToolRun&) {
  const data::NpyArray g = data::read_npy(o.gradients), x = data::read_npy(o.x);
  if (g.shape.size() != 2)
    throw InputError(o.gradients.string() + ": it must be a matrix, a gradient in each row");
  const auto m = static_cast<Index>(g.shape[0]), d = static_cast<Index>(g.shape[1]);
  if (x.shape.size() > 2 || static_cast<Index>(x.shape.back()) != d)
    throw InputError(o.x.string() + ": it must have rows of " + std::to_string(d) + " numbers, as "
                     + o.gradients.string() + " has");
  if (!(o.lambda > 0)) throw InputError("--damp: it must be above 0");
  if (o.window < 0) throw InputError("--window: at least 1");
  check_memory("--window", d, o.window > 0 ? o.window : m, o.memory_gb);
  const Eigen::Map<const RowMatrix> gradients(g.values.data(), m, d);
  const Eigen::Map<const Matrix> right(x.values.data(), d, static_cast<Index>(x.values.size()) / d);
  Matrix result(d, right.cols());
  Vector diagonal;
  if (o.window == 0) {
    const InverseFisher inverse(gradients, o.lambda);
    result = inverse.product(Matrix(right));
    diagonal = inverse.diagonal();
  } else {
    SlidingInverseFisher inverse(d, o.window, o.lambda);
    for (Index i = std::max<Index>(0, m - o.window); i < m; ++i) inverse.push(gradients.row(i).transpose());
    for (Index k = 0; k < right.cols(); ++k) result.col(k) = inverse.product(Vector(right.col(k)));
    diagonal = inverse.diagonal();
  }
  ToolReport report{.title = "F⁻¹x with the gradients of " + o.gradients.filename().string()};
  report.values = {
      {"gradients", m}, {"parameters", d}, {"right-hand sides", right.cols()}, {"damping", o.lambda}};
  if (o.window > 0) report.values.insert(report.values.begin() + 1, {"window", o.window});
  report::Table table{{{"parameter"}, {"x"}, {"F⁻¹x"}, {"diagonal of F⁻¹"}}, {}};
  for (Index p = 0; p < std::min<Index>(d, 20); ++p)
    table.rows.push_back({p + 1, report::Cell::significant(right(p, 0), 8),
                          report::Cell::significant(result(p, 0), 8),
                          report::Cell::significant(diagonal[p], 8)});
  report.tables.push_back({"solution", "The first parameters, of the first right-hand side", table});
  report.files = {{"solution.npy", npy(result)}, {"diagonal.npy", npy(diagonal)}};
  return report;
}

void add_memory(CLI::App& app, double& gb) {
  app.add_option("--memory", gb, "That the gradients may take")
      ->check(above_zero())
      ->type_name("GB")
      ->capture_default_str();
}

void set_up_prune(CLI::App& app, PruneCommand& o) {
  PruneOptions& p = o.study.prune;
  app.add_option("MODEL", o.model, "*.network.json, as raphson adam, soap and m-fac train write it")
      ->required();
  app.add_option("DATA", o.table.file, "The rows it is for: CSV, NPY, IDX, a folder of PNG or of recordings")
      ->required();
  app.add_option("--target", o.table.target, "Column of the CSV, or a file of labels; by default the model's")
      ->type_name("COLUMN|FILE");
  app.add_option("--sparsity", o.study.sparsities, "Shares of the weights to drop, rising")
      ->delimiter(',')
      ->type_name("LIST")
      ->capture_default_str();
  app.add_option("--grads", p.gradients, "Gradients of the Fisher matrix")
      ->type_name("M")
      ->capture_default_str();
  app.add_option("--grad-batch", p.batch, "Rows whose mean a gradient is")
      ->check(between(1, 1000000))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--recompute", p.recomputations,
                 "Steps in which a sparsity is reached, each with gradients of its own")
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--block", p.block, "F in blocks of so many neighbouring weights; 0: whole")
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--damp", p.lambda, "λ of F = λI + mean of g gᵀ")->type_name("L")->capture_default_str();
  app.add_option("--finetune", o.study.finetune, "Steps of Adam on what is left")
      ->check(zero_or_above())
      ->type_name("N");
  app.add_option("--valid", o.valid, "Share of the rows held out to score by")
      ->type_name("SHARE")
      ->capture_default_str();
  app.add_option("--rows", o.table.rows, "The first so many alone")->type_name("N");
  app.add_option("--sounds", o.table.sounds, "Features of recordings, as in training")
      ->type_name("KIND")
      ->capture_default_str();
  add_memory(app, o.memory_gb);
}

void set_up_train(CLI::App& app, TrainCommand& o) {
  add_network_options(app, o.network);
  app.add_option("--epochs", o.epochs, "Times through the rows")
      ->check(between(1, 1000000))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--batch", o.batch, "Rows a step")->type_name("N")->capture_default_str();
  app.add_option("--window", o.window, "Gradients of the Fisher matrix")
      ->type_name("M")
      ->capture_default_str();
  app.add_option("--damp", o.lambda, "λ of F = λI + mean of g gᵀ")->type_name("L")->capture_default_str();
  app.add_option("--lr", o.rates, "Step sizes to try for each solver; by default some that suit it")
      ->delimiter(',')
      ->type_name("LIST");
  app.add_option("--compare", o.compare, "Other solvers beside it")
      ->delimiter(',')
      ->type_name("LIST")
      ->capture_default_str();
  add_memory(app, o.memory_gb);
}

void set_up_solve(CLI::App& app, SolveCommand& o) {
  app.add_option("GRADS", o.gradients, "NPY, a gradient in each row")->required();
  app.add_option("X", o.x, "NPY, a right-hand side in each row")->required();
  app.add_option("--damp", o.lambda, "λ of F = λI + mean of g gᵀ")->type_name("L")->required();
  app.add_option("--window", o.window, "The last so many gradients, divided by that number; by default all")
      ->type_name("M");
  add_memory(app, o.memory_gb);
}

ToolAction set_up(CLI::App& app) {
  auto p = std::make_shared<PruneCommand>();
  auto t = std::make_shared<TrainCommand>();
  auto s = std::make_shared<SolveCommand>();
  app.require_subcommand(1);
  CLI::App* on_prune = app.add_subcommand("prune", "A trained network without most of its weights");
  CLI::App* on_train = app.add_subcommand("train", "A network trained with the inverse as preconditioner");
  CLI::App* on_solve = app.add_subcommand("solve", "F⁻¹x and the diagonal of F⁻¹, for gradients in a file");
  set_up_prune(*on_prune, *p);
  set_up_train(*on_train, *t);
  set_up_solve(*on_solve, *s);
  return [=](const ToolRun& run) {
    return on_prune->parsed() ? prune(*p, run) : on_train->parsed() ? train(*t, run) : solve(*s, run);
  };
}

const ToolRegistration registration{
    {.family = "Solvers",
     .name = "m-fac",
     .summary = "A network pruned, or trained, by the inverse Fisher matrix",
     .paper = {"E. Frantar, E. Kurtic, D. Alistarh",
               "M-FAC: Efficient Matrix-Free Approximations of Second-Order Information", "NeurIPS 2021",
               "2107.03356"},
     .about =
         "Multiplies by the inverse of F = λI + the mean of m gradients' outer products, exactly, for many "
         "parameters, in the memory of the m gradients.\n\n"
         "prune takes a network that raphson adam, soap or m-fac train wrote and the rows it is for, and "
         "drops the weights (never biases) that the loss can best do without, moving the others to make up "
         "for them. The gradients are taken anew in each of --recompute steps. It reports score, loss, "
         "weights and bytes beside the diagonal Fisher matrix and magnitude, and writes the pruned network "
         "of each sparsity. Rows are held out by --valid and --seed as in training: with the same of both "
         "they are rows that the network has not seen.\n\n"
         "train trains a perceptron as raphson soap does, each step preconditioned by the inverse of the "
         "latest --window minibatch gradients, beside other solvers. solve is for programmers: F⁻¹x for "
         "gradients and right-hand sides in NPY files, written as solution.npy and diagonal.npy. All in "
         "double precision; the relative error grows like 1/λ.",
     .set_up = set_up,
     .demo = m_fac_demo,
     .example = "train assets/data/mnist/mnist-10k-images.idx3.gz --target "
                "assets/data/mnist/mnist-10k-labels.idx1.gz --rows 1000 --hidden 32 --epochs 3 --compare "
                "adam --lr 0.03,0.1"}};

} // namespace
} // namespace raphson::cli
