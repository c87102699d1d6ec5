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

struct Microphone {
  std::string file, name; // the path, and what tables call it
  std::vector<float> samples;
};

std::vector<Microphone> read_wet(const TapsInput& input, const Recording& dry) {
  std::vector<Microphone> all;
  for (const auto& path : input.wet) {
    data::Audio wet = data::read_audio(path);
    if (wet.sample_rate != dry.sample_rate)
      throw InputError(dry.name + " is at " + std::to_string(std::lround(dry.sample_rate)) + " Hz and "
                       + path.string() + " at " + std::to_string(std::lround(wet.sample_rate))
                       + " Hz, one rate is needed");
    for (std::size_t c = 0; c < wet.channels.size(); ++c)
      all.push_back(
          {path.string(),
           path.filename().string() + (wet.channels.size() > 1 ? " channel " + std::to_string(c + 1) : ""),
           std::move(wet.channels[c])});
  }
  return all;
}

/// The loudest stretch of dry, or the one that was asked for, while all recordings last.
Stretch stretch_of(const TapsInput& input, const Recording& dry, const std::vector<Microphone>& wet) {
  std::size_t frames = dry.samples.size();
  std::string shortest = dry.name;
  if (input.length > frames)
    throw InputError("--length " + std::to_string(input.length) + ": " + dry.name + " has only "
                     + std::to_string(frames) + " samples");
  for (const Microphone& microphone : wet)
    if (microphone.samples.size() < frames) {
      frames = microphone.samples.size();
      shortest = microphone.file;
    }
  const auto ends = shortest + " ends after " + std::to_string(frames) + " samples";
  if (frames < 2) throw InputError(ends + ", at least 2 are needed");
  if (input.from >= 0 && static_cast<std::size_t>(input.from) >= frames)
    throw InputError("--from " + std::to_string(input.from) + ": " + ends);
  const std::size_t first = input.from >= 0 ? static_cast<std::size_t>(input.from) : 0;
  std::size_t samples = input.samples;
  if (samples == 0) samples = std::min(std::max<std::size_t>(4 * input.length, 8192), frames - first);
  if (samples > frames - first)
    throw InputError((input.from >= 0 ? "--from " + std::to_string(first) + " " : "") + "--samples "
                     + std::to_string(samples) + ": " + ends);
  return {input.from >= 0 ? first : loudest_stretch(std::span(dry.samples).first(frames), samples), samples};
}

Matrix columns_of(const std::vector<Microphone>& wet, Stretch stretch) {
  Matrix y(static_cast<Eigen::Index>(stretch.samples), std::ssize(wet));
  for (std::size_t t = 0; t < wet.size(); ++t)
    for (std::size_t i = 0; i < stretch.samples; ++i)
      y(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(t)) = wet[t].samples[stretch.first + i];
  return y;
}

void refuse_silence(const TapsInput& input, const Recording& dry, const std::vector<Microphone>& wet,
                    const Matrix& y, Stretch stretch) {
  const std::string place = " is silent in the " + std::to_string(stretch.samples) + " samples from "
                            + std::to_string(stretch.first) + " on";
  if (y.isZero(0))
    throw InputError(wet.front().file + place + ": there is nothing to recover; choose others by --from");
  const std::size_t before = std::min(stretch.first, input.length - 1);
  const auto heard = std::span(dry.samples).subspan(stretch.first - before, before + stretch.samples);
  if (std::all_of(heard.begin(), heard.end(), [](double sample) { return sample == 0; }))
    throw InputError(dry.name + place + " and --length before: choose others by --from");
}

report::NamedTable taps_table(const GgampSblResult& r, const std::vector<Microphone>& wet, double rate) {
  report::Table table{{{"recording"},
                       {"delay (samples)"},
                       {"delay (ms)"},
                       {"gain"},
                       {"gain (dB)"},
                       {"polarity"},
                       {"standard deviation"}},
                      {}};
  for (Eigen::Index t = 0; t < r.x.cols(); ++t) {
    std::vector<Eigen::Index> lags;
    for (Eigen::Index n = 0; n < r.x.rows(); ++n)
      if (r.in_support(n, t)) lags.push_back(n);
    std::sort(lags.begin(), lags.end(), [&](Eigen::Index a, Eigen::Index b) {
      return std::pair(-std::abs(r.x(a, t)), a) < std::pair(-std::abs(r.x(b, t)), b);
    });
    for (const Eigen::Index n : lags) {
      const double gain = r.x(n, t);
      table.rows.push_back({wet[static_cast<std::size_t>(t)].name, n,
                            Cell::fixed(1000 * static_cast<double>(n) / rate, 3), gain,
                            Cell::fixed(20 * std::log10(std::abs(gain)), 1), gain < 0 ? "-" : "+",
                            std::sqrt(r.tau_x(n, t))});
    }
  }
  return {"taps", "Taps beyond three standard deviations, the largest first", table};
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
           y.cols() > 1 ? "What the taps leave of the first wet recording"
                        : "What the taps leave of the wet recording"}};
}

} // namespace

ToolReport taps_report(const TapsInput& input, RecoveryOptions options) {
  const Recording dry = read_recording(input.dry, input.channel);
  const std::vector<Microphone> wet = read_wet(input, dry);
  const Stretch stretch = stretch_of(input, dry, wet);
  const Matrix y = columns_of(wet, stretch);
  refuse_silence(input, dry, wet, y, stretch);
  const ConvolutionOperator a(dry.samples, stretch.first, stretch.samples, input.length);
  ToolReport report{.title = "Taps from " + input.dry.filename().string() + " to "
                             + input.wet.front().filename().string() + (wet.size() > 1 ? " and others" : "")};
  const GgampSblResult r = recover(a, y, std::move(options), report);
  add_figures(report, r, a, y);
  report.values.insert(report.values.begin(),
                       {{"stretch from sample", stretch.first}, {"samples of it", stretch.samples}});
  if (r.noise > 0.1 * y.squaredNorm() / static_cast<double>(y.size()))
    report.warnings.push_back("taps explain less than 90 % of the wet recording: it is late by more than "
                              "--length, not linear, or no sparse response");
  if (!r.zero_columns.empty())
    report.warnings.push_back(
        std::to_string(r.zero_columns.size()) + " lags, " + std::to_string(r.zero_columns.front())
        + " the first of them, meet nothing but silence of " + dry.name + ": their taps are reported as 0");
  report.tables.push_back(taps_table(r, wet, dry.sample_rate));
  std::vector<report::Plot> plots;
  for (Eigen::Index t = 0; t < std::min<Eigen::Index>(r.x.cols(), 4); ++t) {
    const auto stems = stems_of(r, t, {0, r.x.rows()}, 1000 / dry.sample_rate, 20);
    plots.push_back(
        stem_plot(wet[static_cast<std::size_t>(t)].name, {"Delay", "ms"}, stems, range_of(stems)));
  }
  const int height = 100 + 240 * static_cast<int>(plots.size());
  report.figures.insert(report.figures.begin(), {"taps", {plots, {880, height}, "Taps"}});
  report.figures.push_back(residual_figure(y, a.apply(r.x), dry.sample_rate));
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
