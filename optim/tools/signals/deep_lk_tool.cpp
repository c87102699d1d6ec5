#include "dsp/error.h"
#include "optim/cli/tool.h"
#include "optim/data/asset.h"
#include "optim/tools/signals/deep_lk_demo.h"
#include "optim/tools/signals/deep_lk_report.h"
#include "optim/tools/signals/deep_lk_training.h"
#include "optim/tools/signals/deep_lk_training_report.h"

#include <memory>

namespace raphson::cli {
namespace {

using namespace optim;
using namespace optim::tools;
using report::ToolReport;

struct Options {
  CLI::App *app = nullptr, *train = nullptr;
  std::string frames, model, truth, pictures;
  std::vector<double> box;
  TrackerOptions tracker;
  MotionTraining training;
};

ToolReport follow(const Options& o, const ToolRun& run) {
  if (o.frames.empty())
    throw InputError("give FRAMES, a folder of PNG or PGM files or an NPY, or the command train");
  if (o.box.size() != 4) throw InputError("give --box X,Y,W,H, the box in the first frame in pixels");
  run.say("reading");
  const auto frames = data::read_pictures(o.frames);
  const auto model =
      o.model.empty() ? data::asset("models/deep-lk.network.json") : std::filesystem::path(o.model);
  const FeatureFile features = read_features(model);
  const auto estimator = lucas_kanade(learned_features(features.parameters));
  FollowOptions options{.box = box_of_edges(o.box[0], o.box[1], o.box[2], o.box[3]),
                        .tracker = o.tracker,
                        .model = o.model.empty() ? "shipped, models/deep-lk.network.json" : o.model,
                        .files = std::filesystem::is_directory(o.frames)};
  if (options.files
      && !std::filesystem::equivalent(std::filesystem::path(frames.front().name).parent_path(), o.frames))
    throw InputError(o.frames + ": pictures in its sub-folders alone; the folder of one film would be right");
  for (const auto& [what, said] : features.recipe) options.model += "; " + what + ": " + said;
  if (!o.truth.empty()) options.truth = read_boxes(o.truth);
  options.progress = [&run](const std::string& line) { run.say(line); };
  return follow_report(frames, *estimator, options, o.frames);
}

ToolReport run_tool(const Options& o, const ToolRun& run) {
  if (!o.train->parsed()) return follow(o, run);
  for (const char* option : {"FRAMES", "--box", "--model", "--update", "--iterations", "--truth"})
    if (o.app->count(option) > 0)
      throw InputError(std::string(option) + " is for following a box, not for train: leave one of them out");
  run.say("reading");
  MotionTraining training = o.training;
  training.seed = run.seed;
  training.threads = run.threads;
  training.observer = [&run](int step, double loss) {
    run.say("step " + std::to_string(step) + ", loss " + std::to_string(loss));
  };
  return training_report(data::read_pictures(o.pictures), training, o.pictures);
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  o->app = &app;
  app.add_option("FRAMES", o->frames,
                 "A folder of PNG or PGM files in the order of their names, or an NPY of "
                 "frames x rows x columns");
  app.add_option("--box", o->box, "In the first frame, pixels: left and upper edge, width and height")
      ->type_name("X,Y,W,H")
      ->delimiter(',')
      ->expected(4);
  app.add_option("--model", o->model,
                 "Features that train wrote; those that come with the program where left out")
      ->type_name("M.network.json");
  app.add_option("--update", o->tracker.update,
                 "Share of the present appearance that the template takes on a frame")
      ->check(between(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--iterations", o->tracker.iterations, "Of a frame at most, each with a crop of its own")
      ->check(between(1, 100))
      ->capture_default_str();
  app.add_option("--truth", o->truth, "The true boxes, a row a frame: x, y, w, h")->type_name("BOXES.csv");
  o->train = app.add_subcommand("train", "Learn features from your own pictures, moved at random")
                 ->group("Commands");
  o->train->add_option("IMAGES", o->pictures, "A folder of PNG or PGM files of any sizes, or an NPY")
      ->required();
  o->train->add_option("--steps", o->training.steps, "Of Adam")
      ->check(between(1, 100000))
      ->capture_default_str();
  o->train->add_option("--batch", o->training.batch, "Pairs a step")
      ->check(between(1, 4096))
      ->capture_default_str();
  o->train->add_option("--rate", o->training.rate, "Step size at first")
      ->check(between(1e-6, 1.0))
      ->capture_default_str();
  return [o](const ToolRun& run) { return run_tool(*o, run); };
}

constexpr const char* about =
    "Follows one box through the pictures of a film: a marker or a meter on video, a partial in a "
    "spectrogram that "
    "is given as images. A small network turns the box's content into features; its motion, across, down and "
    "in "
    "size, comes from a linear regression whose matrix is computed from the template in the first frame, not "
    "learned. So it follows what it never saw in training, where a network with constant weights fails.\n\n"
    "--box is x, y of the left and upper edge, width and height in the first frame, in pixels, at least 8 x "
    "8. "
    "boxes.csv has the box of each frame, the residual (how far the features of the last crop, from which "
    "the last "
    "step led to the box, are from the template's: 0 the same, above 0.85 another picture) and the condition "
    "number "
    "of the template's J'J: a large one says that a motion is poorly determined, as along an edge. A "
    "residual "
    "three times that of the first frames, or above 0.85, is reported as probably lost. With --truth the "
    "overlap with the true boxes is "
    "measured. "
    "Motion between two frames should stay within about a sixth of the box. --update lets the template "
    "follow a "
    "changing appearance, and drift with it.\n\n"
    "The features that come with the program were trained on handwritten digits 0 to 4 that move on noise; "
    "train "
    "learns others from your own pictures, squares of which are moved at random, and writes them as "
    "deep-lk.network.json for --model. Three convolutions stand in for the paper's pretrained network and "
    "generated motion for its videos; regressor, loss and update are complete.";

const ToolRegistration registration{
    {.family = "Signals",
     .name = "deep-lk",
     .summary = "Follows a box through pictures by Lucas-Kanade on features",
     .paper = {"C. Wang, H. K. Galoogahi, C.-H. Lin, S. Lucey",
               "Deep-LK for Efficient Adaptive Object Tracking", "ICRA 2018", "1705.06839"},
     .about = about,
     .set_up = set_up,
     .demo = deep_lk_demo,
     .example = "assets/data/film --box 31,36.18,27.84,27.84 --truth assets/data/film/boxes.csv"}};

} // namespace
} // namespace raphson::cli
