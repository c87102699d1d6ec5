// raphson match DRY WET: the clone of a unit from one pair of recordings.
#include "dsp/error.h"
#include "dsp/io/atomic_file.h"
#include "dsp/model/model_file.h"
#include "optim/cli/command.h"
#include "optim/cli/fit_pair.h"
#include "optim/cli/interrupt.h"
#include "optim/cli/match_report_data.h"
#include "optim/cli/output_folder.h"
#include "optim/cli/program_ranks.h"
#include "optim/cli/session_command.h"
#include "optim/data/read_file.h"
#include "optim/engine/first_order.h"
#include "optim/match/gru_match.h"
#include "optim/match/match_state.h"
#include "optim/match/recordings.h"
#include "optim/report/table.h"
#include "optim/report/text.h"
#include "optim/tools/solvers/match_coreset.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <limits>

namespace raphson::cli {
namespace {

using namespace raphson::optim;
using report::format_fixed;
using report::format_significant;
namespace fs = std::filesystem;

constexpr const char* state_name = "match-state.json";

struct Options {
  std::filesystem::path dry, wet, session;
  match::MatchOptions match;
  std::string mode = "forward", name;
  std::optional<double> delay_samples;
  bool no_pre_emphasis = false, no_held_out = false, keep_partial = false, resume = false;
  std::size_t threads = 0;
  int gru_units = 0; ///< none
  double gru_seconds = 60;
  std::uint64_t seed = 0;
  bool bootstrap = false, attribution = false;
  int bootstrap_draws = 2000;
  std::optional<double> coreset_seconds;
};

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

void check(const Options& options) {
  if (options.bootstrap
      && (!options.session.empty() || options.match.model != "compressor" || options.mode == "inverse"))
    throw InputError("--bootstrap: it is for a pair matched by --model compressor, --mode forward");
  if (options.attribution && (!options.session.empty() || options.gru_units > 0))
    throw InputError(
        "--attribution: it is for a pair, and for what Newton fits: without --session and --gru");
  if (options.coreset_seconds && (!options.session.empty() || options.bootstrap || options.attribution))
    throw InputError("--coreset: it is for a pair, without --session, --bootstrap and --attribution");
  if (options.match.solver != "newton") {
    if (!options.session.empty() || options.match.model != "compressor")
      throw InputError("--solver: another than newton is for a pair matched by --model compressor");
    try {
      rule_named(options.match.solver);
    } catch (const InputError& error) {
      throw InputError(std::string("--solver: ") + error.what() + ", and newton");
    }
  }
  if (options.session.empty()) {
    if (options.wet.empty())
      throw InputError(
          std::string(options.dry.empty() ? "DRY" : "WET")
          + " is required: match DRY WET, or match --session MANIFEST; raphson match --help explains");
  } else {
    const bool pair = !options.dry.empty();
    if (pair || !options.name.empty() || options.keep_partial)
      throw InputError(std::string("--session: ")
                       + (pair                   ? "DRY WET"
                          : options.keep_partial ? "--keep-partial"
                                                 : "--name")
                       + " does not go with it: the manifest says what to match");
  }
  try {
    if (options.match.model != "auto") dsp::parse_chain(options.match.model);
  } catch (const InputError& error) {
    throw InputError(std::string("--model: ") + error.what());
  }
  if (options.gru_units > 0) check_correctable(options.match.model);
  if (options.delay_samples && !std::isfinite(*options.delay_samples))
    throw InputError("--delay: it must be a finite number of samples");
  const std::string& name = options.name;
  if (name.find('/') != name.npos || name.starts_with("."))
    throw InputError("--name: '" + name + "' must be a plain name without folders; --out says where");
}

/// A result must never replace what it was made from.
void check_distinct(const std::filesystem::path& output, const Options& options) {
  for (const auto& input : {options.dry, options.wet}) {
    std::error_code code;
    if (std::filesystem::equivalent(output, input, code))
      throw InputError(input.string()
                       + " would be overwritten by the result: choose another --name or --out");
  }
}

/// With a column for why, where something is not determined.
report::Table parameter_table(const report::MatchReportData& data) {
  report::Table table{{{"parameter"},
                       {"value", report::Align::right},
                       {"unit", report::Align::left},
                       {"standard error", report::Align::right}},
                      {}};
  if (data.bootstrap)
    for (const std::string& heading :
         {std::string("bootstrap error"), report::interval_heading(*data.bootstrap)})
      table.columns.push_back({heading, report::Align::right});
  const bool all_determined = std::all_of(data.parameters.begin(), data.parameters.end(),
                                          [](const report::MatchParameter& p) { return p.determined; });
  if (!all_determined) table.columns.push_back({"", report::Align::left});
  for (const report::MatchParameter& p : data.parameters) {
    const std::string error = std::isfinite(p.standard_error) ? format_significant(p.standard_error, 2) : "-";
    table.rows.push_back({p.label, format_significant(p.value, 5), p.unit, error});
    if (data.bootstrap) {
      const auto& b = p.bootstrap;
      table.rows.back().push_back(b ? format_significant(b->standard_error, 2) : "-");
      table.rows.back().push_back(b ? format_significant(b->low, 4) + " to " + format_significant(b->high, 4)
                                    : "-");
    }
    if (!all_determined) table.rows.back().push_back(p.determined ? "" : "not determined: " + p.note);
  }
  return table;
}

template <class Add> void add_network_rows(const report::NetworkTraining& n, Add add) {
  add("Network", std::to_string(n.units) + " units, " + std::to_string(n.weights) + " weights, "
                     + std::to_string(n.iterations) + " iterations, " + format_fixed(n.seconds, 1) + " s; "
                     + (n.kept ? "kept" : "left out: " + n.reason));
  const auto change = [&](const char* what, double before, double after) {
    add(what, format_significant(before, 4) + " -> " + format_significant(after, 4));
  };
  change("ESR without -> with it", n.esr_before, n.esr);
  if (!n.held_out || !n.held_out_before) return;
  change("on the unseen second half", n.held_out_before->scored_esr, n.held_out->scored_esr);
  change("on the unseen first half", n.held_out_before->second_scored_esr, n.held_out->second_scored_esr);
}

report::Table figure_table(const report::MatchReportData& data) {
  report::Table table{{{"", report::Align::left}, {"", report::Align::left}}, {}};
  const auto add = [&](const char* what, const std::string& value) { table.rows.push_back({what, value}); };
  add("ESR before", format_significant(data.esr_before, 4));
  add("ESR", format_significant(data.esr, 4));
  const auto held_out = [&](const char* halves, double scored, double fitted) {
    add(halves, format_significant(scored, 4) + ", where " + format_significant(fitted, 4) + " was fitted");
  };
  if (data.held_out) {
    held_out("ESR of the unseen second half", data.held_out->scored_esr, data.held_out->fitted_esr);
    held_out("ESR of the unseen first half", data.held_out->second_scored_esr,
             data.held_out->second_fitted_esr);
  }
  const report::Levels& l = data.loudness_lufs;
  add("Loudness", "dry " + format_fixed(l.dry, 2) + ", wet " + format_fixed(l.wet, 2) + ", clone "
                      + format_fixed(l.clone, 2) + " LUFS; difference " + format_fixed(l.difference(), 2)
                      + " LU");
  if (data.coreset)
    add("Fitted on", std::to_string(data.coreset->chosen) + " of " + std::to_string(data.coreset->stretches)
                         + " stretches of " + format_fixed(data.coreset->stretch_seconds, 2) + " s");
  if (data.network) add_network_rows(*data.network, add);
  add("Delay", format_significant(data.delay_samples, 6) + " samples"
                   + (data.polarity_inverted ? ", polarity inverted" : ""));
  return table;
}

/// Of what --model auto tried, the best dozen.
std::string candidates_text(const report::MatchReportData& data) {
  if (data.candidates.empty()) return "";
  constexpr std::size_t shown = 12;
  report::Table table = report::candidate_table(data);
  const std::size_t tried = table.rows.size();
  if (tried > shown) table.rows.resize(shown);
  return "Tried " + std::to_string(tried)
         + " chains, all of them in candidates.csv; the best by what was unseen:\n\n" + to_text(table) + '\n';
}

/// The stretches that pull the fit most, where that was asked for.
std::string attribution_text(const report::MatchReportData& data) {
  if (data.attribution.empty()) return "";
  return "The stretches that shaped the fit most (pull: in standard errors), all in attribution.csv:\n\n"
         + to_text(report::attribution_table(data, 5)) + '\n';
}

std::string stop_line(const report::MatchReportData& data, const match::MatchResult& result) {
  return std::string(data.converged ? "Converged: " : "Not converged: ") + to_string(result.stop_reason)
         + ", " + std::to_string(data.iterations) + " iterations, " + format_fixed(data.seconds, 2) + " s";
}

void print(const report::MatchReportData& data, const match::MatchResult& result, const std::string& files) {
  std::cout << data.model << ", " << format_significant(data.audio_seconds, 4) << " s at "
            << format_significant(data.sample_rate, 9) << " Hz\n\n"
            << candidates_text(data) << to_text(parameter_table(data)) << '\n'
            << to_text(figure_table(data)) << '\n'
            << attribution_text(data) << stop_line(data, result) << "\nWritten: " << files << std::endl;
}

/// Throws, the same on all ranks, where one has read or been asked something else than rank 0.
void check_alike(Ranks& ranks, const match::MatchIdentity& identity, const Options& options) {
  const auto compare = [&](const std::string& what, const std::string& mine) {
    const std::vector<std::string> all = ranks.exchange(mine);
    for (int r = 1; r < ranks.size(); ++r)
      if (all[static_cast<std::size_t>(r)] != all[0])
        throw InputError("rank " + std::to_string(r) + " of " + std::to_string(ranks.size()) + " has " + what
                         + " than rank 0: " + all[static_cast<std::size_t>(r)] + "; rank 0: " + all[0]);
  };
  compare("another dry recording", identity.dry);
  compare("another wet recording", identity.wet);
  compare("other options", identity.options + ", " + std::to_string(options.match.starts) + " starts"
                               + (options.match.held_out ? "" : ", no held-out half")
                               + (options.keep_partial ? ", keep partial" : "")
                               + (options.resume ? ", resume" : ""));
}

/// Ranks keep where they are, one process does where --resume asks for it; --resume goes on from there.
void keep_state(Options& options, Ranks& ranks, const match::Recordings& recordings, const fs::path& path,
                std::optional<OutputFolder>& folder) {
  if (ranks.size() == 1 && !options.resume) return;
  const match::MatchIdentity identity{program_version, match::recording_identity(recordings.dry),
                                      match::recording_identity(recordings.wet),
                                      match::options_identity(options.match)};
  check_alike(ranks, identity, options);
  std::string text;
  together(ranks, [&] {
    if (ranks.rank() == 0 && options.resume && fs::exists(path)) text = data::read_file(path);
  });
  text = ranks.exchange(text)[0]; // rank 0's, since only its folder counts
  if (!text.empty()) options.match.resume = match::parse_state(text, identity, path);
  if (!text.empty() && folder) folder->keep();
  options.match.keep = [identity, path, &folder](const match::MatchState& state) {
    if (folder) {
      dsp::write_file(path, match::state_text(state, identity));
      folder->keep();
    }
    set_last_words("the same command with --resume goes on from " + path.string());
  };
}

std::optional<report::HeldOut> for_report(const std::optional<match::HeldOut>& h) {
  if (!h) return {};
  return report::HeldOut{h->fitted_half_esr, h->other_half_esr, h->second_fitted_half_esr,
                         h->second_other_half_esr};
}

/// Trains the network that was asked for and adds it to the result where it helps.
report::NetworkTraining train_network(const Options& options, match::Pair& pair, match::MatchResult& result,
                                      ProgressBar& bar) {
  match::GruFitOptions gru;
  gru.units = options.gru_units;
  gru.seconds = options.gru_seconds;
  gru.seed = options.seed;
  gru.pre_emphasis = options.match.pre_emphasis;
  gru.threads = options.match.threads;
  gru.observer = [&](int iteration, double esr) {
    bar.show("network", std::min(1.0, iteration / 500.0), "ESR " + format_significant(esr, 3));
    if (!interrupted()) return Control::proceed;
    if (!options.keep_partial) throw Interrupted();
    return Control::cancel;
  };
  const match::NetworkResult n = match::add_network(pair, result, gru);
  result.seconds += n.seconds;
  if (!n.kept) result.warnings.push_back("the network was left out: " + n.reason);
  return {n.units,
          n.weights,
          n.kept,
          n.reason,
          n.esr_before,
          n.esr,
          for_report(n.held_out_before),
          for_report(n.held_out),
          n.iterations,
          n.seconds};
}

void run(const Options& given, const Common& common) {
  ProgramRanks& ranks = program_ranks();
  Options options = given;
  check(options);
  options.match.ranks = &ranks;
  options.match.mode = options.mode == "inverse" ? match::Mode::inverse : match::Mode::forward;
  options.match.delay_samples = options.delay_samples;
  options.match.pre_emphasis = !options.no_pre_emphasis;
  options.match.held_out = !options.no_held_out;
  options.match.threads = options.threads ? options.threads : ranks.default_threads();
  if (!options.session.empty()) {
    if (ranks.size() > 1)
      throw InputError("--session: it is not spread over ranks yet; start it without mpirun");
    return match_session(options.session, options.match, common);
  }
  const std::string name = options.name.empty() ? match::unit_name(options.dry) : options.name;
  const std::string model_name = name + ".raphson.json", clone_name = name + "-clone.wav";

  const InterruptGuard guard;
  ProgressBar bar(!common.quiet && ranks.rank() == 0);
  std::optional<OutputFolder> folder; // rank 0's
  match::Recordings recordings;
  together(ranks, [&] {
    if (ranks.rank() == 0) check_distinct(common.out / clone_name, options);
    recordings = read_recordings(options.dry, options.wet, bar);
    if (ranks.rank() == 0) folder.emplace(common.out);
  });
  std::optional<tools::MatchCoreset> coreset;
  if (options.coreset_seconds) {
    coreset = tools::match_coreset(recordings.dry, recordings.wet, *options.coreset_seconds);
    options.match.chunks.only = coreset->ranges;
  }
  const fs::path state_path = common.out / state_name;
  keep_state(options, ranks, recordings, state_path, folder);
  match::MatchResult result = fit(recordings, options.match, options.keep_partial, bar);
  if (ranks.rank() != 0) return;
  OutputFolder& out = *folder;

  match::Pair pair = match::pair_of(recordings.dry, recordings.wet, result.scored_begin, result.scored_end);
  std::optional<report::NetworkTraining> network;
  if (options.gru_units > 0) network = train_network(options, pair, result, bar);
  bar.show("report", 1);
  std::vector<std::vector<float>> rendered = match::render(result.chain, pair, options.match.threads);
  const Channels clone(rendered.begin(), rendered.end());
  report::MatchReportData data = match_report_data(pair, result, clone, options.match.threads);
  if (options.bootstrap) {
    const tools::MatchBootstrapOptions o{.draws = options.bootstrap_draws,
                                         .pre_emphasis = options.match.pre_emphasis,
                                         .seed = options.seed,
                                         .threads = options.match.threads};
    add_bootstrap(data, pair, bootstrap(pair, result.chain, o, bar), o);
  }
  if (options.attribution)
    add_attribution(data, match::attribute(pair, result.chain, result.parameters, options.match));
  data.title = name;
  data.network = network;
  if (coreset)
    data.coreset = report::Coreset{static_cast<int>(coreset->ranges.size()),
                                   static_cast<int>(coreset->stretches), coreset->seconds};
  data.dry_file = options.dry.filename().string();
  data.wet_file = options.wet.filename().string();
  data.clips = players(pair, clone, out.staging());
  dsp::write_model(out.staging() / model_name,
                   {name, result.chain, {}, {}, {}, match::provenance(recordings, result, program_version)});
  write_match_report(out.staging(), data);
  rendered.resize(recordings.dry.channels.size());
  data::write_audio(out.staging() / clone_name, {pair.sample_rate, std::move(rendered)});
  if (!options.keep_partial) throw_if_interrupted();
  out.commit();
  std::error_code ignored;
  if (options.match.keep) fs::remove(state_path, ignored);
  bar.clear();

  for (const std::string& warning : data.warnings) warn(common, warning);
  if (common.json)
    std::cout << to_json(data).dump(2) << std::endl;
  else if (!common.quiet)
    print(data, result,
          model_name + ", " + clone_name + ", report.html, report.json and plots in " + out.path().string());
}

Action set_up(CLI::App& app, Common& common) {
  auto o = std::make_shared<Options>();
  app.add_option("DRY", o->dry, "The recording before the unit: WAV, AIFF, FLAC or OGG");
  app.add_option("WET", o->wet, "The same after it");
  app.add_option("--session", o->session, "Instead of DRY WET: takes of a whole unit with its knobs")
      ->type_name("MANIFEST");
  app.add_option("--model", o->match.model,
                 "compressor, compressor+eq, dynamics[gain-db,knee] ..., or auto: the best of them")
      ->type_name("CHAIN")
      ->capture_default_str();
  app.add_option("--mode", o->mode, "forward compares outputs; inverse the dry recording with wet / gain")
      ->check(CLI::IsMember({"forward", "inverse"}))
      ->type_name("")
      ->capture_default_str();
  app.add_option("--name", o->name, "Of the model and its files")
      ->type_name("NAME")
      ->default_str("the dry file's, without -dry");
  app.add_option("--starts", o->match.starts, "Newton runs, from the best points of a grid")
      ->check(CLI::Range(1, 1000))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--solver", o->match.solver,
                 "newton, or to compare with it adam, soap, m-fac ... (docs/newton.md)")
      ->capture_default_str();
  app.add_option("--learning-rate", o->match.learning_rate, "Of a solver other than newton")
      ->check(CLI::PositiveNumber.description(""))
      ->type_name("RATE")
      ->default_str("0.05; of m-fac 0.001");
  app.add_option("--delay", o->delay_samples, "Of wet behind dry; estimated unless given")
      ->type_name("SAMPLES");
  app.add_option("--gru", o->gru_units,
                 "Correct the compressor's gain by a recurrent network of so many units")
      ->check(CLI::Range(1, dsp::GruWeights::maximum_units))
      ->type_name("UNITS");
  app.add_option("--gru-seconds", o->gru_seconds, "For its training at most")
      ->check(CLI::Range(0.1, 86400.0))
      ->type_name("S")
      ->capture_default_str();
  app.add_flag("--bootstrap", o->bootstrap,
               "Standard errors and intervals by a bootstrap of the recording, too");
  app.add_option("--bootstrap-draws", o->bootstrap_draws, "Its steps; more make its errors less noisy")
      ->check(CLI::Range(200, 1000000))
      ->type_name("N")
      ->capture_default_str();
  app.add_flag("--attribution", o->attribution, "Which stretches of the recording shaped the fit");
  app.add_option("--coreset", o->coreset_seconds,
                 "Fit so many seconds of a long recording, the stretches that stand for all of it")
      ->type_name("SECONDS");
  app.add_option("--seed", o->seed, "Of the network's first weights and the bootstrap's draws")
      ->type_name("N")
      ->capture_default_str();
  app.add_flag("--no-pre-emphasis", o->no_pre_emphasis, "Compare the recordings as they are");
  app.add_flag("--no-held-out", o->no_held_out, "Skip the fits of one half, scored on the other");
  app.add_flag("--keep-partial", o->keep_partial, "After Ctrl-C write the best so far, marked not converged");
  app.add_flag("--resume", o->resume,
               "Go on from where a run with this --out was ended; keep where this one is");
  add_out(app, common);
  add_threads(app, o->threads);
  return [o, &common] { run(*o, common); };
}

const Registration registration{
    {"Sound matching", "match", "Clone a unit from a recording before and after it", set_up,
     "assets/recordings/la2a-dry.flac assets/recordings/la2a-wet.flac --out la2a", true}};

} // namespace
} // namespace raphson::cli
