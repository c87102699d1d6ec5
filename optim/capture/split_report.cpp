#include "optim/capture/split_report.h"

#include "dsp/io/atomic_file.h"
#include "optim/report/html_page.h"
#include "optim/report/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace raphson::optim::capture {
namespace {

using nlohmann::json;
using report::Cell;
using report::format_fixed;
using report::format_significant;

json number(double value) { return std::isfinite(value) ? json(value) : json(); }

json to_json(const TakeChannel& c) {
  json bands = json::array(), crosstalk = json::array();
  for (const NoiseBand& band : c.noise.bands)
    bands.push_back({{"centre_hz", band.centre_hz}, {"dbfs", number(band.dbfs)}});
  for (const auto& leak : c.crosstalk)
    crosstalk.push_back({{"into_channel", leak.recorded_channel + 1}, {"db", number(leak.db)}});
  return {{"channel", c.recorded_channel + 1},
          {"delay_samples", number(c.delay_samples)},
          {"polarity_inverted", c.inverted},
          {"mark_gain_db", number(c.mark_gain_db)},
          {"mark_snr_db", number(c.mark_snr_db)},
          {"peak_dbfs", number(c.peak_dbfs)},
          {"clipped_samples", c.clipped_samples},
          {"noise_floor_dbfs", number(c.noise.dbfs)},
          {"noise_bands", bands},
          {"hum_hz", c.noise.hum_hz ? json(*c.noise.hum_hz) : json()},
          {"offset", number(c.noise.offset)},
          {"crosstalk", crosstalk}};
}

std::vector<std::string> valid(const std::vector<std::string>& texts) {
  std::vector<std::string> out;
  for (const std::string& text : texts) out.push_back(report::valid_utf8(text));
  return out;
}

std::string level(double db) { return std::isfinite(db) ? format_fixed(db, 1) : "silent"; }

report::Figure noise_figure(const SplitReport& r) {
  report::Plot plot{"Noise floor",
                    {"Octave", "Hz", report::Scale::logarithmic},
                    {"Level", "dBFS", report::Scale::decibel},
                    {}};
  for (const TakeReport& take : r.takes)
    for (const TakeChannel& c : take.channels) {
      report::Series series;
      series.name = "take " + std::to_string(take.take + 1)
                    + (take.channels.size() > 1 ? ", channel " + std::to_string(c.recorded_channel + 1) : "");
      for (const NoiseBand& band : c.noise.bands) {
        series.x.push_back(band.centre_hz);
        series.y.push_back(band.dbfs);
      }
      plot.series.push_back(std::move(series));
    }
  return {{plot}, {560, 340}, "Level of each octave in the take's silence."};
}

report::Figure clock_figure(const SplitReport& r) {
  report::Plot plot{"Evenness of the clocks",
                    {"Time played", "s", report::Scale::time},
                    {"Mark later than expected", "samples", report::Scale::linear},
                    {}};
  report::Series series;
  series.style.mark = report::Mark::markers;
  series.style.width = 6;
  for (const SplitReport::MarkTime& mark : r.marks) {
    series.x.push_back(mark.seconds);
    series.y.push_back(mark.residual_samples);
  }
  plot.series.push_back(std::move(series));
  return {{plot}, {560, 340}, "Each mark against one clock speed and one delay a take."};
}

std::string html(const SplitReport& r) {
  report::HtmlPage page("Capture", r.returned_file + ", by " + r.plan_file);
  page.warnings(all_warnings(r));
  page.table(take_table(r),
             "One row a take and channel. Delay, drift and polarity are put right in the pairs.");
  page.figures({noise_figure(r), clock_figure(r)});
  return page.html();
}

} // namespace

SplitReport report_of(const Splitter& splitter, std::string plan_file, std::string returned_file) {
  SplitReport out;
  out.plan_file = std::move(plan_file);
  out.returned_file = std::move(returned_file);
  out.sample_rate = splitter.plan().sample_rate;
  out.drift_ppm = splitter.drift_ppm();
  out.warnings = splitter.warnings();
  for (std::size_t c = 0; c < splitter.timings().size(); ++c) {
    const Timing& timing = splitter.timings()[c];
    for (std::size_t i = 0; i < timing.found.marks.size(); ++i) {
      const PlanMark& mark = splitter.plan().marks[timing.found.marks[i].index];
      out.marks.push_back({mark.take, splitter.recorded_channel(c), splitter.plan().seconds(mark.frame),
                           timing.clock.residuals[i].samples, timing.found.marks[i].snr_db});
    }
  }
  return out;
}

