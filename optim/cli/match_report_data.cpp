#include "optim/cli/match_report_data.h"

#include "dsp/measure/loudness.h"
#include "dsp/measure/loudness_dynamic_range.h"
#include "dsp/measure/stft_distance.h"
#include "optim/data/audio_file.h"
#include "optim/engine/parallel.h"
#include "optim/match/recordings.h"
#include "optim/report/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <fstream>
#include <functional>
#include <iterator>
#include <utility>

namespace raphson::cli {
namespace {

using namespace raphson::optim;
using Buffers = std::vector<std::vector<float>>;

constexpr double gain_window_seconds = 0.01, level_window_seconds = 0.1, quietest_db = -60;
constexpr double gain_range_db = 30; // further below the loudest window, what wet has left is noise and echo
constexpr double excerpt_seconds = 20;
constexpr std::size_t measured_points = 2000;

double energy(const Channels& channels, std::size_t from, std::size_t to) {
  double sum = 0;
  for (const auto channel : channels)
    for (std::size_t n = from; n < to; ++n) sum += double(channel[n]) * double(channel[n]);
  return sum;
}

double peak(const Channels& channels, std::size_t from, std::size_t to) {
  float highest = 0;
  for (const auto channel : channels)
    for (std::size_t n = from; n < to; ++n) highest = std::max(highest, std::abs(channel[n]));
  return static_cast<double>(highest);
}

double makeup_db(const dsp::ChainSettings& chain) {
  for (std::size_t i = 0; i < chain.size(); ++i)
    if (chain.name(i) == "makeup_db") return chain.values()[i];
  return 0;
}

report::GainReduction gain_reduction(const match::Pair& pair, const Channels& clone, double makeup) {
  report::GainReduction gain;
  const auto window = std::max<std::size_t>(1, std::lround(gain_window_seconds * pair.sample_rate));
  const double samples = static_cast<double>(window * pair.dry.size());
  double loudest = 0;
  for (std::size_t n = pair.scored_begin; n + window <= pair.scored_end; n += window)
    loudest = std::max(loudest, energy(pair.dry, n, n + window));
  const double quietest =
      std::max(loudest / std::pow(10, gain_range_db / 10), samples * std::pow(10, quietest_db / 10));
  for (std::size_t n = pair.scored_begin; n + window <= pair.scored_end; n += window) {
    const double dry = energy(pair.dry, n, n + window), wet = energy(pair.wet, n, n + window);
    const bool heard = dry > quietest;
    const auto level = [&](double of) { return heard ? 10 * std::log10(of / dry) - makeup : std::nan(""); };
    gain.time_s.push_back((static_cast<double>(n) + 0.5 * static_cast<double>(window)) / pair.sample_rate);
    gain.target_db.push_back(level(wet));
    gain.fit_db.push_back(level(energy(clone, n, n + window)));
  }
  return gain;
}

report::TransferCurve transfer_curve(const match::Pair& pair, const dsp::ChainSettings& chain) {
  report::TransferCurve curve;
  const dsp::BlockSettings* block = chain.compressor();
  for (double db = quietest_db; db <= 0; db += 0.25) {
    curve.input_db.push_back(db);
    curve.output_db.push_back(block ? dsp::static_curve(*block).output_db(db) : db);
  }
  const auto window = std::max<std::size_t>(1, std::lround(level_window_seconds * pair.sample_rate));
  const std::size_t windows = (pair.scored_end - pair.scored_begin) / window;
  const std::size_t stride =
      window * std::max<std::size_t>(1, (windows + measured_points - 1) / measured_points);
  for (std::size_t n = pair.scored_begin; n + window <= pair.scored_end; n += stride) {
    const double in = dsp::gain_to_db(std::max(peak(pair.dry, n, n + window), 1e-9));
    const double gain = energy(pair.wet, n, n + window) / energy(pair.dry, n, n + window);
    const double out = in + 10 * std::log10(std::max(gain, 1e-12));
    if (in < quietest_db) continue;
    curve.measured_input_db.push_back(in);
    curve.measured_output_db.push_back(out);
  }
  return curve;
}

std::vector<const float*> pointers(const Channels& channels, std::size_t from) {
  std::vector<const float*> list;
  for (const auto channel : channels) list.push_back(channel.data() + from);
  return list;
}

double loudness(const Channels& channels, const match::Pair& pair) {
  dsp::LoudnessMeter meter(pair.sample_rate, channels.size());
  meter.add_planar(pointers(channels, pair.scored_begin), pair.scored_end - pair.scored_begin);
  return meter.integrated_lufs();
}

double dynamic_range(const Channels& channels, const match::Pair& pair) {
  dsp::LoudnessDynamicRange meter(pair.sample_rate, channels.size());
  std::vector<float> block(4096 * channels.size());
  for (std::size_t from = pair.scored_begin; from < pair.scored_end; from += 4096) {
    const std::size_t count = std::min<std::size_t>(4096, pair.scored_end - from);
    for (std::size_t n = 0; n < count; ++n)
      for (std::size_t c = 0; c < channels.size(); ++c)
        block[n * channels.size() + c] = channels[c][from + n];
    meter.add_interleaved(std::span(block).first(count * channels.size()));
  }
  return meter.value_db();
}

/// The mean over the channels, of the minute in the middle: it costs more than all else together.
double stft_distance(const match::Pair& pair, const Channels& clone) {
  double sum = 0;
  const std::size_t scored = pair.scored_end - pair.scored_begin;
  const std::size_t count = std::min(scored, static_cast<std::size_t>(60 * pair.sample_rate));
  const std::size_t begin = pair.scored_begin + (scored - count) / 2;
  for (std::size_t c = 0; c < pair.wet.size(); ++c)
    sum += dsp::stft_distance(clone[c].subspan(begin, count), pair.wet[c].subspan(begin, count)).total();
  return sum / static_cast<double>(pair.wet.size());
}

/// The measures are independent of each other, and on long recordings take as long as the fit.
void measure(report::MatchReportData& data, const match::Pair& pair, const Channels& clone, double makeup,
             std::size_t threads) {
  const std::array<std::function<void()>, 8> tasks{
      [&] { data.stft_distance = stft_distance(pair, clone); },
      [&] { data.loudness_lufs.dry = loudness(pair.dry, pair); },
      [&] { data.loudness_lufs.wet = loudness(pair.wet, pair); },
      [&] { data.loudness_lufs.clone = loudness(clone, pair); },
      [&] { data.dynamic_range_lu.dry = dynamic_range(pair.dry, pair); },
      [&] { data.dynamic_range_lu.wet = dynamic_range(pair.wet, pair); },
      [&] { data.dynamic_range_lu.clone = dynamic_range(clone, pair); },
      [&] { data.gain_reduction = gain_reduction(pair, clone, makeup); }};
  parallel_for(tasks.size(), threads, [&](std::size_t i, std::size_t) { tasks[i](); });
}

std::string capitalised(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

Buffers excerpt(const Channels& channels, match::Part part, double gain) {
  Buffers out;
  for (std::size_t c = 0; c < std::min<std::size_t>(2, channels.size()); ++c) {
    out.emplace_back(channels[c].begin() + part.begin, channels[c].begin() + part.end);
    for (float& x : out.back()) x *= static_cast<float>(gain);
  }
  return out;
}

std::string flac(const Buffers& channels, double sample_rate, const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "excerpt.flac";
  data::write_audio(path, {sample_rate, channels}, data::SampleFormat::pcm16);
  std::ifstream file(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), {});
  std::filesystem::remove(path);
  return bytes;
}

} // namespace

report::MatchReportData match_report_data(const match::Pair& pair, const match::MatchResult& result,
                                          const Channels& clone, std::size_t threads) {
  report::MatchReportData data;
  data.model = dsp::to_string(result.chain);
  data.sample_rate = pair.sample_rate;
  data.audio_seconds = pair.seconds();
  for (const match::ParameterEstimate& p : result.parameters)
    data.parameters.push_back(
        {p.name, capitalised(p.label), p.value, p.unit, p.standard_error, p.determined, p.note});
  data.esr_before = result.esr_before;
  data.esr = result.esr;
  if (result.held_out)
    data.held_out =
        report::HeldOut{result.held_out->fitted_half_esr, result.held_out->other_half_esr,
                        result.held_out->second_fitted_half_esr, result.held_out->second_other_half_esr};
  measure(data, pair, clone, makeup_db(result.chain), threads);
  data.delay_samples = result.alignment.delay_samples;
  data.polarity_inverted = result.alignment.inverted;
  data.converged = result.converged;
  data.stop_reason = name_of(result.stop_reason);
  data.seconds = result.seconds;
  data.iterations = result.iterations;
  for (const match::IterationRecord& i : result.trace)
    data.convergence.push_back({i.iteration, i.esr, i.gradient_norm, i.step_length});
  for (const match::AutoCandidate& c : result.candidates)
    data.candidates.push_back(
        {c.stage, c.model, c.parameters, c.fitted_error, c.held_out_error, c.seconds, c.verdict});
  data.transfer = transfer_curve(pair, result.chain);
  data.warnings = result.warnings;
  return data;
}

void add_bootstrap(report::MatchReportData& data, const match::Pair& pair, const tools::MatchBootstrap& b,
                   const tools::MatchBootstrapOptions& options) {
  data.bootstrap =
      report::MatchBootstrapRun{options.draws, options.level, static_cast<int>(b.result.influence.rows()),
                                b.stretch_seconds, b.result.se_error};
  for (std::size_t k = 0; k < b.names.size(); ++k)
    for (report::MatchParameter& p : data.parameters)
      if (p.name == b.names[k]) {
        const auto j = static_cast<Eigen::Index>(k);
        p.bootstrap = {b.result.standard_error[j], b.result.low[j], b.result.high[j]};
      }
  for (const std::string& warning : b.result.warnings) data.warnings.push_back("bootstrap: " + warning);
  for (const Eigen::Index stretch : b.result.flagged) {
    const double begin = static_cast<double>(pair.scored_begin) / pair.sample_rate
                         + static_cast<double>(stretch) * b.stretch_seconds;
    data.warnings.push_back("bootstrap: more than a quarter of a parameter's variance comes from "
                            + report::format_fixed(begin, 2) + " s to "
                            + report::format_fixed(begin + b.stretch_seconds, 2) + " s");
  }
}

void add_attribution(report::MatchReportData& data, const std::vector<match::AttributedStretch>& stretches) {
  for (const match::AttributedStretch& s : stretches)
    data.attribution.push_back(
        {s.begin_seconds, s.end_seconds, s.loss_share, {s.shift.begin(), s.shift.end()}, s.pull});
}

std::vector<report::AudioClip> players(const match::Pair& pair, const Channels& clone,
                                       const std::filesystem::path& folder) {
  const match::Part part = match::loudest_part(pair, excerpt_seconds);
  // One gain for all, so that they compare; below 1 only where 16 bits would clip.
  const double highest = std::max({peak(pair.dry, part.begin, part.end), peak(pair.wet, part.begin, part.end),
                                   peak(clone, part.begin, part.end)});
  const double gain = highest > 0.999 ? 0.999 / highest : 1;
  Buffers difference = excerpt(clone, part, gain);
  const Buffers dry = excerpt(pair.dry, part, gain), wet = excerpt(pair.wet, part, gain), heard = difference;
  for (std::size_t c = 0; c < difference.size(); ++c)
    for (std::size_t n = 0; n < difference[c].size(); ++n)
      difference[c][n] = std::clamp(difference[c][n] - wet[c][n], -1.0f, 1.0f);

  std::string note = "from " + report::format_clock(static_cast<double>(part.begin) / pair.sample_rate);
  if (gain < 1) note += ", all " + report::format_fixed(-dsp::gain_to_db(gain), 1) + " dB down";
  std::vector<report::AudioClip> clips;
  const auto add = [&](const char* label, const Buffers& channels, const std::string& text) {
    clips.push_back({label, "audio/flac", flac(channels, pair.sample_rate, folder), text});
  };
  add("dry", dry, note);
  add("wet", wet, note);
  add("clone", heard, note);
  add("difference", difference, "clone - wet, as loud as it is");
  return clips;
}

} // namespace raphson::cli
