// What a tool reports, as a page, JSON, text for terminals, Markdown, and as the files of a folder:
//
//   report.html   everything but the result files, self-contained
//   report.json   everything but them and the series of figures, with every digit; NaN and infinities are
//   null table.csv     the first table; each further one is NAME.csv NAME.svg, NAME.png, the tool's own files
//
//   {"tool", "program", "seeds", "title", "paragraphs", "warnings", "values": {NAME: number or text},
//    "tables": [{"name", "caption", "columns", "rows"}], "figures": [FILE], "images": [FILE], "files":
//    [FILE], "claims": [{"what", "measured", "bound": "at most" or "at least", "limit", "holds"}]}
#pragma once

#include "optim/report/tool_report.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace raphson::optim::report {

/// Where a report came from: with the same input it says all that makes the same bytes again.
struct ReportOrigin {
  std::string tool = {};    ///< "adam"
  std::string program = {}; ///< "raphson 0.1.0"
  std::vector<std::uint64_t> seeds = {};
};

nlohmann::json to_json(const ToolReport& report, const ReportOrigin& origin);
std::string to_html(const ToolReport& report, const ReportOrigin& origin);
std::string to_text(const ToolReport& report);

/// Without the title, for a page that has its own. `folder` is where its pictures lie: "adam/" or "".
std::string to_markdown(const ToolReport& report, const std::string& folder);

/// Plain text as Markdown that reads the same.
std::string markdown_text(std::string_view text);

/// Named as above, report.json last. Throws std::logic_error where two of them have one name, or one has a
/// name with a folder in it: the tool's own error.
std::vector<ResultFile> report_files(const ToolReport& report, const ReportOrigin& origin);

/// The figures and images alone.
std::vector<ResultFile> picture_files(const ToolReport& report);

/// Claim, measured, limit, and whether it holds.
Table claim_table(const std::vector<Claim>& claims);

/// "loss, Adam / Nesterov: 1.02, at most 1.1"
std::string claim_text(const Claim& claim);

/// "2 of 7 claims do not hold: ...; ..."; empty where all hold.
std::string failed_claims(const ToolReport& report);

} // namespace raphson::optim::report
