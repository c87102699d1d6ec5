// What `raphson match` prints about a fit.
#pragma once

#include "optim/match/match.h"
#include "optim/report/match_report.h"

#include <string>

namespace raphson::cli {

/// What was tried, the parameters, the figures and why the fit ended.
std::string match_text(const optim::report::MatchReportData& data, const optim::match::MatchResult& result);

} // namespace raphson::cli
