// raphson match --session FILE: the clone of a whole unit with its knobs. An option of match, not a command.
#pragma once

#include "optim/cli/command.h"
#include "optim/match/match.h"

namespace raphson::cli {

/// options.model: of a manifest that names none. Throws as commands do; after Ctrl-C the finished settings
/// stay in --out, for the next run.
void match_session(const std::filesystem::path& manifest, const optim::match::MatchOptions& options,
                   const Common& common);

} // namespace raphson::cli
