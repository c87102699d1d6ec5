#include "optim/cli/tool.h"
#include "optim/tools/signals/complete_dictionary_lp_demo.h"
#include "optim/tools/signals/lp_transform.h"
#include "optim/tools/signals/lp_unmixing.h"

#include "dsp/error.h"
#include "optim/data/folder.h"

#include <filesystem>
#include <memory>
#include <optional>

namespace raphson::cli {
namespace {

using namespace optim::tools;
using report::ToolReport;

struct Options {
  std::vector<std::string> files;
  int frame = 0, patch = 0, atoms = 0, restarts = 3;
  std::optional<int> signals = {};
  double p = 3;
  bool orthogonal = false, centre = false;
};

bool is_mix(const Options& o) {
  const std::filesystem::path first = o.files.front();
  return o.frame == 0 && o.patch == 0 && !std::filesystem::is_directory(first)
         && kind_of(first) == SignalKind::sound && optim::data::lower_case_extension(first) != ".csv";
}

ToolReport learn(const Options& o, const LpOptions& options) {
  SignalOptions signals{.limit = o.signals.value_or(10000), .seed = options.seed};
  if (o.frame > 0) signals.frame = o.frame;
  if (o.patch > 0) signals.patch = o.patch;
  // Patches whose mean is taken off lack one direction, which no whitening can make up for.
  signals.keep_mean = !o.orthogonal;
  const SignalColumns columns = read_signal_columns(o.files, signals);
  if ((o.frame > 0 && columns.sample_rate == 0) || (o.patch > 0 && columns.tile_rows == 1))
    throw InputError(o.files.front() + ": --frame is for recordings, --patch for images");
  try {
    return transform_report(columns, options);
  } catch (const InputError& refusal) {
    throw InputError(o.files.front() + ": " + refusal.what());
  }
}

ToolReport separate(const Options& o, const LpOptions& options) {
  if (o.orthogonal)
    throw InputError("--orthogonal: of a transform; the channels of a mix are always whitened");
  if (o.signals) throw InputError("--signals: of a transform; of a mix every sample counts");
  const Mix mix = read_mix(o.files);
  try {
    return unmixing_report(mix, options);
  } catch (const InputError& refusal) {
    throw InputError(o.files.front() + ": " + refusal.what());
  }
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
  return is_mix(o) ? separate(o, options) : learn(o, options);
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.add_option("FILES", o->files,
                 "A recording with a source a channel, or several mono ones; or what to learn from")
      ->required();
  app.add_option("--frame", o->frame,
                 "Learn a transform of so many samples from recordings (64 for a folder)")
      ->type_name("SAMPLES")
      ->check(between(2, 1024));
  app.add_option("--patch", o->patch,
                 "Learn a transform of patches of so many pixels a side from images; 8 unless given")
      ->type_name("PIXELS")
      ->check(between(2, 32));
  app.add_option("--p", o->p, "The norm's exponent, above 2")
      ->check(between(2.0, 20.0))
      ->capture_default_str();
  app.add_option("--atoms", o->atoms, "So many atoms or sources alone; 0: as many as rows")
      ->check(between(0, 1024))
      ->capture_default_str();
  app.add_flag("--orthogonal", o->orthogonal, "The transform is orthonormal: no whitening");
  app.add_flag("--centre", o->centre,
               "Learn a transform of signals less their mean; of a mix DC is always taken off");
  app.add_option("--restarts", o->restarts, "Random starts, of which the best is kept")
      ->check(between(1, 1000))
      ->capture_default_str();
  app.add_option(
         "--signals", o->signals,
         "Frames, patches or columns at most, 10000 unless given, chosen at random; a fifth is held out")
      ->check(between(2, 10000000));
  return [o](const ToolRun& run) { return run_tool(*o, run); };
}

constexpr const char* about =
    "Separates a recording of several channels into as many sources, where each source is in every "
    "channel at some level: bleed between the microphones of a desk, stems in a multichannel bounce. "
    "Rooms and spaced microphones add delays, which this does not undo. Writes source-1.wav ... and "
    "mixing.csv. It finds sources that are more peaked than Gaussian noise, as speech and music are; "
    "others are named.\n\n"
    "With --frame or --patch, or from a folder or an array Y.npy with a signal a column, it learns a "
    "transform in which the data are sparse: dictionary.npy (atoms as columns) and analysis.npy "
    "(which makes coefficients of a signal), compared on held-out signals with cosines and principal "
    "axes. --orthogonal makes it an orthonormal one. Of frames and patches, half overlapping, the "
    "half with more energy is used; of patches in --orthogonal mode without their mean.\n\n"
    "The data are whitened (unless --orthogonal) and turned until the sum of their p-th powers is "
    "largest: each iteration is a product of matrices, a power of each entry and a singular value "
    "decomposition, without a step size or a weight of sparsity. p = 3 needs the fewest data; p = 4 "
    "is the earlier method.";

const ToolRegistration registration{
    {.family = "Signals",
     .name = "complete-dictionary-lp",
     .summary = "Unmixes channels, or learns a sparse transform, by an lp norm",
     .paper = {"Y. Shen, Y. Xue, J. Zhang, K. B. Letaief, V. Lau",
               "Complete Dictionary Learning via lp-norm Maximization", "UAI 2020", "2002.10043"},
     .about = about,
     .set_up = set_up,
     .demo = complete_dictionary_lp_demo,
     .example = "assets/data/two-voices.flac"}};

} // namespace
} // namespace raphson::cli
