// What a match from the command line does: reading a pair of recordings and fitting them with a bar and
// Ctrl-C in place.
#pragma once

#include "optim/cli/progress_bar.h"
#include "optim/match/recordings.h"
#include "optim/tools/solvers/match_bootstrap.h"

#include <filesystem>

namespace raphson::cli {

/// As optim::match::read_recordings.
optim::match::Recordings read_recordings(const std::filesystem::path& dry, const std::filesystem::path& wet,
                                         ProgressBar& bar);

/// optim::match::match_in_place with progress on the bar. After Ctrl-C: Interrupted, or with keep_partial the
/// best so far.
optim::match::MatchResult fit(optim::match::Recordings& recordings, const optim::match::MatchOptions& options,
                              bool keep_partial, ProgressBar& bar);

/// optim::tools::bootstrap_match likewise.
optim::tools::MatchBootstrap bootstrap(const optim::match::Pair& pair, const dsp::ChainSettings& chain,
                                       optim::tools::MatchBootstrapOptions options, ProgressBar& bar);

} // namespace raphson::cli
