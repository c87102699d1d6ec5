// raphson rankseg-rma PROBS: masks from probability maps.
#include "optim/cli/tool.h"
#include "optim/tools/signals/rankseg_report.h"
#include "optim/tools/signals/rankseg_rma_demo.h"

#include <memory>

namespace raphson::cli {
namespace {

using namespace optim::tools;

struct Options {
  std::vector<std::filesystem::path> maps, truth;
  std::string metric = "dice", mode, unclaimed = "score", axes = "chw";
  double prune = default_prune;
  bool exact = false;
};

report::ToolReport run_tool(const Options& o, const ToolRun& run) {
  run.say("reading");
  const ProbabilityMaps maps =
      read_probabilities(o.maps, o.axes == "ncd" ? PixelAxes::samples : PixelAxes::classes);
  RankSegRun work;
  work.options.metric = o.metric == "iou" ? OverlapMetric::iou : OverlapMetric::dice;
  work.options.prune = o.prune;
  work.options.unclaimed = o.unclaimed == "zero"   ? Unclaimed::zero
                           : o.unclaimed == "void" ? Unclaimed::nothing
                                                   : Unclaimed::score;
  work.exclusive = o.mode.empty() ? maps.classes() > 1 : o.mode == "exclusive";
  work.exact = o.exact;
  work.threads = run.threads;
  work.progress = [&run](const std::string& line) { run.say(line); };
  if (!o.truth.empty()) work.truth = read_truth(o.truth, maps);
  return rankseg_report(maps, work);
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.add_option("PROBS", o->maps, "Probabilities: one .npy or .csv, or a grey .png for each class")
      ->required();
  app.add_option("--truth", o->truth, "Labels or masks to compare with, in the same kind of file")
      ->type_name("LABELS");
  app.add_option("--metric", o->metric, "The overlap that is to be large")
      ->check(CLI::IsMember({"dice", "iou"}))
      ->capture_default_str();
  app.add_option("--mode", o->mode, "One class a pixel, or masks that may overlap; by the number of classes")
      ->check(CLI::IsMember({"exclusive", "overlap"}));
  app.add_option("--unclaimed", o->unclaimed,
                 "Of pixels that no class chose: the class that gains most, class 0, or no label")
      ->check(CLI::IsMember({"score", "zero", "void"}))
      ->capture_default_str();
  app.add_option("--prune", o->prune, "A class whose largest probability is at most this stays empty")
      ->check(between(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--axes", o->axes,
                 "Of an .npy of three: classes, rows, columns, or samples, classes, pixels")
      ->check(CLI::IsMember({"chw", "ncd"}))
      ->capture_default_str();
  app.add_flag("--exact", o->exact,
               "The expected overlap without approximation as well, up to 20,000 pixels");
  return [o](const ToolRun& run) { return run_tool(*o, run); };
}

constexpr const char* about =
    "Turns probabilities of pixels, of spectrogram bins or of frames into masks. A threshold at 0.5, or the "
    "most probable class, is best for the share of pixels that are right; where the probabilities are "
    "uncertain it finds far too little. This keeps, for every map and class, as many of the most probable "
    "pixels as make the expected Dice (F1) or IoU largest, in linear time and without training anything.\n\n"
    "PROBS is an .npy of (classes, rows, columns), (samples, classes, rows, columns), (classes, pixels), "
    "(pixels), or with --axes ncd (samples, classes, pixels); or a grey .png for each class, of 8 or 16 "
    "bits; "
    "or a .csv with a row a frame and a column a class. Of several classes each pixel gets one (labels.npy, "
    "labels.png, labels.csv), of one class or with --mode overlap each class its mask. maps.csv has the "
    "figures of every map: pixels kept, the probability above which they are, the expected overlap, and the "
    "same of the threshold 0.5 or of argmax. Of several classes t* is how many pixels a class would keep by "
    "itself, and kept how many are left to it once each pixel has one class.\n\n"
    "--truth adds the overlap that is reached, averaged over the classes that a map's truth has; the truth's "
    "pixels of label 255 do not count (65535 where there are more than 255 classes).\n\n"
    "The probabilities must be calibrated, and pixels are taken for independent. The approximation is made "
    "for many pixels: of a handful it may keep one too many, as --exact shows.";

const ToolRegistration registration{
    {.family = "Signals",
     .name = "rankseg-rma",
     .summary = "Masks from probability maps, with the largest expected Dice or IoU",
     .paper = {"Z. Wang, B. Dai",
               "RankSEG-RMA: An Efficient Segmentation Algorithm via Reciprocal Moment Approximation",
               "NeurIPS 2025", "2510.15362"},
     .about = about,
     .set_up = set_up,
     .demo = rankseg_rma_demo,
     .example = "assets/data/speech-probability.png --truth assets/data/speech-mask.png --exact"}};

} // namespace
} // namespace raphson::cli
