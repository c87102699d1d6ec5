#include "optim/report/match_report.h"

#include "dsp/error.h"
#include "dsp/io/atomic_file.h"
#include "optim/report/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <system_error>

namespace raphson::optim::report {
namespace {

using nlohmann::json;

// The one place where reports reach the disk.
void write_text_atomically(const std::filesystem::path& path, std::string_view text) {
  dsp::write_file(path, text);
}

json number(double value) { return std::isfinite(value) ? json(value) : json(); }

json levels(const Levels& of) {
  return {{"dry", number(of.dry)},
          {"wet", number(of.wet)},
          {"clone", number(of.clone)},
          {"difference", number(of.difference())}};
}

json bootstrap(const std::optional<BootstrapInterval>& b) {
  if (!b) return nullptr;
  return {{"standard_error", number(b->standard_error)}, {"low", number(b->low)}, {"high", number(b->high)}};
}

json bootstrap(const std::optional<MatchBootstrapRun>& run) {
  if (!run) return nullptr;
  return {{"draws", run->draws},
          {"level", number(run->level)},
          {"stretches", run->stretches},
          {"stretch_seconds", number(run->stretch_seconds)},
          {"relative_noise", number(run->relative_noise)}};
}

json parameters(const std::vector<MatchParameter>& from) {
  json out = json::object();
  for (const MatchParameter& parameter : from) {
    const std::string name = valid_utf8(parameter.name);
    if (out.contains(name))
      throw InputError("match report: two parameters are called '" + name + "'; names must differ");
    out[name] = {
        {"label", valid_utf8(parameter.label)},       {"value", number(parameter.value)},
        {"unit", valid_utf8(parameter.unit)},         {"standard_error", number(parameter.standard_error)},
        {"determined", parameter.determined},         {"note", valid_utf8(parameter.note)},
        {"bootstrap", bootstrap(parameter.bootstrap)}};
  }
  return out;
}

json held_out(const std::optional<HeldOut>& h) {
  if (!h) return nullptr;
  return {{"fitted_esr", number(h->fitted_esr)},
          {"scored_esr", number(h->scored_esr)},
          {"second_fitted_esr", number(h->second_fitted_esr)},
          {"second_scored_esr", number(h->second_scored_esr)}};
}

json network(const std::optional<NetworkTraining>& n) {
  if (!n) return nullptr;
  return {{"units", n->units},
          {"weights", n->weights},
          {"kept", n->kept},
          {"reason", valid_utf8(n->reason)},
          {"esr_before", number(n->esr_before)},
          {"esr", number(n->esr)},
          {"held_out_before", held_out(n->held_out_before)},
          {"held_out", held_out(n->held_out)},
          {"iterations", n->iterations},
          {"seconds", number(n->seconds)}};
}

json convergence(const std::vector<ConvergenceStep>& steps) {
  json out = json::array();
  for (const ConvergenceStep& step : steps)
    out.push_back({{"iteration", step.iteration},
                   {"loss", number(step.loss)},
                   {"gradient_norm", number(step.gradient_norm)},
                   {"step_length", number(step.step_length)}});
  return out;
}

json candidates(const std::vector<Candidate>& tried) {
  json out = json::array();
  for (const Candidate& c : tried)
    out.push_back({{"stage", valid_utf8(c.stage)},
                   {"model", valid_utf8(c.model)},
                   {"parameters", c.parameters},
                   {"fitted_error", number(c.fitted_error)},
                   {"held_out_error", number(c.held_out_error)},
                   {"seconds", number(c.seconds)},
                   {"verdict", valid_utf8(c.verdict)}});
  return out;
}

json coreset(const std::optional<Coreset>& c) {
  if (!c) return nullptr;
  return {
      {"chosen", c->chosen}, {"stretches", c->stretches}, {"stretch_seconds", number(c->stretch_seconds)}};
}

json attribution(const MatchReportData& data) {
  json out = json::array();
  for (const AttributedStretch& s : data.attribution) {
    json shift = json::object();
    for (std::size_t k = 0; k < data.parameters.size(); ++k)
      shift[valid_utf8(data.parameters[k].name)] = number(s.shift[k]);
    out.push_back({{"begin_s", number(s.begin_s)},
                   {"end_s", number(s.end_s)},
                   {"loss_share", number(s.loss_share)},
                   {"pull", number(s.pull)},
                   {"shift", shift}});
  }
  return out;
}

/// "Ratio +0.41 :1, 0.9 standard errors", of the parameter that moves furthest in its standard error.
std::string furthest_shift(const MatchReportData& data, const AttributedStretch& stretch) {
  std::size_t furthest = data.parameters.size();
  double most = 0;
  for (std::size_t k = 0; k < data.parameters.size(); ++k) {
    const MatchParameter& p = data.parameters[k];
    const double size = std::abs(stretch.shift[k]) / p.standard_error;
    if (!p.determined || !(size > most)) continue;
    most = size;
    furthest = k;
  }
  if (furthest == data.parameters.size()) return "-";
  const MatchParameter& p = data.parameters[furthest];
  const std::string sign = stretch.shift[furthest] > 0 ? "+" : "";
  return p.label + " " + sign + format_significant(stretch.shift[furthest], 2)
         + (p.unit.empty() ? "" : " " + p.unit) + ", " + format_significant(most, 2) + " standard errors";
}

} // namespace

std::string interval_heading(const MatchBootstrapRun& run) {
  return format_significant(100 * run.level, 4) + "% interval";
}

Table candidate_table(const MatchReportData& data) {
  Table table{{{"Model", Align::left},
               {"Stage", Align::left},
               {"Parameters", Align::right},
               {"Error, fitted", Align::right},
               {"Error, unseen", Align::right},
               {"s", Align::right},
               {"", Align::left}},
              {}};
  std::vector<Candidate> sorted = data.candidates;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Candidate& a, const Candidate& b) {
    return a.held_out_error < b.held_out_error;
  });
  for (const Candidate& c : sorted)
    table.rows.push_back({c.model, c.stage, std::to_string(c.parameters),
                          format_significant(c.fitted_error, 3), format_significant(c.held_out_error, 3),
                          format_fixed(c.seconds, 1), c.verdict});
  return table;
}

