#include "dsp/error.h"
#include "optim/data/audio_file.h"
#include "optim/data/wav_bytes.h"
#include "optim/tools/signals/ggamp_plots.h"
#include "optim/tools/signals/ggamp_problems.h"
#include "optim/tools/signals/ggamp_report_parts.h"
#include "optim/tools/signals/rational_report.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

using report::Cell;
using report::ToolReport;

struct Stretch {
  std::size_t first, samples;
};

Stretch stretch_of(const TapsInput& input, const Recording& dry) {
  const std::size_t frames = dry.samples.size();
  if (input.from >= 0 && static_cast<std::size_t>(input.from) >= frames)
    throw InputError("--from " + std::to_string(input.from) + ": " + dry.name + " ends after "
                     + std::to_string(frames) + " samples");
  const std::size_t first = input.from >= 0 ? static_cast<std::size_t>(input.from) : 0;
  std::size_t samples = input.samples;
  if (samples == 0) samples = std::min(std::max<std::size_t>(4 * input.length, 8192), frames - first);
  if (samples > frames - first)
    throw InputError("--from " + std::to_string(first) + " --samples " + std::to_string(samples) + ": "
                     + dry.name + " ends after " + std::to_string(frames) + " samples");
  return {input.from >= 0 ? first : loudest_stretch(dry.samples, samples), samples};
}

struct Microphones {
  Matrix y; // a column each
  std::vector<std::string> names;
};

Microphones read_wet(const TapsInput& input, const Recording& dry, Stretch stretch) {
  std::vector<Vector> columns;
  Microphones all;
  for (const auto& path : input.wet) {
    const data::Audio wet = data::read_audio(path);
    if (wet.sample_rate != dry.sample_rate)
      throw InputError(dry.name + " is at " + std::to_string(std::lround(dry.sample_rate)) + " Hz and "
                       + path.string() + " at " + std::to_string(std::lround(wet.sample_rate))
                       + " Hz, one rate is needed");
    if (wet.frames() < stretch.first + stretch.samples)
      throw InputError(path.string() + " has " + std::to_string(wet.frames())
                       + " samples, too few for --from " + std::to_string(stretch.first) + " and --samples "
                       + std::to_string(stretch.samples));
    for (std::size_t c = 0; c < wet.channels.size(); ++c) {
      columns.emplace_back(static_cast<Eigen::Index>(stretch.samples));
      for (std::size_t i = 0; i < stretch.samples; ++i)
        columns.back()[static_cast<Eigen::Index>(i)] = wet.channels[c][stretch.first + i];
      all.names.push_back(path.filename().string()
                          + (wet.channels.size() > 1 ? " channel " + std::to_string(c + 1) : ""));
    }
  }
  all.y.resize(static_cast<Eigen::Index>(stretch.samples), std::ssize(columns));
  for (std::size_t t = 0; t < columns.size(); ++t) all.y.col(static_cast<Eigen::Index>(t)) = columns[t];
  return all;
}

report::NamedTable taps_table(const GgampSblResult& r, const Microphones& wet, double rate) {
  report::Table table{{{"recording"},
                       {"delay (samples)"},
                       {"delay (ms)"},
                       {"gain"},
                       {"gain (dB)"},
                       {"polarity"},
                       {"standard deviation"}},
                      {}};
  for (Eigen::Index t = 0; t < r.x.cols(); ++t)
    for (Eigen::Index n = 0; n < r.x.rows(); ++n) {
      if (!r.in_support(n, t)) continue;
      const double gain = r.x(n, t);
      table.rows.push_back({wet.names[static_cast<std::size_t>(t)], n,
                            Cell::fixed(1000 * static_cast<double>(n) / rate, 3), gain,
                            Cell::fixed(20 * std::log10(std::abs(gain)), 1), gain < 0 ? "-" : "+",
                            std::sqrt(r.tau_x(n, t))});
    }
  return {"taps", "Taps beyond three standard deviations", table};
}

report::NamedFigure residual_figure(const Matrix& y, const Matrix& modelled, double rate) {
  report::Series wet{.name = "wet"}, left{.name = "wet - dry through the taps"};
  for (Eigen::Index m = 0; m < y.rows(); ++m) {
    const double ms = 1000 * static_cast<double>(m) / rate;
    wet.x.push_back(ms);
    wet.y.push_back(y(m, 0));
    left.x.push_back(ms);
    left.y.push_back(y(m, 0) - modelled(m, 0));
  }
  return {"residual",
          {{{"Residual", {"Time in the stretch", "ms"}, {"", ""}, {wet, left}}},
           {880, 320},
           "What the taps leave of the wet recording"}};
}

} // namespace

ToolReport taps_report(const TapsInput& input, RecoveryOptions options) {
  const Recording dry = read_recording(input.dry, input.channel);
  const Stretch stretch = stretch_of(input, dry);
  const Microphones wet = read_wet(input, dry, stretch);
  const ConvolutionOperator a(dry.samples, stretch.first, stretch.samples, input.length);
  ToolReport report{.title = "Taps from " + input.dry.filename().string() + " to "
                             + input.wet.front().filename().string()
                             + (wet.names.size() > 1 ? " and others" : "")};
  const GgampSblResult r = recover(a, wet.y, std::move(options), report);
  add_figures(report, r, a, wet.y);
  report.values.insert(report.values.begin(),
                       {{"stretch from sample", stretch.first}, {"samples of it", stretch.samples}});
  if (r.noise > 0.1 * wet.y.squaredNorm() / static_cast<double>(wet.y.size()))
    report.warnings.push_back("taps explain less than 90 % of the wet recording: it is late by more than "
                              "--length, not linear, or no sparse response");
  report.tables.push_back(taps_table(r, wet, dry.sample_rate));
  std::vector<report::Plot> plots;
  for (Eigen::Index t = 0; t < std::min<Eigen::Index>(r.x.cols(), 4); ++t)
    plots.push_back(stem_plot(wet.names[static_cast<std::size_t>(t)], {"Delay", "ms"},
                              stems_of(r, t, 1000 / dry.sample_rate, 20)));
  const int height = 100 + 240 * static_cast<int>(plots.size());
  report.figures.insert(report.figures.begin(), {"taps", {plots, {880, height}, "Taps"}});
  report.figures.push_back(residual_figure(wet.y, a.apply(r.x), dry.sample_rate));
  report.files.push_back(npy_file("x.npy", r.x));
  report.files.push_back(npy_file("sd.npy", r.tau_x.cwiseSqrt()));
  for (Eigen::Index t = 0; t < r.x.cols(); ++t) {
    std::vector<double> response(static_cast<std::size_t>(r.x.rows()));
    for (Eigen::Index n = 0; n < r.x.rows(); ++n)
      if (r.in_support(n, t)) response[static_cast<std::size_t>(n)] = r.x(n, t);
    const std::string number = r.x.cols() > 1 ? "-" + std::to_string(t + 1) : "";
    report.files.push_back({"taps" + number + ".wav", data::wav_bytes(response, dry.sample_rate)});
  }
  return report;
}

} // namespace raphson::optim::tools
