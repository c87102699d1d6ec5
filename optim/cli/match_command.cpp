// raphson match DRY WET: the clone of a unit from one pair of recordings.
#include "dsp/error.h"
#include "dsp/io/atomic_file.h"
#include "dsp/model/model_file.h"
#include "optim/cli/fit_pair.h"
#include "optim/cli/interrupt.h"
#include "optim/cli/match_options.h"
#include "optim/cli/match_report_data.h"
#include "optim/cli/match_text.h"
#include "optim/cli/output_folder.h"
#include "optim/cli/program_ranks.h"
#include "optim/cli/session_command.h"
#include "optim/data/read_file.h"
#include "optim/match/gru_match.h"
#include "optim/match/match_state.h"
#include "optim/match/recordings.h"
#include "optim/report/text.h"
#include "optim/tools/solvers/match_coreset.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>

namespace raphson::cli {
namespace {

using namespace raphson::optim;
using report::format_significant;
namespace fs = std::filesystem;

constexpr const char* state_name = "match-state.json";

/// A result must never replace what it was made from.
void check_distinct(const std::filesystem::path& output, const MatchCommandOptions& options) {
  for (const auto& input : {options.dry, options.wet}) {
    std::error_code code;
    if (std::filesystem::equivalent(output, input, code))
      throw InputError(input.string()
                       + " would be overwritten by the result: choose another --name or --out");
  }
}

/// Throws, the same on all ranks, where one has read or been asked something else than rank 0.
void check_alike(Ranks& ranks, const match::MatchIdentity& identity, const MatchCommandOptions& options) {
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
void keep_state(MatchCommandOptions& options, Ranks& ranks, const match::Recordings& recordings,
                const fs::path& path, std::optional<OutputFolder>& folder) {
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
report::NetworkTraining train_network(const MatchCommandOptions& options, match::Pair& pair,
                                      match::MatchResult& result, ProgressBar& bar) {
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

void run(const MatchCommandOptions& given, const Common& common) {
  ProgramRanks& ranks = program_ranks();
  MatchCommandOptions options = given;
  options.check();
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
    std::cout << match_text(data, result) << "Written: " << model_name << ", " << clone_name
              << ", report.html, report.json and plots in " << out.path().string() << std::endl;
}

Action set_up(CLI::App& app, Common& common) {
  auto o = std::make_shared<MatchCommandOptions>();
  add_options(app, *o, common);
  return [o, &common] { run(*o, common); };
}

const Registration registration{
    {"Sound matching", "match", "Clone a unit from a recording before and after it", set_up,
     "assets/recordings/la2a-dry.flac assets/recordings/la2a-wet.flac --out la2a", true}};

} // namespace
} // namespace raphson::cli
