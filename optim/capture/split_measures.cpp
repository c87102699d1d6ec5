// What Splitter says of a take: levels, noise, clipping, crosstalk, and warnings of them.
#include "dsp/units.h"
#include "optim/capture/split.h"
#include "optim/report/text.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace raphson::optim::capture {
namespace {

using report::format_fixed;

constexpr double settle = 0.3; // of the silence: what went before rings on

double peak_of(std::span<const float> samples) {
  float peak = 0;
  for (const float x : samples) peak = std::max(peak, std::abs(x));
  return static_cast<double>(peak);
}

/// The silence of a take within its cut, settled.
std::span<const float> silence_of(const Plan& plan, std::size_t take, std::span<const float> wet) {
  for (const PlanPart& part : plan.parts) {
    if (part.take != take || part.kind != "noise_floor" || part.frame < plan.takes[take].begin) continue;
    const auto skipped = static_cast<std::size_t>(settle * static_cast<double>(part.frames));
    const std::size_t from = part.frame - plan.takes[take].begin + skipped;
    if (from + part.frames - skipped <= wet.size()) return wet.subspan(from, part.frames - skipped);
  }
  return {};
}

} // namespace

TakeChannel Splitter::measure(std::size_t channel, std::size_t take, std::span<const float> wet) const {
  const Timing& timing = timings_[channel];
  TakeChannel out;
  out.recorded_channel = options_.channels[channel];
  out.mark_snr_db = std::numeric_limits<double>::infinity();
  double amplitude = 0, sign = 0, count = 0;
  for (const FoundMark& mark : timing.found.marks) {
    const PlanMark& planned = plan_.marks[mark.index];
    if (planned.take != take) continue;
    amplitude += std::abs(mark.amplitude);
    sign += mark.amplitude;
    ++count;
    out.mark_snr_db = std::min(out.mark_snr_db, mark.snr_db);
    if (planned.role == MarkRole::begin) {
      const auto frame = static_cast<double>(planned.frame);
      out.delay_samples = timing.clock.position(take, frame) - frame;
    }
  }
  out.inverted = sign < 0;
  out.mark_gain_db = dsp::gain_to_db(amplitude / count);
  out.peak_dbfs = dsp::gain_to_db(peak_of(wet));
  out.noise = noise_floor(silence_of(plan_, take, wet), plan_.sample_rate);
  const double to_recorded = recorded_rate_ / plan_.sample_rate;
  const double from = to_recorded * timing.clock.position(take, static_cast<double>(plan_.takes[take].begin)),
               to = to_recorded * timing.clock.position(take, static_cast<double>(plan_.takes[take].end));
  out.clipping_dbfs = dsp::gain_to_db(static_cast<double>(clipped_[out.recorded_channel].level));
  for (const data::ClippedRun& run : clipped_[out.recorded_channel].runs)
    if (static_cast<double>(run.begin) >= from && static_cast<double>(run.begin) < to)
      out.clipped_samples += run.frames;
  measure_crosstalk(channel, take, out);
  return out;
}

void Splitter::measure_crosstalk(std::size_t channel, std::size_t take, TakeChannel& out) const {
  const Timing& timing = timings_[channel];
  // Of one channel, every mark is alone in it; of several, those that are meant to be.
  const auto mark =
      std::find_if(timing.found.marks.begin(), timing.found.marks.end(), [&](const FoundMark& m) {
        const PlanMark& planned = plan_.marks[m.index];
        return planned.take == take
               && planned.role == (plan_.channels > 1 ? MarkRole::channel : MarkRole::begin);
      });
  if (mark == timing.found.marks.end()) return;
  for (std::size_t other = 0; other < returned_.audio.channels.size(); ++other) {
    const auto& chosen = options_.channels;
    if (other == out.recorded_channel) continue;
    if (plan_.channels > 1 && std::find(chosen.begin(), chosen.end(), other) == chosen.end()) continue;
    const FoundMark leaked = measure_mark(plan_, mark->index, returned_.audio.channels[other], mark->position,
                                          timing.clock.stretch);
    out.crosstalk.push_back({other, dsp::gain_to_db(std::abs(leaked.amplitude / mark->amplitude))});
  }
}

void Splitter::warn_of(const TakeChannel& c, std::vector<std::string>& warnings) const {
  constexpr double quiet_below_peak_db = 40, loudest_crosstalk_db = -40, least_snr_db = 6,
                   largest_offset = 0.01;
  const std::string where =
      returned_.audio.channels.size() > 1 ? "channel " + std::to_string(c.recorded_channel + 1) + ": " : "";
  if (c.clipped_samples > 0 && c.clipping_dbfs > -0.01)
    warnings.push_back(where + std::to_string(c.clipped_samples)
                       + " samples are clipped: turn the input of the recorder down and record again, or the "
                         "match takes the clipping for the unit's own");
  else if (c.clipped_samples > 0)
    warnings.push_back(where + std::to_string(c.clipped_samples) + " samples lie flat at "
                       + format_fixed(c.clipping_dbfs, 1)
                       + " dBFS: the unit clips there, or what was before the recorder");
  if (c.noise.dbfs > c.peak_dbfs - quiet_below_peak_db)
    warnings.push_back(where + "the noise floor, " + format_fixed(c.noise.dbfs, 1) + " dBFS, is only "
                       + format_fixed(c.peak_dbfs - c.noise.dbfs, 0)
                       + " dB below the peak: raise the level into the recorder, or look for the noise");
  if (c.noise.hum_hz && c.noise.dbfs > -100)
    warnings.push_back(where + "the noise floor is mostly hum of " + format_fixed(*c.noise.hum_hz, 0)
                       + " Hz: look for a ground loop");
  if (std::abs(c.noise.offset) > largest_offset)
    warnings.push_back(where + "the recording has an offset (DC) of " + format_fixed(c.noise.offset, 3)
                       + " of full scale, which was taken off");
  if (c.mark_snr_db < least_snr_db)
    warnings.push_back(where + "the marks stand out by " + format_fixed(c.mark_snr_db, 1)
                       + " dB only: delay and drift are less certain than usual");
  if (plan_.channels > 1)
    for (const TakeChannel::Crosstalk& leak : c.crosstalk)
      if (leak.db > loudest_crosstalk_db)
        warnings.push_back(where + "it is heard in channel " + std::to_string(leak.recorded_channel + 1)
                           + " at " + format_fixed(leak.db, 1)
                           + " dB: look at the cables, or the unit mixes its channels");
}

} // namespace raphson::optim::capture
