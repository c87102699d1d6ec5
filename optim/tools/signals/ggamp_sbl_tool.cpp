#include "dsp/error.h"
#include "optim/cli/tool.h"
#include "optim/tools/signals/ggamp_report.h"
#include "optim/tools/signals/ggamp_sbl_demo.h"

#include <charconv>
#include <cmath>
#include <memory>

namespace raphson::cli {
namespace {

using namespace optim::tools;
using report::ToolReport;

struct Options {
  std::string a, y, noise = "auto", beta = "0";
  std::vector<std::string> taps;
  std::size_t length = 800, samples = 0;
  std::ptrdiff_t from = -1;
  int channel = 0;
};

double number_of(const std::string& option, const std::string& text, const std::string& wanted) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    throw InputError(option + " " + text + ": " + wanted + " expected");
  return value;
}

RecoveryOptions recovery_options(const Options& o, const ToolRun& run) {
  RecoveryOptions options;
  if (o.noise != "auto") {
    options.sbl.noise = number_of("--noise", o.noise, "auto, or a variance above 0,");
    if (!(*options.sbl.noise > 0))
      throw InputError("--noise " + o.noise + ": auto, or a variance above 0, expected");
  }
  options.find_beta = o.beta == "auto";
  if (!options.find_beta) {
    options.sbl.beta = number_of("--beta", o.beta, "auto, or a number in [0, 1),");
    if (!(options.sbl.beta >= 0 && options.sbl.beta < 1))
      throw InputError("--beta " + o.beta + ": auto, or a number in [0, 1), expected");
  }
  options.sbl.observer = [&run](const GgampSblStep& step) {
    run.say("EM step " + std::to_string(step.steps) + ", " + std::to_string(step.sweeps) + " sweeps");
  };
  return options;
}

ToolReport run_tool(const Options& o, const ToolRun& run) {
  if (o.taps.empty() == o.a.empty() || o.a.empty() != o.y.empty())
    throw InputError("give a matrix and measurements, A.npy Y.npy, or --taps DRY.wav WET.wav");
  const RecoveryOptions options = recovery_options(o, run);
  run.say("reading");
  if (o.taps.empty()) return matrix_report(o.a, o.y, options);
  TapsInput input{.dry = o.taps.front(),
                  .wet = {o.taps.begin() + 1, o.taps.end()},
                  .channel = o.channel,
                  .length = o.length,
                  .from = o.from,
                  .samples = o.samples};
  return taps_report(input, options);
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.add_option("A", o->a, "The measuring matrix, M x N, real or complex: A.npy");
  app.add_option("Y", o->y, "The measurements, M, or M x T of vectors with one support: Y.npy");
  app.add_option("--noise", o->noise, "The noise's variance; auto: learned")
      ->type_name("auto|VAR")
      ->capture_default_str();
  app.add_option("--beta", o->beta, "How much of a vector stays in the next, in [0, 1)")
      ->type_name("0|auto|B")
      ->capture_default_str();
  CLI::Option* taps =
      app.add_option("--taps", o->taps, "The sparse impulse response from DRY to each WET, its lags shared")
          ->expected(2, 65)
          ->type_name("DRY.wav WET.wav ...");
  app.add_option("--length", o->length, "Lags of it")
      ->needs(taps)
      ->check(between(2, 1 << 20))
      ->type_name("SAMPLES")
      ->capture_default_str();
  app.add_option("--from", o->from,
                 "Where the stretch that is used begins; where DRY is loudest if not given")
      ->needs(taps)
      ->check(zero_or_above())
      ->type_name("SAMPLE");
  app.add_option("--samples", o->samples, "Its length; 4 x --length, at least 8192, if not given")
      ->needs(taps)
      ->check(between(2, 1 << 26))
      ->type_name("SAMPLES");
  app.add_option("--channel", o->channel, "Of DRY, where it has several, from 1")
      ->needs(taps)
      ->check(between(1, 64))
      ->type_name("C");
  return [o](const ToolRun& run) { return run_tool(*o, run); };
}

constexpr const char* about =
    "Recovers a sparse x from few noisy measurements y = A x + e, for any A, correlated or ill-conditioned "
    "or "
    "with a mean, without being told a sparsity level, a regularisation weight or the noise. It learns a "
    "prior "
    "variance for each coefficient by expectation maximisation (sparse Bayesian learning); the posterior "
    "mean "
    "that this needs comes from damped message passing at four products with A a sweep, where the usual way "
    "inverts a matrix. Complex A or Y is solved as real and imaginary parts. Several columns of Y share "
    "their support; --beta "
    "says how much of each coefficient stays from one to the next, auto estimates it.\n\n"
    "With --taps the matrix is a convolution, done by FFT: which few delays, gains and polarities turn DRY "
    "into WET (slap-back, comb filtering, bleed between microphones). Several wet files, or channels of one, "
    "are recovered together, sharing their lags. What DRY played before the stretch is taken into account, "
    "so "
    "a short stretch will do. The wet recording must not be late by more than --length. Where the material "
    "has "
    "little at high frequencies, neighbouring lags are hard to tell apart: small taps beside a large one may "
    "be its "
    "blur.\n\n"
    "x.npy and sd.npy hold the coefficients and their standard deviations, which message passing only "
    "approximates, of complex systems those of the real and the imaginary part as one complex number; "
    "table.csv "
    "those that stand out of them by three, taps.wav the response.";

const ToolRegistration registration{
    {.family = "Signals",
     .name = "ggamp-sbl",
     .summary = "Sparse coefficients or echoes from few noisy measurements",
     .paper = {"M. Al-Shoukairi, P. Schniter, B. D. Rao",
               "A GAMP-Based Low Complexity Sparse Bayesian Learning Algorithm",
               "IEEE Transactions on Signal Processing 66 (2018)", "1703.03044"},
     .about = about,
     .set_up = set_up,
     .demo = ggamp_sbl_demo,
     .example = "--taps assets/data/slapback/dry.wav assets/data/slapback/wet.wav --length 1000"}};

} // namespace
} // namespace raphson::cli
