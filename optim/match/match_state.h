// How far a match has come, as a file: what a run that was ended goes on from, with any number of ranks.
#pragma once

#include "optim/match/match.h"

#include <filesystem>
#include <optional>
#include <string>

namespace raphson::optim::match {

/// What a state belongs to. Nothing else may go on from it.
struct MatchIdentity {
  std::string program;  ///< name and version
  std::string dry, wet; ///< recording_identity()
  std::string options;  ///< options_identity()

  bool operator==(const MatchIdentity&) const = default;
};

/// Length, channels, rate and a fingerprint of the samples: "48000 Hz, 2 x 96000 frames, 5f3c...".
std::string recording_identity(const data::Audio& audio);

/// The options that decide what is fitted, and where it ends: "compressor, forward, ...".
std::string options_identity(const MatchOptions& options);

/// JSON, schema raphson.match.state/1.
std::string state_text(const MatchState& state, const MatchIdentity& identity);

/// Throws InputError, one line that begins with the file's name, where the text is no state, or another
/// match's.
MatchState parse_state(const std::string& text, const MatchIdentity& identity,
                       const std::filesystem::path& file);

} // namespace raphson::optim::match
