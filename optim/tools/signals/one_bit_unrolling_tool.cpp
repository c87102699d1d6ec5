// raphson one-bit-unrolling train | apply: a solver of y = A x in a few layers of signs.
#include "dsp/error.h"
#include "optim/cli/tool.h"
#include "optim/tools/signals/one_bit_report.h"
#include "optim/tools/signals/one_bit_unrolling_demo.h"

#include <memory>

namespace raphson::cli {
namespace {

using namespace optim::tools;

struct Options {
  std::filesystem::path a, x, y, audio, model, observations, truth;
  std::string prior = "sparse", scale = "trained";
  std::size_t layers = 10, frame = 64, batch = 128;
  int epochs = 15;
  double noise_db = 40, rate = 2e-3;
  CLI::App *train = nullptr, *apply = nullptr;
};

report::ToolReport train(const Options& o, const ToolRun& run) {
  if (o.x.empty() && o.audio.empty())
    throw InputError("give examples of x, as X.npy or by --audio RECORDING");
  if (!o.x.empty() && !o.audio.empty()) throw InputError("X.npy and --audio: one of both would be right");
  if (o.audio.empty() && o.train->count("--frame") > 0)
    throw InputError("--frame is for --audio: leave it out with X.npy");
  if (!o.y.empty() && o.train->count("--noise-db") > 0)
    throw InputError("--noise-db is for observations that are simulated: leave it or --y out");
  if (!o.y.empty() && !o.audio.empty()) throw InputError("--y goes with X.npy, not with --audio");
  run.say("reading");
  OneBitRun work;
  work.a = read_rows(o.a);
  check_operator(work.a, o.a.string());
  if (!o.audio.empty() && work.a.cols() != static_cast<std::ptrdiff_t>(o.frame))
    throw InputError("--frame " + std::to_string(o.frame) + ": " + o.a.string() + " has "
                     + std::to_string(work.a.cols()) + " unknowns, --frame " + std::to_string(work.a.cols())
                     + " would be right");
  work.examples.x = o.audio.empty() ? read_rows(o.x) : audio_unknowns(o.audio, o.frame);
  if (!o.y.empty()) work.examples.y = read_rows(o.y);
  work.a_name = o.a.string();
  work.x_name = (o.audio.empty() ? o.x : o.audio).string();
  work.y_name = o.y.string();
  work.noise_db = o.noise_db;
  work.options.layers = o.layers;
  work.options.prior = o.prior == "none" ? Prior::none : Prior::sparse;
  work.options.epochs = o.epochs;
  work.options.batch_size = o.batch;
  work.options.rate = o.rate;
  work.options.scale_trained = o.scale == "trained";
  work.options.seed = run.seed;
  work.options.observer = [&run](int stage, int epoch, double loss) {
    run.say("stage " + std::to_string(stage) + ", epoch " + std::to_string(epoch) + ", loss "
            + report::Cell(loss).text);
  };
  return one_bit_training_report(work);
}

report::ToolReport run_tool(const Options& o, const ToolRun& run) {
  if (o.train->parsed()) return train(o, run);
  const OneBitModel model = read_one_bit_model(o.model);
  const optim::data::RowMatrix y = read_rows(o.observations);
  if (y.cols() != model.a.rows())
    throw InputError(o.observations.string() + ": " + std::to_string(y.cols()) + " values a row, "
                     + o.model.string() + " takes " + std::to_string(model.a.rows()));
  return one_bit_apply_report(model, y, o.truth.empty() ? optim::data::RowMatrix() : read_rows(o.truth),
                              run.threads);
}

void add_train(CLI::App& app, Options& o) {
  o.train = app.add_subcommand("train", "Train a network for A on examples of x")->group("Commands");
  o.train->add_option("A", o.a, "The matrix, m x n")->type_name("A.npy")->required();
  o.train->add_option("X", o.x, "Examples of x, a row each")->type_name("X.npy");
  o.train->add_option("--y", o.y, "What was observed of them, a row each; simulated without")
      ->type_name("Y.npy");
  o.train->add_option("--audio", o.audio, "Take x from the DCT of a recording's frames")
      ->type_name("RECORDING");
  o.train->add_option("--frame", o.frame, "Samples of such a frame")
      ->check(between(2, 65536))
      ->capture_default_str();
  o.train->add_option("--noise-db", o.noise_db, "Of simulated observations, below them")
      ->check(between(-100.0, 400.0))
      ->type_name("DB")
      ->capture_default_str();
  o.train->add_option("--layers", o.layers, "Steps")->check(between(1, 200))->capture_default_str();
  o.train->add_option("--prior", o.prior, "sparse: a threshold a layer; none: linear steps")
      ->check(CLI::IsMember({"sparse", "none"}))
      ->capture_default_str();
  o.train->add_option("--scale", o.scale, "The scale of the signs in the second stage")
      ->check(CLI::IsMember({"trained", "fixed"}))
      ->capture_default_str();
  o.train->add_option("--epochs", o.epochs, "Of each stage")
      ->check(between(1, 100000))
      ->capture_default_str();
  o.train->add_option("--batch", o.batch, "Examples a step")
      ->check(between(1, 100000))
      ->capture_default_str();
  o.train->add_option("--rate", o.rate, "Adam's")->check(above_zero())->capture_default_str();
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  add_train(app, *o);
  o->apply = app.add_subcommand("apply", "Solve for x with a trained network")->group("Commands");
  o->apply->add_option("MODEL", o->model, "model.onebit of train")->required();
  o->apply->add_option("Y", o->observations, "Observations, a row each")->type_name("Y.npy")->required();
  o->apply->add_option("--truth", o->truth, "The true x, to measure the error by")->type_name("X.npy");
  app.require_subcommand(1);
  return [o](const ToolRun& run) { return run_tool(*o, run); };
}

constexpr const char* about =
    "For those who must solve y = A x many times on a small processor: sensor arrays, compressed "
    "measurements, "
    "deconvolution of many channels. An iterative solver is unrolled into L layers, each with a matrix of "
    "its "
    "own, and trained on examples of x. The matrices keep the zeros of A (blocks, bands), and every other "
    "weight is one bit, its sign, times one scale for all: of P blocks some 32 P times smaller than dense "
    "matrices in "
    "full precision, and less prone to overfitting. Part of the saving may go into more layers, which more "
    "than makes up for the precision.\n\n"
    "train reads A.npy (m x n) and X.npy, examples of x as rows, or takes x from a recording: the "
    "orthonormal "
    "DCT of its frames louder than -30 dB of full scale. Without --y it simulates y with noise. A fifth of "
    "the "
    "examples is held out. Reported are the errors of the one-bit network, of the same network in full "
    "precision, and of the classic iteration with as many steps and its threshold tuned; what each takes to "
    "store; and for every layer c = |I - W A|, below 1 where it brings any error closer.\n\n"
    "model.onebit holds the packed signs, the scale, the thresholds and A, which mostly takes more room than "
    "all of "
    "them; apply writes x.npy.\n\n"
    "Where A needs weights of many sizes, a decaying filter say, signs of one scale are worse than the plain "
    "iteration, and the report says so. Errors fall on beyond the 15 epochs of the default, on "
    "speech by about 1 dB with --epochs 100. The images and recordings of the brain in the paper are "
    "replaced by "
    "sparse signals and speech.";

const ToolRegistration registration{
    {.family = "Signals",
     .name = "one-bit-unrolling",
     .summary = "Learns a solver of y = A x whose weights are single bits",
     .paper = {"A. Eamaz, F. Yeganegi, M. Soltanalian",
               "Unlocking Efficient Large Inference Models: One-Bit Unrolling Tips the Scales", "2025",
               "2502.01908"},
     .about = about,
     .set_up = set_up,
     .demo = one_bit_unrolling_demo,
     .example = "train assets/data/block-operator.npy --audio assets/recordings/digits-dry.flac --layers 5"}};

} // namespace
} // namespace raphson::cli
