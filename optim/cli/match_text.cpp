#include "optim/cli/match_text.h"

#include "optim/report/table.h"
#include "optim/report/text.h"

#include <algorithm>
#include <cmath>

namespace raphson::cli {
namespace {

using namespace raphson::optim;
using report::format_fixed;
using report::format_significant;

/// With a column for why, where something is not determined.
report::Table parameter_table(const report::MatchReportData& data) {
  report::Table table{{{"parameter"},
                       {"value", report::Align::right},
                       {"unit", report::Align::left},
                       {"standard error", report::Align::right}},
                      {}};
  if (data.bootstrap)
    for (const std::string& heading :
         {std::string("bootstrap error"), report::interval_heading(*data.bootstrap)})
      table.columns.push_back({heading, report::Align::right});
  const bool all_determined = std::all_of(data.parameters.begin(), data.parameters.end(),
                                          [](const report::MatchParameter& p) { return p.determined; });
  if (!all_determined) table.columns.push_back({"", report::Align::left});
  for (const report::MatchParameter& p : data.parameters) {
    const std::string error = std::isfinite(p.standard_error) ? format_significant(p.standard_error, 2) : "-";
    table.rows.push_back({p.label, format_significant(p.value, 5), p.unit, error});
    if (data.bootstrap) {
      const auto& b = p.bootstrap;
      table.rows.back().push_back(b ? format_significant(b->standard_error, 2) : "-");
      table.rows.back().push_back(b ? format_significant(b->low, 4) + " to " + format_significant(b->high, 4)
                                    : "-");
    }
    if (!all_determined) table.rows.back().push_back(p.determined ? "" : "not determined: " + p.note);
  }
  return table;
}

template <class Add> void add_network_rows(const report::NetworkTraining& n, Add add) {
  add("Network", std::to_string(n.units) + " units, " + std::to_string(n.weights) + " weights, "
                     + std::to_string(n.iterations) + " iterations, " + format_fixed(n.seconds, 1) + " s; "
                     + (n.kept ? "kept" : "left out: " + n.reason));
  const auto change = [&](const char* what, double before, double after) {
    add(what, format_significant(before, 4) + " -> " + format_significant(after, 4));
  };
  change("ESR without -> with it", n.esr_before, n.esr);
  if (!n.held_out || !n.held_out_before) return;
  change("on the unseen second half", n.held_out_before->scored_esr, n.held_out->scored_esr);
  change("on the unseen first half", n.held_out_before->second_scored_esr, n.held_out->second_scored_esr);
}

report::Table figure_table(const report::MatchReportData& data) {
  report::Table table{{{"", report::Align::left}, {"", report::Align::left}}, {}};
  const auto add = [&](const char* what, const std::string& value) { table.rows.push_back({what, value}); };
  add("ESR before", format_significant(data.esr_before, 4));
  add("ESR", format_significant(data.esr, 4));
  const auto held_out = [&](const char* halves, double scored, double fitted) {
    add(halves, format_significant(scored, 4) + ", where " + format_significant(fitted, 4) + " was fitted");
  };
  if (data.held_out) {
    held_out("ESR of the unseen second half", data.held_out->scored_esr, data.held_out->fitted_esr);
    held_out("ESR of the unseen first half", data.held_out->second_scored_esr,
             data.held_out->second_fitted_esr);
  }
  const report::Levels& l = data.loudness_lufs;
  add("Loudness", "dry " + format_fixed(l.dry, 2) + ", wet " + format_fixed(l.wet, 2) + ", clone "
                      + format_fixed(l.clone, 2) + " LUFS; difference " + format_fixed(l.difference(), 2)
                      + " LU");
  if (data.coreset)
    add("Fitted on", std::to_string(data.coreset->chosen) + " of " + std::to_string(data.coreset->stretches)
                         + " stretches of " + format_fixed(data.coreset->stretch_seconds, 2) + " s");
  if (data.network) add_network_rows(*data.network, add);
  add("Delay", format_significant(data.delay_samples, 6) + " samples"
                   + (data.polarity_inverted ? ", polarity inverted" : ""));
  return table;
}

/// Of what --model auto tried, the best dozen.
std::string candidates_text(const report::MatchReportData& data) {
  if (data.candidates.empty()) return "";
  constexpr std::size_t shown = 12;
  report::Table table = report::candidate_table(data);
  const std::size_t tried = table.rows.size();
  if (tried > shown) table.rows.resize(shown);
  return "Tried " + std::to_string(tried)
         + " chains, all of them in candidates.csv; the best by what was unseen:\n\n" + to_text(table) + '\n';
}

/// The stretches that pull the fit most, where that was asked for.
std::string attribution_text(const report::MatchReportData& data) {
  if (data.attribution.empty()) return "";
  return "The stretches that shaped the fit most (pull: in standard errors), all in attribution.csv:\n\n"
         + to_text(report::attribution_table(data, 5)) + '\n';
}

std::string stop_line(const report::MatchReportData& data, const match::MatchResult& result) {
  return std::string(data.converged ? "Converged: " : "Not converged: ") + to_string(result.stop_reason)
         + ", " + std::to_string(data.iterations) + " iterations, " + format_fixed(data.seconds, 2) + " s";
}

} // namespace

std::string match_text(const report::MatchReportData& data, const match::MatchResult& result) {
  return data.model + ", " + format_significant(data.audio_seconds, 4) + " s at "
         + format_significant(data.sample_rate, 9) + " Hz\n\n" + candidates_text(data)
         + to_text(parameter_table(data)) + '\n' + to_text(figure_table(data)) + '\n' + attribution_text(data)
         + stop_line(data, result) + '\n';
}

} // namespace raphson::cli
