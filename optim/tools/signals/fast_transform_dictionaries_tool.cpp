#include "dsp/error.h"
#include "optim/cli/number_options.h"
#include "optim/cli/tool.h"
#include "optim/tools/signals/fast_report.h"
#include "optim/tools/signals/fast_transform_dictionaries_demo.h"

#include <memory>
#include <optional>

namespace raphson::cli {
namespace {

using namespace optim::tools;
using report::ToolReport;

struct Options {
  std::vector<std::string> files;
  std::string matrix, constraint = "total", start = "residual-zero";
  int frame = 64, patch = 8, atoms = 128, nonzeros = 5, factors = 4, sparsity = 4, column_sparsity = 4,
      signals = 4000;
  double residual = 0.6, rho = 0.5;
  std::optional<double> sigma = {};
  std::vector<const CLI::Option*> of_totals = {}; ///< that --constraint row-col has no use for
};

PlanOptions plan_of(const Options& o) {
  return {o.factors, o.sparsity, o.column_sparsity, o.residual, o.rho};
}

SplitStart start_of(const Options& o) {
  return o.start == "sparse-zero" ? SplitStart::sparse_zero : SplitStart::residual_zero;
}

ToolReport factorise(const Options& o, const ToolRun& run) {
  const auto a = read_matrix(o.matrix);
  const bool halving = o.constraint == "row-col";
  for (const CLI::Option* option : o.of_totals)
    if (halving && option->count() > 0)
      throw InputError("--constraint row-col: the matrix's size settles the factors, without "
                       + option->get_name());
  const FactorPlan plan =
      halving ? plan_by_halving(a.rows(), a.cols()) : plan_by_totals(a.rows(), a.cols(), plan_of(o));
  return factorisation_report(a, plan, start_of(o), [&run](const std::string& line) { run.say(line); });
}

ToolReport learn(const Options& o, const ToolRun& run) {
  if (o.constraint != "total") throw InputError("--constraint row-col is for --matrix alone");
  run.say("reading");
  const SignalColumns signals = read_signal_columns(
      o.files, {.frame = o.frame, .patch = o.patch, .limit = o.signals, .seed = run.seed});
  if (signals.training.rows() < 2)
    throw InputError(o.files.front() + ": one row; signals of at least 2 expected");
  if (o.sigma && !signals.tiles)
    throw InputError(o.files.front() + ": --denoise is for recordings and images");
  FastDictionaryOptions options{.atoms = o.atoms,
                                .nonzeros = o.nonzeros,
                                .plan = plan_of(o),
                                .start = start_of(o),
                                .seed = run.seed,
                                .threads = run.threads,
                                .progress = [&run](const std::string& line) { run.say(line); }};
  const FastDictionary learnt = learn_fast_dictionary(signals.training, options);
  ToolReport report = fast_dictionary_report(signals, learnt, options);
  if (o.sigma)
    add_denoised(report, {o.files, *o.sigma, signals.tile_columns}, learnt.fast.transform, run.threads,
                 [&run](const std::string& line) { run.say(line); });
  return report;
}

ToolReport run_tool(const Options& o, const ToolRun& run) {
  if (o.files.empty() == o.matrix.empty())
    throw InputError(o.files.empty() ? "give FILES to learn from, or --matrix A.npy to factorise"
                                     : "FILES or --matrix A.npy: one of them, not both");
  return o.matrix.empty() ? learn(o, run) : factorise(o, run);
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.add_option("FILES", o->files, "Recordings, images, or an array with a signal a column (NPY)");
  const auto matrix =
      app.add_option("--matrix", o->matrix, "Factorise this matrix instead")->type_name("A.npy");
  const auto of_files = [&](const char* name, int& value, const char* what, int least, int most) {
    add_whole(app, name, value, what, least, most)->excludes(matrix);
  };
  of_files("--frame", o->frame, "Samples a frame, of recordings", 2, 4096);
  of_files("--patch", o->patch, "Pixels a patch's side, of images", 2, 64);
  of_files("--atoms", o->atoms, "Atoms of the dictionary (n)", 2, 16384);
  of_files("--nonzeros", o->nonzeros, "Atoms that code a signal", 1, 4096);
  of_files("--signals", o->signals,
           "Frames, patches or columns at most, chosen at random; a fifth is held out", 2, 10000000);
  app.add_option("--denoise", o->sigma, "Also denoise the files: the noise's deviation, of full scale 1")
      ->type_name("SIGMA")
      ->check(above_zero())
      ->excludes(matrix);
  o->of_totals = {
      add_whole(app, "--factors", o->factors, "Number of factors (J)", 2, 64),
      add_whole(app, "--sparsity", o->sparsity, "Entries of a middle factor, as a multiple of its rows (s)",
                1, 4096),
      add_whole(app, "--column-sparsity", o->column_sparsity, "Entries a column of the rightmost factor (k0)",
                1, 4096),
      add_positive(app, "--residual", o->residual,
                   "Entries of the residual, the leftmost factor, after the first level, as a share (P)"),
      app.add_option("--rho", o->rho, "By how much each further level thins the residual out")
          ->check(between(1e-6, 1.0))
          ->capture_default_str()};
  app.add_option("--constraint", o->constraint,
                 "Of --matrix: entries in all, or 2 a row and column, halving the residual")
      ->check(CLI::IsMember({"total", "row-col"}))
      ->capture_default_str();
  app.add_option("--start", o->start, "Which of the two factors of a split starts at zero")
      ->check(CLI::IsMember({"residual-zero", "sparse-zero"}))
      ->capture_default_str();
  return [o](const ToolRun& run) { return run_tool(*o, run); };
}

constexpr const char* about =
    "Learns a dictionary for sparse coding that is a product of a few very sparse matrices, as the "
    "FFT is one: products with it cost a fraction of a dense dictionary's, and it needs fewer data. "
    "For frames of recordings, patches of images, or an array with a signal a column; of frames and "
    "patches, half overlapping, the half with more energy is used, of patches without their mean. "
    "factors.json and factor-1.npy ... hold the factors, the leftmost first. The report compares it "
    "with K-SVD, which is dense and more accurate, with cosines, and with K-SVD's dictionary cut down "
    "to as many numbers.\n\n"
    "--denoise SIGMA codes overlapping tiles of the same files until what is left is as small as the "
    "noise: of a recording each channel, of the clips of a folder the mean of the channels.\n\n"
    "--matrix A.npy writes any matrix as such a product. With --constraint row-col it finds the fast "
    "Hadamard transform exactly, but in natural order only: shuffled, with a row twice as large, or "
    "with 1 % of noise, the entries no longer tell where the blocks are, and the error is 0.4 to 0.7.";

const ToolRegistration registration{
    {.family = "Signals",
     .name = "fast-transform-dictionaries",
     .summary = "Dictionaries, and any matrix, as products of sparse factors",
     .paper = {"L. Le Magoarou, R. Gribonval",
               "Learning computationally efficient dictionaries and their implementation as fast transforms",
               "2014", "1406.5388"},
     .about = about,
     .set_up = set_up,
     .demo = fast_transform_dictionaries_demo,
     .example = "assets/recordings/digits-dry.flac --frame 64 --atoms 128 --nonzeros 5"}};

} // namespace
} // namespace raphson::cli