Table attribution_table(const MatchReportData& data, std::size_t most) {
  Table table{{{"From", Align::right},
               {"To (s)", Align::right},
               {"Share of the error", Align::right},
               {"Pull", Align::right},
               {"Without it", Align::left}},
              {}};
  std::vector<const AttributedStretch*> sorted;
  for (const AttributedStretch& s : data.attribution) sorted.push_back(&s);
  std::stable_sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->pull > b->pull; });
  sorted.resize(std::min(most, sorted.size()));
  for (const AttributedStretch* s : sorted)
    table.rows.push_back({format_fixed(s->begin_s, 2), format_fixed(s->end_s, 2),
                          format_fixed(100 * s->loss_share, 1) + "%", format_fixed(s->pull, 2),
                          furthest_shift(data, *s)});
  return table;
}

Table attribution_table(const MatchReportData& data) {
  Table table{{{"begin_s"}, {"end_s"}, {"loss_share"}, {"pull"}}, {}};
  for (const MatchParameter& p : data.parameters) table.columns.push_back({"shift_" + p.name});
  for (const AttributedStretch& s : data.attribution) {
    std::vector<Cell> row{format_fixed(s.begin_s, 4), format_fixed(s.end_s, 4),
                          format_significant(s.loss_share, 6), format_significant(s.pull, 6)};
    for (const double shift : s.shift) row.push_back(format_significant(shift, 6));
    table.rows.push_back(std::move(row));
  }
  return table;
}

json to_json(const MatchReportData& data) {
  json out;
  out["schema"] = "raphson.match.report/1";
  out["model"] = valid_utf8(data.model);
  out["dry"] = valid_utf8(data.dry_file);
  out["wet"] = valid_utf8(data.wet_file);
  out["sample_rate"] = number(data.sample_rate);
  out["audio_seconds"] = number(data.audio_seconds);
  out["parameters"] = parameters(data.parameters);
  out["esr_before"] = number(data.esr_before);
  out["esr"] = number(data.esr);
  out["held_out"] = held_out(data.held_out);
  out["network"] = network(data.network);
  out["bootstrap"] = bootstrap(data.bootstrap);
  out["coreset"] = coreset(data.coreset);
  out["loudness_lufs"] = levels(data.loudness_lufs);
  out["dynamic_range_lu"] = levels(data.dynamic_range_lu);
  out["stft_distance"] = number(data.stft_distance);
  out["delay_samples"] = number(data.delay_samples);
  out["polarity_inverted"] = data.polarity_inverted;
  out["converged"] = data.converged;
  out["stop_reason"] = valid_utf8(data.stop_reason);
  out["seconds"] = number(data.seconds);
  out["iterations"] = data.iterations;
  out["convergence"] = convergence(data.convergence);
  if (!data.attribution.empty()) out["attribution"] = attribution(data);
  if (!data.candidates.empty()) out["candidates"] = candidates(data.candidates);
  out["warnings"] = json::array();
  for (const std::string& warning : data.warnings) out["warnings"].push_back(valid_utf8(warning));
  return out;
}

void write_match_report(const std::filesystem::path& directory, const MatchReportData& data) {
  const std::string report = to_json(data).dump(2) + "\n", page = to_html(data);
  const std::string gain = to_svg(gain_reduction_plot(data), {960, 380});
  const std::string transfer = to_svg(transfer_curve_plot(data), {520, 540});
  const std::string convergence_svg = to_svg(convergence_plots(data), {640, 560});
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) throw InputError(directory.string() + ": cannot create this folder (" + error.message() + ")");
  write_text_atomically(directory / "gain-reduction.svg", gain);
  write_text_atomically(directory / "transfer-curve.svg", transfer);
  write_text_atomically(directory / "convergence.svg", convergence_svg);
  if (!data.candidates.empty())
    write_text_atomically(directory / "candidates.csv", to_csv(candidate_table(data)));
  if (!data.attribution.empty())
    write_text_atomically(directory / "attribution.csv", to_csv(attribution_table(data)));
  write_text_atomically(directory / "report.html", page);
  write_text_atomically(directory / "report.json", report);
}

} // namespace raphson::optim::report
