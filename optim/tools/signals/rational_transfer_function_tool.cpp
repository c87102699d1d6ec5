#include "dsp/error.h"
#include "optim/cli/tool.h"
#include "optim/tools/signals/rational_report.h"
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
};

CloneOptions clone_options(const Options& o, const ToolRun& run) {
  CloneOptions options;
  options.fit.length = o.length;
  options.fit.threads = run.threads;
  options.fit.progress = [&run](const std::string& line) { run.say(line); };
  options.any_order = o.order == "auto";
  if (options.any_order) return options;
  std::size_t read = 0;
  try {
    options.fit.order = std::stoi(o.order, &read);
  } catch (const std::exception&) {
    read = 0;
  }
  if (read != o.order.size())
    throw InputError("--order " + o.order + ": an even number from 2 on, or auto, expected");
  return options;
}

ToolReport run_tool(const Options& o, const ToolRun& run) {
  const int given = (o.dry.empty() ? 0 : 1) + (o.impulse.empty() ? 0 : 1) + (o.coefficients.empty() ? 0 : 1);
  if (given != 1 || o.dry.empty() != o.wet.empty())
    throw InputError("give one of DRY WET, --impulse IR.wav and --coefficients FILE.json");
  if (!o.coefficients.empty()) return coefficients_report(read_coefficients(o.coefficients));
  const CloneOptions options = clone_options(o, run);
  run.say("reading");
  if (!o.impulse.empty()) return impulse_report(read_recording(o.impulse, o.channel), options);
  return clone_report(read_recording(o.dry, o.channel), read_recording(o.wet, o.channel), options);
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
                 "Poles, an even number, or auto: by 2 until the error falls by less than 10 %")
      ->type_name("N|auto")
      ->capture_default_str();
  app.add_option("--length", o->length, "Samples of settling that are not scored; also the kernel's length")
      ->check(CLI::Range(16, 1 << 22))
      ->type_name("SAMPLES")
      ->capture_default_str();
  app.add_option("--channel", o->channel, "Of files with several, from 1")
      ->check(CLI::Range(1, 64))
      ->type_name("C");
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
    "clone.wav is the dry recording through the clone. The delay between the recordings is measured and "
    "taken off. "
    "With --coefficients nothing is fitted: the kernel is shown by transform and by recursion, and what it "
    "costs to "
    "bring poles from outside the unit circle inside.";

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