TakeReport report_of(const TakePair& pair, std::string dry_file, std::string wet_file) {
  const double seconds = static_cast<double>(pair.wet.frames()) / pair.wet.sample_rate;
  return {pair.take, seconds, std::move(dry_file), std::move(wet_file), pair.channels, pair.warnings};
}

std::vector<std::string> all_warnings(const SplitReport& r) {
  std::vector<std::string> texts = r.warnings;
  for (const TakeReport& take : r.takes)
    for (const std::string& warning : take.warnings)
      texts.push_back("take " + std::to_string(take.take + 1) + ": " + warning);
  return texts;
}

report::Table take_table(const SplitReport& r) {
  const bool several = std::any_of(r.takes.begin(), r.takes.end(),
                                   [](const TakeReport& take) { return take.channels.size() > 1; });
  report::Table table{{{"take"}}, {}};
  if (several) table.columns.push_back({"channel", report::Align::right});
  for (const char* name : {"delay (samples)", "delay (ms)", "drift (ppm)", "polarity", "noise floor (dBFS)",
                           "peak (dBFS)", "clipped", "mark SNR (dB)"})
    table.columns.push_back({name, report::Align::right});
  if (several) table.columns.push_back({"crosstalk (dB)", report::Align::right});
  for (const TakeReport& take : r.takes)
    for (const TakeChannel& c : take.channels) {
      std::vector<Cell> row{Cell(take.take + 1)};
      if (several) row.push_back(Cell(c.recorded_channel + 1));
      row.push_back(Cell::fixed(c.delay_samples, 3));
      row.push_back(Cell::fixed(1000 * c.delay_samples / r.sample_rate, 3));
      row.push_back(Cell::fixed(r.drift_ppm, 3));
      row.push_back(c.inverted ? "inverted" : "as played");
      row.push_back(Cell(level(c.noise.dbfs)));
      row.push_back(Cell(level(c.peak_dbfs)));
      row.push_back(Cell(c.clipped_samples));
      row.push_back(Cell::fixed(c.mark_snr_db, 1));
      if (several) {
        double loudest = -std::numeric_limits<double>::infinity();
        for (const auto& leak : c.crosstalk) loudest = std::max(loudest, leak.db);
        row.push_back(Cell(std::isfinite(loudest) ? format_fixed(loudest, 1) : "-"));
      }
      table.rows.push_back(std::move(row));
    }
  return table;
}

std::string to_json(const SplitReport& r) {
  json out{{"schema", "raphson.capture.split/1"},
           {"plan", report::valid_utf8(r.plan_file)},
           {"returned", report::valid_utf8(r.returned_file)},
           {"sample_rate", r.sample_rate},
           {"drift_ppm", number(r.drift_ppm)},
           {"takes", json::array()},
           {"marks", json::array()},
           {"warnings", valid(r.warnings)}};
  for (const TakeReport& take : r.takes) {
    json channels = json::array();
    for (const TakeChannel& c : take.channels) channels.push_back(to_json(c));
    out["takes"].push_back({{"number", take.take + 1},
                            {"seconds", take.seconds},
                            {"dry", report::valid_utf8(take.dry_file)},
                            {"wet", report::valid_utf8(take.wet_file)},
                            {"channels", channels},
                            {"warnings", valid(take.warnings)}});
  }
  for (const SplitReport::MarkTime& mark : r.marks)
    out["marks"].push_back({{"take", mark.take + 1},
                            {"channel", mark.channel + 1},
                            {"at_seconds", mark.seconds},
                            {"residual_samples", number(mark.residual_samples)},
                            {"snr_db", number(mark.snr_db)}});
  return out.dump(2) + "\n";
}

void write_split_report(const std::filesystem::path& folder, const SplitReport& r) {
  dsp::write_file(folder / "report.json", to_json(r));
  dsp::write_file(folder / "report.html", html(r));
}

} // namespace raphson::optim::capture
