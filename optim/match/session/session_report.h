// The report of a session: report.json (schema raphson.session/1), table.csv, map.svg and report.html with
// the settings' errors, their parameters and the map between them.
#pragma once

#include "optim/match/session/fit_session.h"
#include "optim/report/table.h"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>

namespace raphson::optim::match {

struct SessionReport {
  const Session& session;
  const FittedSession& fitted;
  const UnitMap& map;
  const std::vector<SettingScore>& scores;
};

/// A row a setting: knobs, ESR of its own fit, of the map, of the map without it. An asterisk marks ends.
report::Table esr_table(const SessionReport& r);

/// A row a setting: knobs, and of every fitted parameter the map's value; "(own fit)" where that differs.
report::Table parameter_table(const SessionReport& r);

/// "Threshold falls along Peak Reduction", for each direction that was found or asked for.
std::vector<std::string> direction_lines(const SessionReport& r);

nlohmann::json to_json(const SessionReport& r);

/// report.json, report.html, map.svg, table.csv. Throws InputError where they cannot be written.
void write_session_report(const std::filesystem::path& folder, const SessionReport& r);

} // namespace raphson::optim::match
