#include "dsp/error.h"
#include "optim/cli/number_options.h"
#include "optim/cli/tool.h"
#include "optim/tools/signals/attsets_demo.h"
#include "optim/tools/signals/attsets_report.h"

#include <memory>

namespace raphson::cli {
namespace {

using namespace optim;
using namespace optim::tools;
using report::ToolReport;

struct Options {
  CLI::App *train = nullptr, *apply = nullptr;
  std::string sets, targets, sizes, model;
  bool real = false, binary = false;
  SetRun run = {};
};

ToolReport run_tool(const Options& o, const ToolRun& run) {
  run.say("reading");
  const ViewSets sets = read_view_sets(o.sets, o.sizes);
  if (o.apply->parsed()) return set_result_report(read_set_model(o.model), sets);
  SetRun training = o.run;
  training.binary = !o.real;
  training.seed = run.seed;
  training.threads = run.threads;
  training.progress = [&run](const std::string& line) { run.say(line); };
  return set_training_report(sets, read_targets(o.targets, sets, training.binary), training);
}

void add_sets(CLI::App& app, Options& o) {
  app.add_option(
         "SETS", o.sets,
         "NPY of objects x views x features, or x rows x columns; or CSV, a view a row, with a column object")
      ->required();
  app.add_option("--sizes", o.sizes,
                 "How many of the views each object has, column size; the rest is padding")
      ->type_name("SIZES.csv");
}

void set_up_train(CLI::App& app, Options& o) {
  o.train = app.add_subcommand("train", "Learn from sets and what they are views of")->group("Commands");
  add_sets(*o.train, o);
  o.train
      ->add_option(
          "TARGETS", o.targets,
          "NPY of objects x outputs, or x rows x columns; or CSV, a row an object, beside a table of "
          "views with a column object")
      ->required();
  const auto binary =
      o.train->add_flag("--binary", o.binary, "Targets within 0 and 1, cross-entropy (the default)");
  o.train->add_flag("--real", o.real, "Targets of any range, squared error")->excludes(binary);
  add_whole(*o.train, "--train-n", o.run.train_n, "Views of each object while the attention is trained", 1,
            4096)
      ->type_name("N");
  const auto compare = o.train->add_flag("--compare", o.run.compare,
                                         "Train a second network, all weights at once, to compare");
  add_whole(*o.train, "--hidden", o.run.hidden, "Units of the hidden layers", 1, 4096);
  add_whole(*o.train, "--width", o.run.width, "Features D that the attention weighs, by D x D weights", 1,
            4096);
  add_steps(*o.train, "--steps", o.run.base_steps, "Training steps of stage 1, on single views");
  add_steps(*o.train, "--attention-steps", o.run.attention_steps, "Training steps of stage 2, on sets");
  add_steps(*o.train, "--joint-steps", o.run.joint_steps, "Training steps of the network of --compare")
      ->needs(compare);
  add_positive(*o.train, "--rate", o.run.learning_rate,
               "Learning rate of Adam, falling to 0 along half a cosine");
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  set_up_train(app, *o);
  o->apply = app.add_subcommand("apply", "Merge sets with a trained model")->group("Commands");
  o->apply->add_option("MODEL", o->model, "model.attsets.json, as train wrote it")->required();
  add_sets(*o->apply, *o);
  app.require_subcommand(1);
  return [o](const ToolRun& run) { return run_tool(*o, run); };
}

constexpr const char* about =
    "For several incomplete measurements of one thing: occluded photographs, repeated takes as "
    "magnitude spectra, sensor arrays. From any number of views, in any order, it makes one result. "
    "For every feature a softmax over the set, learned, decides which view to believe; shares.csv "
    "says what each view counted for.\n\n"
    "Training goes in two stages (FASet): the encoder and decoder on single views, then the attention "
    "alone on sets. So a single view is worth as much afterwards as before, to the bit, and further "
    "views add to it, more of them than were trained on too. A fifth of the objects is held out to "
    "judge by; the error is given by the number of views, beside that of the mean and the maximum "
    "over the set, with --compare also that of a network whose weights were all trained at once on "
    "sets.\n\n"
    "Sets are at least 50, of at least one view each. Views enter divided by their root mean square, "
    "so that a 0, for what was not seen, stays 0. The networks are perceptrons; images are vectors of "
    "pixels to them. Results of apply are results.npy, of a table results.csv with its objects' "
    "names.";

const ToolRegistration registration{
    {.family = "Signals",
     .name = "attsets",
     .summary = "Merges any number of partial views of a thing into one",
     .paper = {"B. Yang, S. Wang, A. Markham, N. Trigoni",
               "Robust Attentional Aggregation of Deep Feature Sets for Multi-view 3D Reconstruction",
               "IJCV 2020", "1808.00758"},
     .about = about,
     .set_up = set_up,
     .demo = attsets_demo,
     .example = "train assets/data/attsets/views.npy assets/data/attsets/digits.npy --sizes "
                "assets/data/attsets/sizes.csv --train-n 4 --steps 300 --attention-steps 150"}};

} // namespace
} // namespace raphson::cli
