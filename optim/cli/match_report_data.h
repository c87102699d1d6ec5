// What the report of a match shows, computed from the recordings and the fit.
//
// Gain reduction of target and fit: the level of wet, or clone, over that of dry in windows of 10 ms (RMS),
// in dB, without make-up; undefined where the dry recording is below -60 dBFS. The transfer curve is the
// compressor's static one with its make-up; the scatter are windows of 100 ms: the peak level in, and that
// plus the window's gain (of its energy) out.
#pragma once

#include "optim/match/attribution.h"
#include "optim/match/match.h"
#include "optim/report/match_report.h"
#include "optim/tools/solvers/match_bootstrap.h"

#include <filesystem>
#include <vector>

namespace raphson::cli {

using Channels = std::vector<std::span<const float>>;

/// Everything but the title, the files' names and the players.
optim::report::MatchReportData match_report_data(const optim::match::Pair& pair,
                                                 const optim::match::MatchResult& result,
                                                 const Channels& clone, std::size_t threads);

/// Standard errors and intervals of the parameters by a bootstrap of the recording's stretches
/// (optim/tools/solvers/match_bootstrap.h), its warnings among the others. The pair is what they were made
/// on.
void add_bootstrap(optim::report::MatchReportData& data, const optim::match::Pair& pair,
                   const optim::tools::MatchBootstrap& bootstrap,
                   const optim::tools::MatchBootstrapOptions& options);

/// Which stretches of the recording shaped the fit (optim/match/attribution.h).
void add_attribution(optim::report::MatchReportData& data,
                     const std::vector<optim::match::AttributedStretch>& stretches);

/// FLAC of dry, wet as aligned, clone and their difference: the loudest 20 s, two channels at most. Uses the
/// folder for a file that it removes.
std::vector<optim::report::AudioClip> players(const optim::match::Pair& pair, const Channels& clone,
                                              const std::filesystem::path& folder);

} // namespace raphson::cli
