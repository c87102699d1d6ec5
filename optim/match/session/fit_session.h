// Fitting the settings of a session, each from its neighbour's solution, and scoring the map made of them.
#pragma once

#include "optim/match/session/state.h"
#include "optim/match/session/unit_map.h"

#include <functional>
#include <string>
#include <vector>

namespace raphson::optim::match {

/// All may be empty, and may throw to end the session: what is finished is kept.
struct SessionObserver {
  std::function<void(std::size_t index, std::size_t count, const std::string& setting)> begin;
  PhaseObserver phase;
  MatchObserver match;
  std::function<void(const std::string& line)> say; ///< what was taken over from before, or why it was not
};

struct FittedSession {
  std::vector<SettingFit> fits; ///< in the takes' order
  std::size_t resumed = 0;      ///< of these, how many the state had
  std::vector<std::string> warnings;
};

/// options: model, start, held_out and delay are as in a match, but start, which each setting gets from its
/// neighbour, and model, which is the session's. A fit from the neighbour that did not converge, or whose ESR
/// is over three times its neighbour's, is made again by the full search, and the better one kept. state:
/// nullptr where nothing is to be kept.
FittedSession fit_session(const Session& session, const MatchOptions& options, const std::string& program,
                          SessionState* state, const SessionObserver& observer);

/// Of one setting: its own fit, the map's row, and the map without its fit.
struct SettingScore {
  double map_esr, left_out_esr; ///< the latter NaN where it cannot be left out
  bool extrapolated;
};

/// Also puts the ESR of each row into its source. Reads one pair at a time: all may not fit into memory.
std::vector<SettingScore> score_session(const Session& session, const FittedSession& fitted, UnitMap& map,
                                        std::size_t threads, const SessionObserver& observer);

/// What does not fit the others: delay, polarity, or an ESR far above all others'.
std::vector<std::string> odd_settings(const Session& session, const std::vector<SettingFit>& fits);

/// Ends of a knob that no take reaches, where the map holds its value at the last one.
std::vector<std::string> unrecorded_ends(const Session& session);

} // namespace raphson::optim::match
