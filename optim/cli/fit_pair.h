// What `match` and `knobs` share: reading a pair of recordings, fitting them with a bar and Ctrl-C in place,
// and the model that comes of it.
#pragma once

#include "dsp/model/model.h"
#include "optim/cli/progress_bar.h"
#include "optim/match/match.h"

#include <filesystem>
#include <string>
#include <vector>

namespace raphson::cli {

struct Recordings {
  std::filesystem::path dry_path, wet_path;
  optim::data::Audio dry, wet; ///< at the dry one's rate
  std::vector<std::string> warnings;
};

/// Resamples the wet recording where the rates differ, with a warning. Throws InputError as read_audio.
Recordings read_recordings(const std::filesystem::path& dry, const std::filesystem::path& wet,
                           ProgressBar& bar);

/// match_in_place() with progress on the bar. What it refuses is told with the files' names. After Ctrl-C:
/// Interrupted, or with keep_partial the best so far.
optim::match::MatchResult fit(Recordings& recordings, const optim::match::MatchOptions& options,
                              bool keep_partial, ProgressBar& bar);

/// Where a fit came from, dated now, or as SOURCE_DATE_EPOCH says for files that can be made again to the
/// byte.
dsp::Provenance provenance(const Recordings& recordings, const optim::match::MatchResult& result);

/// "la2a" for ".../la2a-dry.flac": the unit's name as far as the dry file tells it.
std::string unit_name(const std::filesystem::path& dry);

} // namespace raphson::cli
