// raphson match --session FILE: the clone of a whole unit with its knobs. An option of match, not a command.
#pragma once

#include "optim/cli/command.h"
#include "optim/cli/progress_bar.h"
#include "optim/match/session/fit_session.h"

namespace raphson::cli {

/// options.model: of a manifest that names none. Throws as commands do; after Ctrl-C the finished settings
/// stay in --out, for the next run.
void match_session(const std::filesystem::path& manifest, const optim::match::MatchOptions& options,
                   const Common& common);

/// Draws on the bar and throws Interrupted after Ctrl-C. Keeps references to both.
optim::match::SessionObserver session_observer(ProgressBar& bar, const Common& common);

} // namespace raphson::cli
