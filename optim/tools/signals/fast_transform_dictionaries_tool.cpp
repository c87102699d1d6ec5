#include "dsp/error.h"
#include "optim/cli/tool.h"
#include "optim/tools/signals/fast_report.h"
#include "optim/tools/signals/fast_transform_dictionaries_demo.h"

#include <cmath>
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
};

PlanOptions plan_of(const Options& o) {
  return {o.factors, o.sparsity, o.column_sparsity, o.residual, o.rho};
}

SplitStart start_of(const Options& o) {
  return o.start == "sparse-zero" ? SplitStart::sparse_zero : SplitStart::residual_zero;
}

ToolReport factorise(const Options& o) {
  const auto a = read_matrix(o.matrix);
  const FactorPlan plan = o.constraint == "row-col" ? plan_by_halving(a.rows(), a.cols())
                                                    : plan_by_totals(a.rows(), a.cols(), plan_of(o));
  return factorisation_report(a, plan, start_of(o));
}

ToolReport learn(const Options& o, const ToolRun& run) {
  if (o.constraint != "total") throw InputError("--constraint row-col is for --matrix alone");
  if (o.sigma && !(*o.sigma > 0 && std::isfinite(*o.sigma)))
    throw InputError("--denoise: the noise's deviation expected, above 0; full scale is 1");
  run.say("reading");
  const SignalColumns signals = read_signal_columns(
      o.files, {.frame = o.frame, .patch = o.patch, .limit = o.signals, .seed = run.seed});
  if (o.sigma && !signals.tiles)
    throw InputError(o.files.front() + ": --denoise is for recordings and images");
  FastDictionaryOptions options{.atoms = o.atoms,
                                .nonzeros = o.nonzeros,
                                .plan = plan_of(o),
                                .start = start_of(o),
                                .seed = run.seed,
                                .threads = run.threads,
                                .progress = [&run](const std::string& line) { run.say(line); }};
  ToolReport report = fast_dictionary_report(signals, options);
  if (o.sigma) {
    const FastTransform fast = parse_fast_transform(report.files.front().bytes, report.files.front().name);
    add_denoised(report, {o.files, *o.sigma, signals.tile_columns}, fast, run.threads,
                 [&run](const std::string& line) { run.say(line); });
  }
  return report;
}

ToolReport run_tool(const Options& o, const ToolRun& run) {
  if (o.files.empty() == o.matrix.empty())
    throw InputError("give FILES to learn from, or --matrix A.npy to factorise");
  return o.matrix.empty() ? learn(o, run) : factorise(o);
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.add_option("FILES", o->files, "Recordings, images, or an array with a signal a column (NPY)");
  const auto count = [&](const char* name, int& value, const char* what, int least, int most) {
    app.add_option(name, value, what)->check(between(least, most))->capture_default_str();
  };
  count("--frame", o->frame, "Samples a frame, of recordings", 2, 4096);
  count("--patch", o->patch, "Pixels a patch's side, of images", 2, 64);
  count("--atoms", o->atoms, "Of the dictionary", 2, 16384);
  count("--nonzeros", o->nonzeros, "Atoms that code a signal", 1, 4096);
  count("--signals", o->signals, "Frames, patches or columns at most, chosen at random; a fifth is held out",
        2, 10000000);
  app.add_option("--denoise", o->sigma, "Also denoise the files: the noise's deviation, of full scale 1")
      ->type_name("SIGMA");
  app.add_option("--matrix", o->matrix, "Factorise this matrix instead")->type_name("A.npy");
  count("--factors", o->factors, "J", 2, 64);
  count("--sparsity", o->sparsity, "Entries of a middle factor, over its rows", 1, 4096);
  count("--column-sparsity", o->column_sparsity, "Entries a column of the rightmost factor", 1, 4096);
  app.add_option("--residual", o->residual, "P: the residual after level l has P rho^(l-1) m^2 entries")
      ->check(above_zero())
      ->capture_default_str();
  app.add_option("--rho", o->rho, "How the residual thins out")
      ->check(between(1e-6, 1.0))
      ->capture_default_str();
  app.add_option("--constraint", o->constraint,
                 "Of --matrix: entries in all, or 2 a row and column, halving the residual")
      ->check(CLI::IsMember({"total", "row-col"}))
      ->capture_default_str();
  app.add_option("--start", o->start, "Which of the two factors of a split starts at zero")
      ->check(CLI::IsMember({"residual-zero", "sparse-zero"}))
      ->capture_default_str();
  return [o](const ToolRun& run) { return run_tool(*o, run); };
}

constexpr const char* about = "Learns a dictionary for sparse coding that is a product of a few very sparse "
                              "matrices, as the FFT is one: "
                              "products with it cost a fraction of a dense dictionary's, and it needs fewer "
                              "data. For frames of recordings, "
                              "patches of images, or an array with a signal a column; of frames and patches, "
                              "half overlapping, the half with "
                              "more energy is used, of patches without their mean. factors.json and "
                              "factor-1.npy ... hold the factors, the "
                              "leftmost first. The report compares it with K-SVD, which is dense and more "
                              "accurate, with cosines, and with "
                              "K-SVD's dictionary cut down to as many numbers.\n\n"
                              "--denoise SIGMA codes overlapping tiles of the same files until what is left "
                              "is as small as the noise.\n\n"
                              "--matrix A.npy writes any matrix as such a product. With --constraint row-col "
                              "it finds the fast Hadamard "
                              "transform exactly, but in natural order only: shuffled, with a row twice as "
                              "large, or with 1 % of noise, "
                              "the entries no longer tell where "
                              "the blocks are, and the error is more than half.";

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
