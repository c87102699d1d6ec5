#include "optim/cli/match_options.h"

#include "dsp/error.h"
#include "optim/engine/first_order.h"

#include <cmath>

namespace raphson::cli {
namespace {

using namespace raphson::optim;

/// A network corrects the gain of the paper's compressor, with equalisers around it at most.
void check_correctable(const std::string& model) {
  bool fits = false;
  if (model != "auto")
    for (const dsp::BlockSettings& block : dsp::parse_chain(model).blocks) {
      fits |= block.type == dsp::BlockType::compressor;
      if (block.type == dsp::BlockType::saturation)
        throw InputError("--gru: its training cannot pass the saturation in '" + model + "'");
      if (block.type == dsp::BlockType::rational)
        throw InputError("--gru: its training cannot pass the rational stage in '" + model + "'");
    }
  if (!fits)
    throw InputError("--gru: it corrects the gain of a compressor, which '" + model
                     + "' does not have; --model compressor, compressor+eq or eq+compressor does");
}

} // namespace

void MatchCommandOptions::check() const {
  if (bootstrap && (!session.empty() || match.model != "compressor" || mode == "inverse"))
    throw InputError("--bootstrap: it is for a pair matched by --model compressor, --mode forward");
  if (attribution && (!session.empty() || gru_units > 0))
    throw InputError(
        "--attribution: it is for a pair, and for what Newton fits: without --session and --gru");
  if (coreset_seconds && (!session.empty() || bootstrap || attribution))
    throw InputError("--coreset: it is for a pair, without --session, --bootstrap and --attribution");
  if (match.solver != "newton") {
    if (!session.empty() || match.model != "compressor")
      throw InputError("--solver: another than newton is for a pair matched by --model compressor");
    try {
      rule_named(match.solver);
    } catch (const InputError& error) {
      throw InputError(std::string("--solver: ") + error.what() + ", and newton");
    }
  }
  if (session.empty()) {
    if (wet.empty())
      throw InputError(
          std::string(dry.empty() ? "DRY" : "WET")
          + " is required: match DRY WET, or match --session MANIFEST; raphson match --help explains");
  } else {
    const bool pair = !dry.empty();
    if (pair || !name.empty() || keep_partial)
      throw InputError(std::string("--session: ")
                       + (pair           ? "DRY WET"
                          : keep_partial ? "--keep-partial"
                                         : "--name")
                       + " does not go with it: the manifest says what to match");
  }
  try {
    if (match.model != "auto") dsp::parse_chain(match.model);
  } catch (const InputError& error) {
    throw InputError(std::string("--model: ") + error.what());
  }
  if (gru_units > 0) check_correctable(match.model);
  if (delay_samples && !std::isfinite(*delay_samples))
    throw InputError("--delay: it must be a finite number of samples");
  if (name.find('/') != name.npos || name.starts_with("."))
    throw InputError("--name: '" + name + "' must be a plain name without folders; --out says where");
}

void add_options(CLI::App& app, MatchCommandOptions& o, Common& common) {
  app.add_option("DRY", o.dry, "The recording before the unit: WAV, AIFF, FLAC or OGG");
  app.add_option("WET", o.wet, "The same after it");
  app.add_option("--session", o.session, "Instead of DRY WET: takes of a whole unit with its knobs")
      ->type_name("MANIFEST");
  app.add_option("--model", o.match.model,
                 "compressor, compressor+eq, dynamics[gain-db,knee] ..., or auto: the best of them")
      ->type_name("CHAIN")
      ->capture_default_str();
  app.add_option("--mode", o.mode, "forward compares outputs; inverse the dry recording with wet / gain")
      ->check(CLI::IsMember({"forward", "inverse"}))
      ->type_name("")
      ->capture_default_str();
  app.add_option("--name", o.name, "Of the model and its files")
      ->type_name("NAME")
      ->default_str("the dry file's, without -dry");
  app.add_option("--starts", o.match.starts, "Newton runs, from the best points of a grid")
      ->check(between(1, 1000))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--solver", o.match.solver,
                 "newton, or to compare with it adam, soap, m-fac ... (docs/newton.md)")
      ->capture_default_str();
  app.add_option("--learning-rate", o.match.learning_rate, "Of a solver other than newton")
      ->check(above_zero().description(""))
      ->type_name("RATE")
      ->default_str("0.05; of m-fac 0.001");
  app.add_option("--delay", o.delay_samples, "Of wet behind dry; estimated unless given")
      ->type_name("SAMPLES");
  app.add_option("--gru", o.gru_units,
                 "Correct the compressor's gain by a recurrent network of so many units")
      ->check(between(1, dsp::GruWeights::maximum_units))
      ->type_name("UNITS");
  app.add_option("--gru-seconds", o.gru_seconds, "For its training at most")
      ->check(between(0.1, 86400.0))
      ->type_name("S")
      ->capture_default_str();
  app.add_flag("--bootstrap", o.bootstrap,
               "Standard errors and intervals by a bootstrap of the recording, too");
  app.add_option("--bootstrap-draws", o.bootstrap_draws, "Its steps; more make its errors less noisy")
      ->check(between(200, 1000000))
      ->type_name("N")
      ->capture_default_str();
  app.add_flag("--attribution", o.attribution, "Which stretches of the recording shaped the fit");
  app.add_option("--coreset", o.coreset_seconds,
                 "Fit so many seconds of a long recording, the stretches that stand for all of it")
      ->type_name("SECONDS");
  app.add_option("--seed", o.seed, "Of the network's first weights and the bootstrap's draws")
      ->type_name("N")
      ->capture_default_str();
  app.add_flag("--no-pre-emphasis", o.no_pre_emphasis, "Compare the recordings as they are");
  app.add_flag("--no-held-out", o.no_held_out, "Skip the fits of one half, scored on the other");
  app.add_flag("--keep-partial", o.keep_partial, "After Ctrl-C write the best so far, marked not converged");
  app.add_flag("--resume", o.resume,
               "Go on from where a run with this --out was ended; keep where this one is");
  add_out(app, common);
  add_threads(app, o.threads);
}

} // namespace raphson::cli
