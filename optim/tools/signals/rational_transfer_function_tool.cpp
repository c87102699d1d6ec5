#include "dsp/error.h"
#include "optim/cli/tool.h"
#include "optim/tools/signals/rational_report.h"
#include "optim/tools/signals/rational_sequence_report.h"
#include "optim/tools/signals/rational_transfer_function_demo.h"

#include <memory>

namespace raphson::cli {
namespace {

using namespace optim::tools;
using report::ToolReport;

struct Options {
  std::string dry, wet, impulse, coefficients, order = "8";
  std::size_t length = 8192;
  int channel = 0;
  // Of sequences.
  std::string sequences, labels, predict, read_out = "last", stability = "none", start = "zero";
  int epochs = 10, batch = 50, channels = 32, blocks = 1, denominators = 0;
  bool bidirectional = false;
  double rate = 6e-3, filter_rate = 1e-3, decay = 0.05;
};

int order_of(const Options& o) {
  std::size_t read = 0;
  int order = 0;
  try {
    order = std::stoi(o.order, &read);
  } catch (const std::exception&) {
    read = 0;
  }
  if (read != o.order.size())
    throw InputError("--order " + o.order + ": a whole number" + (o.sequences.empty() ? ", or auto," : "")
                     + " expected");
  return order;
}

ToolReport train_on_sequences(const Options& o, const ToolRun& run) {
  if (o.labels.empty())
    throw InputError("--sequences " + o.sequences + " needs its classes: --labels FILE.npy");
  run.say("reading");
  SequenceRun sequence;
  sequence.network.channels = o.channels;
  sequence.network.order = order_of(o);
  sequence.network.blocks = o.blocks;
  sequence.network.denominators = o.denominators;
  sequence.network.bidirectional = o.bidirectional;
  sequence.training.epochs = o.epochs;
  sequence.training.batch_size = static_cast<std::size_t>(o.batch);
  sequence.training.filter_rate = o.filter_rate;
  sequence.training.rate = o.rate;
  sequence.training.decay = o.decay;
  sequence.training.warm_up = 0.1;
  sequence.seed = run.seed;
  sequence.predict = o.predict;
  sequence.network.mean = o.read_out == "mean";
  if (o.start != "zero")
    sequence.network.start = o.start == "uniform" ? SequenceStart::uniform : SequenceStart::small;
  sequence.network.l1_stable = o.stability == "l1";
  sequence.training.observer = [&run](int epoch, double loss) {
    run.say("epoch " + std::to_string(epoch) + ", loss " + std::to_string(loss));
  };
  return sequence_report(read_sequences(o.sequences, o.labels), sequence);
}

CloneOptions clone_options(const Options& o, const ToolRun& run) {
  CloneOptions options;
  options.fit.length = o.length;
  options.fit.threads = run.threads;
  options.fit.progress = [&run](const std::string& line) { run.say(line); };
  options.any_order = o.order == "auto";
  if (options.any_order) return options;
  options.fit.order = order_of(o);
  return options;
}

ToolReport run_tool(const Options& o, const ToolRun& run) {
  int given = 0;
  for (const std::string* input : {&o.dry, &o.impulse, &o.coefficients, &o.sequences})
    given += input->empty() ? 0 : 1;
  if (given != 1 || o.dry.empty() != o.wet.empty())
    throw InputError("give one of DRY WET, --impulse IR.wav, --coefficients FILE.json and --sequences X.npy");
  if (!o.sequences.empty()) return train_on_sequences(o, run);
  if (!o.coefficients.empty()) return coefficients_report(read_coefficients(o.coefficients));
  const CloneOptions options = clone_options(o, run);
  run.say("reading");
  if (!o.impulse.empty()) return impulse_report(read_recording(o.impulse, o.channel), options);
  return clone_report(read_recording(o.dry, o.channel), read_recording(o.wet, o.channel), options);
}

CLI::Option* add_sequence_options(CLI::App& app, Options& o) {
  CLI::Option* sequences = app.add_option("--sequences", o.sequences,
                                          "Train a classifier of sequences instead: N x L, or N x L x C")
                               ->type_name("X.npy");
  const std::size_t before = app.get_options().size();
  app.add_option("--labels", o.labels, "Their classes, N whole numbers")->type_name("Y.npy");
  app.add_option("--predict", o.predict, "Further sequences, whose classes go to predictions.csv")
      ->type_name("X.npy");
  app.add_option("--epochs", o.epochs, "Times that all sequences are seen")
      ->check(between(1, 100000))
      ->capture_default_str();
  app.add_option("--batch", o.batch, "Sequences in a step of training")
      ->check(between(1, 100000))
      ->capture_default_str();
  app.add_option("--channels", o.channels, "Filters in a block")
      ->check(between(1, 4096))
      ->capture_default_str();
  app.add_option("--blocks", o.blocks, "Layers of filters, GELU and mix; 0: filters alone, of one input")
      ->check(between(0, 64))
      ->capture_default_str();
  app.add_option("--denominators", o.denominators,
                 "That groups of a block's channels share; one a channel unless given")
      ->check(between(1, 4096))
      ->type_name("N");
  app.add_flag("--bidirectional", o.bidirectional, "Filters that run backwards in time beside the others");
  app.add_option("--read-out", o.read_out, "The last step or the mean of all")
      ->check(CLI::IsMember({"last", "mean"}))
      ->capture_default_str();
  app.add_option("--stability", o.stability, "l1 keeps poles inside the unit circle, and low resonances out")
      ->check(CLI::IsMember({"none", "l1"}))
      ->capture_default_str();
  app.add_option("--start", o.start, "Of a and b: zero, uniform in +-1/sqrt(N), or small, in +-1/N")
      ->check(CLI::IsMember({"zero", "uniform", "small"}))
      ->capture_default_str();
  app.add_option("--learning-rate", o.rate, "Adam's, for all but the filters")
      ->check(above_zero())
      ->capture_default_str();
  app.add_option("--filter-rate", o.filter_rate, "Adam's, for the filters")
      ->check(above_zero())
      ->capture_default_str();
  app.add_option("--decay", o.decay, "Of weights, for all but the filters")
      ->check(zero_or_above())
      ->capture_default_str();
  const auto all = app.get_options();
  for (std::size_t i = before; i < all.size(); ++i) app.get_option(all[i]->get_name())->needs(sequences);
  return sequences;
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.add_option("DRY", o->dry, "Recording that went into a device");
  app.add_option("WET", o->wet, "The same out of it");
  app.add_option("--impulse", o->impulse, "An impulse response to clone in place of a pair")
      ->type_name("IR.wav");
  app.add_option("--coefficients", o->coefficients, "Print the kernel of coefficients.json both ways")
      ->type_name("FILE.json");
  app.add_option("--order", o->order,
                 "Poles, an even number; auto: two more as long as that takes a tenth off the error")
      ->type_name("N|auto")
      ->capture_default_str();
  CLI::Option* length = app.add_option("--length", o->length,
                                       "Samples of settling that are not scored; also the kernel's length")
                            ->check(between(16, 1 << 22))
                            ->type_name("SAMPLES")
                            ->capture_default_str();
  CLI::Option* channel = app.add_option("--channel", o->channel, "Of files with several, from 1")
                             ->check(between(1, 64))
                             ->type_name("C");
  CLI::Option* sequences = add_sequence_options(app, *o);
  for (CLI::Option* other : {length, channel}) other->excludes(sequences);
  return [o](const ToolRun& run) { return run_tool(*o, run); };
}

constexpr const char* about =
    "Clones the linear part of a device (an equaliser, a filter, the tone of a cabinet) from a recording "
    "before and "
    "after it, or from an impulse response, into a few recursive sections: 17 numbers at order 8. The clone "
    "is as "
    "exact as the device is linear and the recording free of noise; the coherence says how much of it is.\n\n"
    "The paper learns state-space models by the coefficients of their transfer function and computes their "
    "kernel by "
    "two padded Fourier transforms and a division, at a cost that does not grow with the order. "
    "coefficients.json "
    "holds them (h0, a, b) with the length of kernel they are for: b is the numerator of the system cut off "
    "after "
    "so many samples. Its sections, the same filter as second-order sections in parallel, are what runs; "
    "they are "
    "this program's addition, as is the fit: poles by Levenberg-Marquardt, always stable, everything linear "
    "eliminated.\n\n"
    "clone.raphson.json plays the clone in the plugin and by raphson render, up to order 8, at other sample "
    "rates with the response that it has at the recording's; clone.wav is the dry recording through it. "
    "The delay between the recordings, wet late or early, is measured and taken off. "
    "With --coefficients nothing is fitted: the kernel is shown by transform and by recursion; where poles "
    "lie "
    "outside the unit circle coefficients.json has them brought inside, and the report says what that "
    "costs.\n\n"
    "With --sequences the same filters are the memory of a network that classifies sequences: an encoder, "
    "blocks of "
    "filters, GELU and a mix of the channels with residual and layer norm, a linear read-out; a fifth of "
    "each class "
    "is held out, and filters.json has what was learned. On digits read pixel by pixel a diagonal filter of "
    "as many numbers does better at order 16 (the experiment's table).";

const ToolRegistration registration{
    {.family = "Signals",
     .name = "rational-transfer-function",
     .summary = "Clones a linear device into a few recursive sections",
     .paper = {"R. Parnichkun, S. Massaroli, A. Moro, J. T. H. Smith, R. Hasani, M. Lechner, Q. An, C. Re, "
               "H. Asama, S. "
               "Ermon, T. Suzuki, A. Yamashita, M. Poli",
               "State-Free Inference of State-Space Models: The Transfer Function Approach", "ICML 2024",
               "2405.06147"},
     .about = about,
     .set_up = set_up,
     .demo = rational_transfer_function_demo,
     .example = "assets/recordings/la2a-dry.flac assets/recordings/la2a-wet.flac --order 4"}};

} // namespace
} // namespace raphson::cli
