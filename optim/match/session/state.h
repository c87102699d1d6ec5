// What a session has finished, in a file beside its results, so that a run that was interrupted goes on where
// it ended. Each setting is there with what it was made of; one whose recordings, options, program or start
// have changed since is fitted again.
#pragma once

#include "optim/match/session/manifest.h"
#include "optim/match/session/setting_fit.h"

#include <map>

namespace raphson::optim::match {

/// What decides a fit. Recordings by size and 64-bit FNV-1a of their bytes.
struct FitKey {
  std::string dry, wet, options, program;
  std::string start; ///< the key of the neighbour's fit; empty for a full search

  std::string hash() const;
};

std::string file_hash(const std::filesystem::path& path);

class SessionState {
public:
  /// Reads what is there. A file that is no state, or of another unit, counts as none; note says so then.
  SessionState(std::filesystem::path file, const Session& session);

  const std::string& note() const { return note_; }

  /// The fit of a take at this key; else nothing, and why says what has changed, where there was one.
  std::optional<SettingFit> find(std::size_t take, const FitKey& key, std::string& why) const;

  /// Keeps it and writes the file, whole or not at all.
  void put(std::size_t take, const FitKey& key, const SettingFit& fit);

private:
  std::string setting(std::size_t take) const;

  std::filesystem::path file_;
  const Session& session_;
  std::string note_;
  std::map<std::string, std::string> entries_; ///< by setting: JSON
};

} // namespace raphson::optim::match
