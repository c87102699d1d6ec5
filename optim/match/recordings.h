// A pair of recordings in files: reading them, fitting them so that every refusal names the files, and where
// a fit came from. What the command line and the plugin share.
#pragma once

#include "dsp/model/model.h"
#include "optim/data/audio_file.h"
#include "optim/match/match.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace raphson::optim::match {

struct Recordings {
  std::filesystem::path dry_path, wet_path;
  data::Audio dry, wet; ///< at the dry one's rate
  std::vector<std::string> warnings;
};

/// Told "read", then "resample" where that is needed; may throw to end it.
using PhaseObserver = std::function<void(const char* phase)>;

/// Resamples the wet recording where the rates differ, with a warning. Throws InputError as read_audio.
Recordings read_recordings(const std::filesystem::path& dry, const std::filesystem::path& wet,
                           const PhaseObserver& observer = {});

/// match_in_place() of them. What it refuses is told with the files' names; their warnings come first.
MatchResult match_in_place(Recordings& recordings, const MatchOptions& options,
                           const MatchObserver& observer = {});

/// Where a fit came from, dated now, or as SOURCE_DATE_EPOCH says for files that can be made again to the
/// byte. program: name and version.
dsp::Provenance provenance(const Recordings& recordings, const MatchResult& result,
                           const std::string& program);

/// "la2a" for ".../la2a-dry.flac": the unit's name as far as the dry file tells it.
std::string unit_name(const std::filesystem::path& dry);

/// The chain's output for every channel of the dry recording, from rest, as `raphson render` makes it.
std::vector<std::vector<float>> render(const dsp::ChainSettings& chain, const Pair& pair,
                                       std::size_t threads);

/// [begin, end) of the scored samples where the dry recording is loudest: `seconds` long, or all there is.
struct Part {
  std::size_t begin, end;
};
Part loudest_part(const Pair& pair, double seconds);

} // namespace raphson::optim::match
