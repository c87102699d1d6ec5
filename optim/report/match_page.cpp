#include "optim/report/match_report.h"

#include "optim/report/text.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::report {
namespace {

std::string significant(double value, int digits) {
  return typeset_number(format_significant(value, digits));
}

std::string fixed(double value, int decimals) { return typeset_number(format_fixed(value, decimals)); }

std::string with_sign(double value, int decimals) {
  return (value > 0 && format_fixed(value, decimals) != format_fixed(0, decimals) ? "+" : "")
         + fixed(value, decimals);
}

std::string esr_in_db(double esr) {
  return esr > 0 && std::isfinite(esr) ? fixed(10 * std::log10(esr), 1) + " dB" : "–";
}

std::string with_unit(const std::string& number, const std::string& unit) {
  return number + (unit.empty() || unit.starts_with(':') ? "" : " ") + unit;
}

// As many decimals as two digits of the standard error ask for, and no more than four.
int decimals_for(const MatchParameter& parameter) {
  const double error = parameter.standard_error;
  if (!(error > 0) || !std::isfinite(error)) {
    const double size = std::max(std::abs(parameter.value), 1e-4);
    return std::isfinite(size) ? std::clamp(2 - static_cast<int>(std::floor(std::log10(size))), 0, 4) : 0;
  }
  return std::clamp(1 - static_cast<int>(std::floor(std::log10(error))), 0, 4);
}

std::string error_text(const MatchParameter& parameter) {
  const double error = parameter.standard_error;
  if (std::isnan(error)) return "–";
  if (std::isinf(error)) return "± ∞";
  return with_unit(
      "± " + (error >= 0.0001 || error == 0 ? fixed(error, decimals_for(parameter)) : significant(error, 2)),
      parameter.unit.starts_with(':') ? "" : parameter.unit);
}

std::string bootstrap_text(const MatchParameter& parameter) {
  MatchParameter other = parameter;
  other.standard_error = parameter.bootstrap->standard_error;
  return error_text(other);
}

std::string interval_text(const MatchParameter& parameter) {
  const int decimals = decimals_for(parameter);
  return fixed(parameter.bootstrap->low, decimals) + " to " + fixed(parameter.bootstrap->high, decimals);
}

Table parameter_table(const MatchReportData& data) {
  Table table{{{"Parameter"}, {"Value", Align::right}, {"Standard error", Align::right}}, {}};
  if (data.bootstrap)
    for (const std::string& name : {std::string("Bootstrap error"), interval_heading(*data.bootstrap)})
      table.columns.push_back({name, Align::right});
  table.columns.push_back({"Determined"});
  for (const MatchParameter& parameter : data.parameters) {
    const Tone tone = parameter.determined ? Tone::normal : Tone::muted;
    std::string status = parameter.determined ? "yes" : "no";
    if (!parameter.note.empty()) status += ": " + parameter.note;
    std::vector<Cell> row{
        Cell(parameter.label.empty() ? parameter.name : parameter.label),
        Cell(with_unit(fixed(parameter.value, decimals_for(parameter)), parameter.unit), tone),
        Cell(error_text(parameter), tone)};
    if (data.bootstrap) {
      row.push_back(parameter.bootstrap ? bootstrap_text(parameter) : "–");
      row.push_back(parameter.bootstrap ? interval_text(parameter) : "–");
    }
    row.push_back(Cell(status, parameter.determined ? Tone::good : Tone::warning));
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::vector<Tile> key_figures(const MatchReportData& data) {
  std::vector<Tile> tiles;
  tiles.push_back(
      {"Error-to-signal ratio", significant(data.esr, 3), "", "before: " + significant(data.esr_before, 3)});
  if (data.held_out) {
    tiles.push_back({"ESR, unseen second half", significant(data.held_out->scored_esr, 3), "",
                     "unseen first half: " + significant(data.held_out->second_scored_esr, 3)});
  }
  tiles.push_back({"Loudness", with_sign(data.loudness_lufs.difference(), 2), "LU", "clone against wet"});
  tiles.push_back(
      {"Dynamic range", with_sign(data.dynamic_range_lu.difference(), 2), "LU", "clone against wet"});
  tiles.push_back({"Time", significant(data.seconds, 3), "s",
                   std::to_string(data.iterations) + (data.iterations == 1 ? " iteration" : " iterations")});
  return tiles;
}

Table level_table(const MatchReportData& data) {
  Table table{{{"", Align::left},
               {"Dry", Align::right},
               {"Wet", Align::right},
               {"Clone", Align::right},
               {"Clone − wet", Align::right}},
              {}};
  const auto row = [&table](const char* name, const Levels& levels, int decimals) {
    table.rows.push_back({name, fixed(levels.dry, decimals), fixed(levels.wet, decimals),
                          fixed(levels.clone, decimals), with_sign(levels.difference(), decimals)});
  };
  row("Loudness (LUFS)", data.loudness_lufs, 2);
  row("Loudness dynamic range (LU)", data.dynamic_range_lu, 2);
  return table;
}

Table run_table(const MatchReportData& data) {
  Table table{{{""}, {""}}, {}};
  const auto row = [&table](const char* name, std::string value) {
    table.rows.push_back({name, std::move(value)});
  };
  row("Dry recording", data.dry_file);
  row("Wet recording", data.wet_file);
  row("Audio", format_clock(data.audio_seconds) + " at " + significant(data.sample_rate / 1000, 5) + " kHz");
  row("Model", data.model);
  row("Delay of wet", fixed(data.delay_samples, 3) + " samples");
  row("Polarity", data.polarity_inverted ? "inverted" : "same");
  row("ESR in dB", esr_in_db(data.esr) + ", before " + esr_in_db(data.esr_before));
  if (data.held_out) {
    row("Fitted on the first half", "ESR " + significant(data.held_out->fitted_esr, 3) + " there, "
                                        + significant(data.held_out->scored_esr, 3) + " on the second");
    row("Fitted on the second half", "ESR " + significant(data.held_out->second_fitted_esr, 3) + " there, "
                                         + significant(data.held_out->second_scored_esr, 3)
                                         + " on the first");
  }
  if (data.coreset)
    row("Fitted on", std::to_string(data.coreset->chosen) + " of " + std::to_string(data.coreset->stretches)
                         + " stretches of " + fixed(data.coreset->stretch_seconds, 2) + " s");
  row("STFT distance", significant(data.stft_distance, 4));
  row("Stopped", (data.converged ? "converged: " : "not converged: ") + data.stop_reason);
  return table;
}

// Rows of figures; what the data lacks is left out (an equaliser alone has no gain reduction).
std::vector<std::vector<Figure>> figures(const MatchReportData& data) {
  std::vector<std::vector<Figure>> rows;
  if (!data.gain_reduction.time_s.empty()) rows.push_back({{{gain_reduction_plot(data)}, {952, 380}, {}}});
  std::vector<Figure> pair;
  if (!data.transfer.input_db.empty()) pair.push_back({{transfer_curve_plot(data)}, {468, 540}, {}});
  if (!data.convergence.empty()) pair.push_back({convergence_plots(data), {468, 540}, {}});
  if (pair.size() == 1) pair[0].size.width = 952;
  if (!pair.empty()) rows.push_back(pair);
  return rows;
}

std::string subtitle(const MatchReportData& data) {
  std::string out = data.dry_file + " → " + data.wet_file;
  if (!data.model.empty()) out += " · " + data.model;
  return out;
}

std::vector<std::string> warnings(const MatchReportData& data) {
  std::vector<std::string> out = data.warnings;
  if (!data.converged)
    out.insert(out.begin(),
               "The match did not converge (" + data.stop_reason + "); its figures are the best it reached.");
  return out;
}

} // namespace

std::string to_html(const MatchReportData& data) {
  HtmlPage page(data.title, subtitle(data));
  page.warnings(warnings(data)).tiles(key_figures(data));
  page.heading("Parameters").table(parameter_table(data));
  if (!data.clips.empty()) page.heading("Listen").audio(data.clips);
  if (const auto curves = figures(data); !curves.empty()) {
    page.heading("Curves");
    for (const auto& row : curves) page.figures(row);
  }
  if (!data.attribution.empty())
    page.heading("What shaped the fit")
        .figures({{{attribution_plot(data)}, {952, 260}, {}}})
        .table(attribution_table(data, 8),
               "How far the parameters would move if a stretch were left out, root mean square in their "
               "standard errors; all of them in attribution.csv.");
  page.heading("Levels").table(level_table(data));
  page.heading("The match").table(run_table(data));
  if (!data.candidates.empty())
    page.heading("What was tried")
        .table(candidate_table(data),
               "Errors of the pre-emphasised excerpt: on the seconds that were fitted, "
               "and on those between, which no fit has seen.");
  return page.html();
}

} // namespace raphson::optim::report
