#include "optim/cli/tool.h"
#include "optim/tools/signals/complete_dictionary_lp_demo.h"
#include "optim/tools/signals/lp_transform.h"
#include "optim/tools/signals/lp_unmixing.h"

#include "dsp/error.h"
#include "optim/data/folder.h"

#include <filesystem>
#include <memory>

namespace raphson::cli {
namespace {

using namespace optim::tools;
using report::ToolReport;

struct Options {
  std::vector<std::string> files;
  int frame = 0, patch = 0, signals = 10000, atoms = 0, restarts = 3;
  double p = 3;
  bool orthogonal = false, centre = false;
};

bool is_mix(const Options& o) {
  if (o.frame > 0 || o.patch > 0) return false;
  const std::string extension = optim::data::lower_case_extension(o.files.front());
  return extension != ".npy" && extension != ".png" && extension != ".gz"
         && !std::filesystem::is_directory(o.files.front());
}

ToolReport run_tool(const Options& o, const ToolRun& run) {
  if (o.frame > 0 && o.patch > 0) throw InputError("--frame and --patch: give one of them");
  LpOptions options{.p = o.p,
                    .atoms = o.atoms,
                    .orthogonal = o.orthogonal,
                    .centre = o.centre,
                    .restarts = o.restarts,
                    .seed = run.seed,
                    .threads = run.threads};
  options.progress = [&run](int start, int iteration) {
    run.say("start " + std::to_string(start + 1) + ", iteration " + std::to_string(iteration));
  };
  run.say("reading");
  if (is_mix(o)) return unmixing_report(read_mix(o.files), options);
  SignalOptions signals{.limit = o.signals, .seed = run.seed};
  if (o.frame > 0) signals.frame = o.frame;
  if (o.patch > 0) signals.patch = o.patch;
  // Patches whose mean is taken off lack one direction, which no whitening can make up for.
  signals.keep_mean = !o.orthogonal;
  const SignalColumns columns = read_signal_columns(o.files, signals);
  if ((o.frame > 0 && columns.sample_rate == 0) || (o.patch > 0 && columns.tile_rows == 1))
    throw InputError(o.files.front() + ": --frame is for recordings, --patch for images");
  return transform_report(columns, options);
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.add_option("FILES", o->files,
                 "A recording with a source a channel, or several mono ones; or what to learn from")
      ->required();
  app.add_option("--frame", o->frame, "Learn a transform of so many samples from recordings")
      ->type_name("SAMPLES")
      ->check(between(2, 1024));
  app.add_option("--patch", o->patch, "Learn a transform of patches of so many pixels a side from images")
      ->type_name("PIXELS")
      ->check(between(2, 32));
  app.add_option("--p", o->p, "The norm's exponent, above 2")->capture_default_str();
  app.add_option("--atoms", o->atoms, "So many atoms or sources alone; 0: as many as rows")
      ->check(between(0, 1024))
      ->capture_default_str();
  app.add_flag("--orthogonal", o->orthogonal, "The dictionary is orthonormal: no whitening");
  app.add_flag("--centre", o->centre, "Take the mean column off (recordings: DC)");
  app.add_option("--restarts", o->restarts, "Random starts, of which the best is kept")
      ->check(between(1, 1000))
      ->capture_default_str();
  app.add_option("--signals", o->signals,
                 "Frames, patches or columns at most, chosen at random; a fifth is held out")
      ->check(between(2, 10000000))
      ->capture_default_str();
  return [o](const ToolRun& run) { return run_tool(*o, run); };
}

constexpr const char* about =
    "Separates a recording of several channels into as many sources, where each source is in every channel "
    "at some "
    "level: bleed between the microphones of a desk, stems in a multichannel bounce. Rooms and spaced "
    "microphones add "
    "delays, which this does not undo. Writes source-1.wav ... and mixing.csv. Sources that are no more "
    "peaked than "
    "Gaussian noise cannot be told apart and are named.\n\n"
    "With --frame or --patch, or from an array Y.npy with a signal a column, it learns a transform in which "
    "the data "
    "are sparse: dictionary.npy (atoms as columns) and analysis.npy (which makes coefficients of a signal), "
    "compared "
    "on held-out signals with cosines and principal axes. --orthogonal makes it an orthonormal one. Of "
    "frames and "
    "patches, half overlapping, the half with more energy is used; of patches in --orthogonal mode without "
    "their "
    "mean.\n\n"
    "The data are whitened (unless --orthogonal) and turned until the sum of their p-th powers is largest: "
    "each "
    "iteration is a product of matrices, a power of each entry and a singular value decomposition, without a "
    "step "
    "size or a weight of sparsity. p = 3 needs the fewest data; p = 4 is the earlier method.";

const ToolRegistration registration{
    {.family = "Signals",
     .name = "complete-dictionary-lp",
     .summary = "Unmixes channels, or learns a sparse transform, by an lp norm",
     .paper = {"Y. Shen, Y. Xue, J. Zhang, K. B. Letaief, V. Lau",
               "Complete Dictionary Learning via lp-norm Maximization", "UAI 2020", "2002.10043"},
     .about = about,
     .set_up = set_up,
     .demo = complete_dictionary_lp_demo,
     .example = "assets/recordings/digits-dry.flac --frame 64 --orthogonal"}};

} // namespace
} // namespace raphson::cli
