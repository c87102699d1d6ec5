#include "dsp/error.h"
#include "optim/cli/number_options.h"
#include "optim/cli/tool.h"
#include "optim/tools/signals/aztr_demo.h"
#include "optim/tools/signals/aztr_report.h"

#include <memory>

namespace raphson::cli {
namespace {

using namespace optim;
using namespace optim::tools;
using report::ToolReport;

struct Options {
  CLI::App *train = nullptr, *apply = nullptr;
  std::string clips, labels, boxes, model, zoom = "learned";
  double size = 0;
  AztrRun run = {};
};

/// Options that would be taken and change nothing.
void refuse_idle(const Options& o) {
  const auto refuse = [&](const char* without, std::initializer_list<const char*> options) {
    for (const char* option : options)
      if (o.train->count(option) > 0)
        throw InputError(std::string(option) + " has no effect " + without + ": leave one of them out");
  };
  const bool motion = o.zoom == "motion", none = o.boxes == "none";
  if (none && !motion)
    throw InputError(
        "--boxes none: a zoom is learned from boxes; --boxes FILE.csv, or --zoom motion, would be right");
  if (motion) {
    if (!none)
      throw InputError("--boxes " + o.boxes
                       + ": --zoom motion learns from none; --boxes none would be right");
    refuse("with --zoom motion", {"--detector-steps", "--detector-rate", "--min-score", "--budget"});
  } else if (o.train->count("--size") > 0) {
    throw InputError("--size is for --zoom motion: a learned zoom finds the size itself");
  }
  if (o.run.budget > 0) refuse("with --budget, which chooses it", {"--every", "--crop"});
  if (o.run.size % 4 != 0)
    throw InputError("--crop " + std::to_string(o.run.size) + ": a multiple of 4 would be right");
}

ToolReport train(const Options& o, const ToolRun& run) {
  AztrRun training = o.run;
  training.seed = run.seed;
  training.threads = run.threads;
  training.progress = [&run](const std::string& line) { run.say(line); };
  refuse_idle(o);
  const bool motion = o.zoom == "motion";
  const Clips clips = read_films(o.clips);
  const ClipLabels labels = read_clip_labels(o.labels, clips);
  std::vector<ClipBox> boxes;
  if (!motion) boxes = read_clip_boxes(o.boxes, clips);
  if (motion) {
    const int side = std::min(clips.rows, clips.columns);
    training.zoom.zoom = Zoom::motion;
    training.zoom.motion_size = o.size > 0 ? o.size : side / 12.0;
    if (training.zoom.motion_size > side / 2.0)
      throw InputError("--size " + o.train->get_option("--size")->results().front() + ": " + o.clips
                       + " has frames of " + std::to_string(clips.rows) + " x "
                       + std::to_string(clips.columns) + " pixels, at most " + std::to_string(side / 2)
                       + " would be right");
  }
  return aztr_training_report(clips, labels, boxes, training);
}

ToolReport run_tool(const Options& o, const ToolRun& run) {
  run.say("reading");
  if (o.train->parsed()) return train(o, run);
  return aztr_result_report(read_aztr_model(o.model), read_films(o.clips), run.threads);
}

void add_clips(CLI::App& app, Options& o) {
  app.add_option("CLIPS", o.clips,
                 "NPY of clips x frames x rows x columns, or a folder with a folder of PNG for each")
      ->required();
}

void set_up_train(CLI::App& app, Options& o) {
  o.train = app.add_subcommand("train", "Learn to find and to read a target")->group("Commands");
  CLI::App& train = *o.train;
  add_clips(train, o);
  train.add_option("LABELS", o.labels, "CSV with columns clip (a number from 1, or its folder) and label")
      ->required();
  train
      .add_option("--boxes", o.boxes,
                  "CSV with columns clip, frame (from 1), x, y and size (half the larger side, pixels), on a "
                  "frame of "
                  "each clip at least; none with --zoom motion")
      ->type_name("BOXES.csv|none")
      ->required();
  train.add_option("--zoom", o.zoom, "learned from boxes, or motion: the brightest change, not learned")
      ->check(CLI::IsMember({"learned", "motion"}))
      ->capture_default_str();
  train
      .add_option("--size", o.size,
                  "Of --zoom motion: half the target's side, pixels; a twelfth of the frame if left out")
      ->check(above_zero())
      ->type_name("PIXELS");
  train.add_option("--every", o.run.zoom.every, "The target is looked for in every K-th frame")
      ->check(between(1, 100000))
      ->type_name("K")
      ->capture_default_str();
  train.add_option("--crop", o.run.size, "Crops of S x S pixels, a multiple of 4")
      ->check(between(4, 256))
      ->type_name("S")
      ->capture_default_str();
  train.add_option("--budget", o.run.budget, "Millions of multiply-adds a clip: chooses K and S")
      ->check(above_zero())
      ->type_name("MILLIONS");
  train
      .add_option("--min-score", o.run.zoom.min_score, "Leave out key frames whose best cell is less likely")
      ->check(between(0.0, 1.0))
      ->capture_default_str();
  add_whole(train, "--epochs", o.run.epochs, "Times that the recogniser sees all clips", 1, 100000);
  add_steps(train, "--detector-steps", o.run.detector_steps,
            "Training steps of the detector, 24 frames each");
  add_positive(train, "--rate", o.run.learning_rate, "Learning rate of Adam for the recogniser");
  add_positive(train, "--detector-rate", o.run.detector_rate, "The same for the detector");
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  set_up_train(app, *o);
  o->apply = app.add_subcommand("apply", "Read clips with a trained model")->group("Commands");
  o->apply->add_option("MODEL", o->model, "model.aztr.json, as train wrote it")->required();
  add_clips(*o->apply, *o);
  app.require_subcommand(1);
  return [o](const ToolRun& run) { return run_tool(*o, run); };
}

constexpr const char* about =
    "Says what a target does in a film where it fills a few per cent of the picture and the camera moves: "
    "fixed and "
    "flying cameras, microscope films, spectrogram films with a small moving event. A small detector finds "
    "the target "
    "in a few key frames; the clip is cropped around its path with one zoom for all its frames; a light "
    "network with "
    "convolution and attention over time reads the action.\n\n"
    "The detector learns from the boxes of four fifths of the clips, then finds all boxes itself, and the "
    "recogniser "
    "learns from those. zoom.csv has the crop of each frame, its middle and half its side; found.csv the "
    "target in the key frames with its size and the detector's score, by which --min-score is chosen, as a "
    "file "
    "that --boxes takes. The other fifth judges both, beside a network that sees the whole frames. "
    "--budget says how many multiply-adds a clip may take and picks from K = 1, 2, 4 and S = 12, 16, 24 the "
    "smallest "
    "K, then the largest S, that stay below; all pairs below are trained and listed.\n\n"
    "All clips have the same number of frames, and the same size. Levels of an NPY of whole numbers are "
    "divided "
    "by 255, or by 65535 where one is larger; a model warns of clips of other levels than it was trained on. "
    "A "
    "model takes clips of another number of frames by the "
    "nearest of "
    "them. One target a clip. The paper's exact layers are not those here: of its detector and backbone, "
    "which are "
    "large networks on drone footage, the mechanism is kept, not the size.";

const ToolRegistration registration{
    {.family = "Signals",
     .name = "aztr",
     .summary = "Finds a small moving target in a film and says what it does",
     .paper = {"X. Wang, R. Xian, T. Guan, C. M. de Melo, S. M. Nogar, A. Bera, D. Manocha",
               "AZTR: Aerial Video Action Recognition with Auto Zoom and Temporal Reasoning", "ICRA 2023",
               "2303.01589"},
     .about = about,
     .set_up = set_up,
     .demo = aztr_demo,
     .example =
         "train assets/data/aztr/clips.npy assets/data/aztr/labels.csv --boxes assets/data/aztr/boxes.csv "
         "--epochs 40"}};

} // namespace
} // namespace raphson::cli
