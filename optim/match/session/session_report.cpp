#include "optim/match/session/session_report.h"

#include "dsp/io/atomic_file.h"
#include "dsp/model/knob_map.h"
#include "optim/match/session/order.h"
#include "optim/report/html_page.h"
#include "optim/report/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace raphson::optim::match {
namespace {

using nlohmann::json;
using report::Cell;
using report::format_significant;

json number(double value) { return std::isfinite(value) ? json(value) : json(); }

std::vector<std::size_t> fitted_parameters(const SessionReport& r) {
  std::vector<std::size_t> list;
  for (std::size_t i = 0; i < r.session.chain.size(); ++i)
    if (!std::isnan(r.fitted.fits.front().errors[i])) list.push_back(i);
  return list;
}

std::string column_name(const std::string& name, const std::string& unit) {
  return unit.empty() ? name : name + " (" + unit + ")";
}

std::string label(const SessionReport& r, std::size_t parameter) {
  const dsp::Parameter& p = r.session.chain.parameter(parameter);
  std::string text = p.label;
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return r.session.chain.name(parameter) == p.name ? text : "EQ " + std::string(p.label);
}

void add_knobs(const SessionReport& r, report::Table& table) {
  for (const dsp::Knob& knob : r.session.knobs)
    table.columns.push_back(
        {column_name(knob.name, knob.unit), knob.is_switch() ? report::Align::left : report::Align::right});
}

std::vector<Cell> knob_cells(const SessionReport& r, std::size_t take) {
  std::vector<Cell> cells;
  for (std::size_t k = 0; k < r.session.knobs.size(); ++k) {
    const double at = r.session.takes[take].knobs[k];
    const dsp::Knob& knob = r.session.knobs[k];
    cells.push_back(knob.is_switch() ? Cell(knob.positions[static_cast<std::size_t>(at)])
                                     : Cell::significant(at, 6));
  }
  return cells;
}

/// For scripts: numbers with all their digits, the ESRs and every fitted parameter with its standard error.
report::Table csv_table(const SessionReport& r) {
  report::Table table;
  for (const dsp::Knob& knob : r.session.knobs) table.columns.push_back({knob.key});
  for (const char* name : {"esr", "map_esr", "left_out_esr", "extrapolated"}) table.columns.push_back({name});
  for (const std::size_t i : fitted_parameters(r))
    for (const char* ending : {"", "_fitted", "_error"})
      table.columns.push_back({r.session.chain.name(i) + ending});
  for (std::size_t t = 0; t < r.session.takes.size(); ++t) {
    std::vector<Cell> row = knob_cells(r, t);
    row.push_back(r.fitted.fits[t].esr());
    row.push_back(r.scores[t].map_esr);
    row.push_back(r.scores[t].left_out_esr);
    row.push_back(r.scores[t].extrapolated ? 1 : 0);
    for (const std::size_t i : fitted_parameters(r)) {
      row.push_back(r.map.model.table[t].values[i]);
      row.push_back(r.fitted.fits[t].values[i]);
      row.push_back(r.fitted.fits[t].errors[i]);
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

bool same_line(const SessionReport& r, std::size_t along, const dsp::KnobSetting& a,
               const dsp::KnobSetting& b) {
  for (std::size_t k = 0; k < r.session.knobs.size(); ++k)
    if (k != along && a[k] != b[k]) return false;
  return true;
}

/// A parameter along one knob: for each standing of the others the map as a line, the fits as dots.
report::Plot plot_of(const SessionReport& r, std::size_t knob, std::size_t parameter) {
  constexpr int points = 200;
  const dsp::Parameter& p = r.session.chain.parameter(parameter);
  const dsp::Knob& along = r.session.knobs[knob];
  report::Plot plot{label(r, parameter),
                    {along.name, along.unit, report::Scale::linear},
                    {label(r, parameter), p.unit,
                     p.scale == dsp::Scale::logarithmic ? report::Scale::logarithmic : report::Scale::linear},
                    {}};
  const dsp::KnobMap map(r.map.model);
  constexpr report::Colour colours[] = {report::Colour::blue,   report::Colour::orange, report::Colour::green,
                                        report::Colour::purple, report::Colour::red,    report::Colour::teal};
  std::vector<dsp::KnobSetting> drawn;
  for (std::size_t t = 0; t < r.session.takes.size(); ++t) {
    const dsp::KnobSetting& at = r.session.takes[t].knobs;
    if (std::ranges::any_of(drawn, [&](const auto& d) { return same_line(r, knob, d, at); })) continue;
    if (drawn.size() == std::size(colours)) break; // more lines than anyone can tell apart
    report::Series line, dots;
    line.style.colour = dots.style.colour = colours[drawn.size()];
    dots.style.mark = report::Mark::markers;
    dots.style.width = 6;
    drawn.push_back(at);
    dsp::KnobSetting others = at;
    std::vector<double> values(map.size());
    double low = along.maximum, high = along.minimum;
    for (std::size_t other = 0; other < r.session.takes.size(); ++other) {
      const dsp::KnobSetting& there = r.session.takes[other].knobs;
      if (!same_line(r, knob, at, there)) continue;
      low = std::min(low, there[knob]);
      high = std::max(high, there[knob]);
      dots.x.push_back(there[knob]);
      dots.y.push_back(r.fitted.fits[other].values[parameter]);
    }
    for (int i = 0; i <= points; ++i) {
      others[knob] = low + (high - low) * i / points;
      map.evaluate(others, values);
      line.x.push_back(others[knob]);
      line.y.push_back(values[parameter]);
    }
    std::vector<dsp::Knob> rest;
    dsp::KnobSetting standing;
    for (std::size_t k = 0; k < r.session.knobs.size(); ++k)
      if (k != knob) rest.push_back(r.session.knobs[k]), standing.push_back(at[k]);
    line.name = rest.empty() ? "map" : describe(rest, standing);
    plot.series.push_back(std::move(line));
    plot.series.push_back(std::move(dots));
  }
  return plot;
}

std::vector<report::Plot> plots(const SessionReport& r) {
  std::vector<report::Plot> list;
  for (std::size_t k = 0; k < r.session.knobs.size(); ++k) {
    if (r.session.knobs[k].is_switch()) continue;
    for (const std::size_t i : fitted_parameters(r)) list.push_back(plot_of(r, k, i));
  }
  return list;
}

std::string html(const SessionReport& r) {
  report::HtmlPage page(r.session.name, r.session.file.filename().string());
  page.warnings(r.fitted.warnings);
  page.table(esr_table(r), "ESR of each setting: its own fit, the map from knobs to parameters, and the map "
                           "made without it. * at an end, where the map holds its neighbour's value.");
  page.table(parameter_table(r), "The map's parameters; in brackets the setting's own where they differ.");
  for (const std::string& line : direction_lines(r)) page.paragraph(line);
  std::vector<report::Figure> figures;
  for (report::Plot& plot : plots(r)) figures.push_back({{std::move(plot)}, {440, 320}, ""});
  page.figures(figures);
  return page.html();
}

} // namespace

report::Table esr_table(const SessionReport& r) {
  report::Table table;
  add_knobs(r, table);
  for (const char* name : {"ESR before", "own fit", "map", "left out"})
    table.columns.push_back({name, report::Align::right});
  for (std::size_t t = 0; t < r.session.takes.size(); ++t) {
    std::vector<Cell> row = knob_cells(r, t);
    row.push_back(Cell::significant(r.fitted.fits[t].esr_before, 3));
    row.push_back(Cell::significant(r.fitted.fits[t].esr(), 3));
    row.push_back(Cell::significant(r.scores[t].map_esr, 3));
    const double left_out = r.scores[t].left_out_esr;
    row.push_back(Cell(std::isnan(left_out)
                           ? "-"
                           : format_significant(left_out, 3) + (r.scores[t].extrapolated ? " *" : "")));
    table.rows.push_back(std::move(row));
  }
  return table;
}

report::Table parameter_table(const SessionReport& r) {
  report::Table table;
  add_knobs(r, table);
  for (const std::size_t i : fitted_parameters(r))
    table.columns.push_back(
        {column_name(label(r, i), r.session.chain.parameter(i).unit), report::Align::right});
  for (std::size_t t = 0; t < r.session.takes.size(); ++t) {
    std::vector<Cell> row = knob_cells(r, t);
    for (const std::size_t i : fitted_parameters(r)) {
      const double value = r.map.model.table[t].values[i], own = r.fitted.fits[t].values[i];
      std::string text = format_significant(value, 4);
      if (r.map.borrowed[t][i])
        text += " (not determined)";
      else if (value != own)
        text += " (" + format_significant(own, 4) + ")";
      row.push_back(text);
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::vector<std::string> direction_lines(const SessionReport& r) {
  std::vector<std::string> lines;
  for (const FoundDirection& d : r.map.directions) {
    if (d.direction == Direction::free) continue;
    std::vector<dsp::Knob> switches;
    dsp::KnobSetting standing;
    for (std::size_t k = 0; k < r.session.knobs.size(); ++k)
      if (r.session.knobs[k].is_switch()) switches.push_back(r.session.knobs[k]), standing.push_back(d.at[k]);
    lines.push_back(label(r, d.parameter) + (d.direction == Direction::falling ? " falls" : " rises")
                    + " along " + r.session.knobs[d.knob].name
                    + (switches.empty() ? "" : ", " + describe(switches, standing))
                    + (d.by_rule ? ", as the manifest says" : ""));
  }
  return lines;
}

json to_json(const SessionReport& r) {
  json settings = json::array(), directions = json::array(), warnings = json::array();
  const auto knobs_json = [&](const dsp::KnobSetting& setting) {
    json knobs = json::object();
    for (std::size_t k = 0; k < r.session.knobs.size(); ++k) {
      const dsp::Knob& knob = r.session.knobs[k];
      knobs[knob.key] =
          knob.is_switch() ? json(knob.positions[static_cast<std::size_t>(setting[k])]) : json(setting[k]);
    }
    return knobs;
  };
  for (std::size_t t = 0; t < r.session.takes.size(); ++t) {
    const SettingFit& fit = r.fitted.fits[t];
    json parameters = json::object();
    for (const std::size_t i : fitted_parameters(r))
      parameters[r.session.chain.name(i)] = {{"value", r.map.model.table[t].values[i]},
                                             {"fitted", fit.values[i]},
                                             {"standard_error", number(fit.errors[i])},
                                             {"determined", !r.map.borrowed[t][i]}};
    settings.push_back({{"knobs", knobs_json(r.session.takes[t].knobs)},
                        {"dry", report::valid_utf8(r.session.takes[t].dry.filename().string())},
                        {"wet", report::valid_utf8(r.session.takes[t].wet.filename().string())},
                        {"parameters", parameters},
                        {"esr_before", number(fit.esr_before)},
                        {"esr", number(fit.esr())},
                        {"map_esr", number(r.scores[t].map_esr)},
                        {"left_out_esr", number(r.scores[t].left_out_esr)},
                        {"extrapolated", r.scores[t].extrapolated},
                        {"delay_samples", *fit.source.delay_samples},
                        {"polarity_inverted", *fit.source.polarity_inverted},
                        {"converged", fit.converged},
                        {"stop_reason", fit.stop_reason},
                        {"iterations", fit.iterations},
                        {"from_neighbour", fit.from_neighbour}});
  }
  for (const FoundDirection& d : r.map.directions)
    directions.push_back({{"knob", r.session.knobs[d.knob].key},
                          {"parameter", r.session.chain.name(d.parameter)},
                          {"at", knobs_json(d.at)},
                          {"direction", to_string(d.direction)},
                          {"by_rule", d.by_rule}});
  for (const std::string& warning : r.fitted.warnings) warnings.push_back(report::valid_utf8(warning));
  return {{"schema", "raphson.session/1"},
          {"name", report::valid_utf8(r.session.name)},
          {"model", to_string(r.session.chain)},
          {"interpolation", dsp::to_string(r.session.interpolation)},
          {"settings", settings},
          {"directions", directions},
          {"warnings", warnings}};
}

void write_session_report(const std::filesystem::path& folder, const SessionReport& r) {
  const std::vector<report::Plot> list = plots(r);
  if (!list.empty())
    dsp::write_file(folder / "map.svg", to_svg(list, {640, 240 * static_cast<int>(list.size())}));
  dsp::write_file(folder / "table.csv", to_csv(csv_table(r)));
  dsp::write_file(folder / "report.html", html(r));
  dsp::write_file(folder / "report.json", to_json(r).dump(2) + "\n");
}

} // namespace raphson::optim::match
