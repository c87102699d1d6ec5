#include "optim/capture/split.h"

#include "dsp/error.h"
#include "dsp/units.h"
#include "optim/data/fractional_delay.h"
#include "optim/data/resample.h"
#include "optim/report/text.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace raphson::optim::capture {
namespace {

using report::format_fixed;
using report::format_significant;

std::string channel_name(std::size_t channel) { return "channel " + std::to_string(channel + 1); }

std::string count_of(std::size_t count, const char* thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

/// The first few of them.
std::string list(const Plan& plan, const std::vector<std::size_t>& marks) {
  constexpr std::size_t most = 4;
  std::string text;
  for (std::size_t i = 0; i < std::min(most, marks.size()); ++i)
    text += (i ? ", " : "") + describe(plan, plan.marks[marks[i]]);
  return text + (marks.size() > most ? " and " + std::to_string(marks.size() - most) + " more" : "");
}

/// Where to look for clipping: at full scale, or where the recording's own peak is, if that is another: a
/// recorder may clip below full scale, and floats go beyond.
float clipping_level(std::span<const float> samples) {
  float peak = 0;
  for (const float x : samples) peak = std::max(peak, std::abs(x));
  return peak < 0.1f || (peak >= data::full_scale && peak <= 1) ? data::full_scale : peak * (1 - 1e-6f);
}

/// Polarity, and an offset that is the recorder's: no match could explain either.
void put_right(std::vector<float>& wet, const TakeChannel& measured) {
  constexpr double least_offset = 1e-4; // below, the samples are better left as they are
  const double offset = std::abs(measured.noise.offset) > least_offset ? measured.noise.offset : 0;
  if (offset != 0)
    for (float& x : wet) x = static_cast<float>(static_cast<double>(x) - offset);
  if (measured.inverted)
    for (float& x : wet) x = -x;
}

} // namespace

Splitter::Splitter(Plan plan, Recording played, Recording returned, SplitOptions options,
                   const Progress& progress)
    : plan_(std::move(plan)), played_(std::move(played)), returned_(std::move(returned)),
      options_(std::move(options)) {
  check_played();
  choose_channels();
  for (const auto& samples : returned_.audio.channels) {
    const float level = clipping_level(samples);
    clipped_.push_back({level, data::clipped_runs(samples, level)});
  }
  bring_to_rate();
  for (std::size_t c = 0; c < plan_.channels; ++c) {
    const std::string name =
        returned_.file
        + (returned_.audio.channels.size() > 1 ? ", " + channel_name(options_.channels[c]) : "");
    const double share = 1.0 / static_cast<double>(plan_.channels);
    timings_.push_back(find_timing(plan_, recorded(c), c, name, [&](double fraction) {
      if (progress) progress("marks", share * (static_cast<double>(c) + fraction));
    }));
  }
  find_takes();
  warn_of_uneven_clock();
}

double Splitter::drift_ppm() const {
  double sum = 0;
  for (const Timing& timing : timings_) sum += timing.clock.drift_ppm();
  return sum / static_cast<double>(timings_.size());
}

void Splitter::check_played() const {
  const data::Audio& audio = played_.audio;
  if (audio.sample_rate != plan_.sample_rate || audio.channels.size() != plan_.channels
      || audio.frames() != plan_.frames || checksum(audio.channels) != plan_.checksum)
    throw InputError(played_.file
                     + ": it is not the file that the plan was written with, or has changed since");
}

void Splitter::choose_channels() {
  const std::size_t there = returned_.audio.channels.size();
  if (options_.channels.empty() && there == plan_.channels)
    for (std::size_t c = 0; c < there; ++c) options_.channels.push_back(c);
  const std::string holds = returned_.file + " holds " + count_of(there, "channel");
  for (const std::size_t c : options_.channels)
    if (c >= there) throw InputError("--channel: there is no " + channel_name(c) + ", " + holds);
  if (options_.channels.empty() && there > plan_.channels) {
    const data::Audio at_rate = data::resample(returned_.audio, plan_.sample_rate);
    std::string marked;
    for (std::size_t c = 0; c < there; ++c)
      if (!find_marks(plan_, at_rate.channels[c]).marks.empty())
        marked += (marked.empty() ? "" : ", ") + std::to_string(c + 1);
    throw InputError(holds + " and the plan has " + count_of(plan_.channels, "channel")
                     + ": say by --channel which to take; marks are in "
                     + (marked.empty() ? "none" : marked));
  }
  if (options_.channels.empty())
    throw InputError(holds + " and the plan has " + count_of(plan_.channels, "channel")
                     + ": record all of them, or write a signal of --channels " + std::to_string(there));
  if (options_.channels.size() != plan_.channels)
    throw InputError("--channel: " + count_of(options_.channels.size(), "channel")
                     + " given, and the plan has " + std::to_string(plan_.channels));
}

void Splitter::bring_to_rate() {
  recorded_rate_ = returned_.audio.sample_rate;
  if (recorded_rate_ == plan_.sample_rate) return;
  returned_.audio = data::resample(returned_.audio, plan_.sample_rate);
  warnings_.push_back(returned_.file + " was resampled from " + format_significant(recorded_rate_, 9)
                      + " Hz to " + format_significant(plan_.sample_rate, 9) + " Hz, the plan's rate");
}

void Splitter::find_takes() {
  std::vector<std::size_t> missing, missing_ends;
  std::vector<bool> whole(plan_.takes.size(), true);
  std::set<std::size_t> repeated;
  for (std::size_t i = 0; i < plan_.marks.size(); ++i) {
    const PlanMark& mark = plan_.marks[i];
    bool everywhere = true;
    for (std::size_t c = 0; c < plan_.channels; ++c) {
      if (mark.channel && *mark.channel != c) continue;
      const auto& found = timings_[c].found;
      everywhere = everywhere && std::any_of(found.marks.begin(), found.marks.end(), [&](const FoundMark& m) {
                     return m.index == i;
                   });
      if (found.repeated.count(i)) repeated.insert(i);
    }
    if (everywhere) continue;
    missing.push_back(i);
    if (mark.role != MarkRole::begin && mark.role != MarkRole::end) continue;
    missing_ends.push_back(i);
    whole[mark.take] = false;
  }
  for (std::size_t take = 0; take < whole.size(); ++take)
    if (whole[take]) takes_.push_back(take);
  const std::string are_missing = missing.size() == 1 ? " is missing" : " are missing";
  if (!missing_ends.empty() && (takes_.empty() || !options_.partial))
    throw InputError(returned_.file + ": the recording is cut short or has holes: " + list(plan_, missing)
                     + are_missing + "; record it from before the first mark to after the last"
                     + (takes_.empty() ? "" : ", or cut what is whole by --partial"));
  if (!missing.empty()) warnings_.push_back(list(plan_, missing) + are_missing);
  if (!repeated.empty())
    warnings_.push_back(describe(plan_, plan_.marks[*repeated.begin()])
                        + (repeated.size() > 1 ? " and others were" : " was")
                        + " recorded more than once: the last time counts");
}

void Splitter::warn_of_uneven_clock() {
  for (const Timing& timing : timings_) {
    const auto& residuals = timing.clock.residuals;
    for (std::size_t i = 1; i < residuals.size(); ++i) {
      const PlanMark &a = plan_.marks[residuals[i - 1].mark], &b = plan_.marks[residuals[i].mark];
      const double jump = residuals[i].samples - residuals[i - 1].samples;
      if (a.take != b.take || std::abs(jump) <= uneven_samples) continue;
      warnings_.push_back("between " + describe(plan_, a) + " and " + describe(plan_, b) + " the recording "
                          + (jump < 0 ? "lost " : "gained ") + format_significant(std::abs(jump), 4)
                          + " samples: audio dropped out or the speed varied; record take "
                          + std::to_string(a.take + 1) + " again, with a larger audio buffer");
    }
  }
}

std::vector<float> Splitter::cut_channel(std::size_t channel, std::size_t take) const {
  // As far as a resampler's kernel reaches, and some more.
  constexpr double margin = 4096;
  const Clock& clock = timings_[channel].clock;
  const auto [begin, end] = plan_.takes[take];
  const auto frames = static_cast<double>(end - begin);
  const double middle = 0.5 * static_cast<double>(begin + end);
  // A drift that no sample of the take would notice is none: one clock then leaves samples as they are.
  const double stretch = std::abs(clock.stretch - 1) * frames < 0.002 ? 1 : clock.stretch;
  const auto position = [&](double frame) {
    return clock.position(take, middle) + stretch * (frame - middle);
  };

  const double first = std::floor(position(static_cast<double>(begin)) - margin);
  const auto count = static_cast<std::size_t>(stretch * frames + 2 * margin + 2);
  const std::span<const float> samples = recorded(channel);
  data::Audio part{plan_.sample_rate * stretch, {std::vector<float>(count)}};
  for (std::size_t i = 0; i < count; ++i) {
    const double at = first + static_cast<double>(i);
    if (at >= 0 && at < static_cast<double>(samples.size()))
      part.channels[0][i] = samples[static_cast<std::size_t>(at)];
  }
  if (stretch != 1) part = data::resample(part, plan_.sample_rate);

  const double start = (position(static_cast<double>(begin)) - first) / stretch; // of the take, in the part
  const double whole = std::round(start);
  const double fraction = std::abs(start - whole) < 0.0005 ? 0 : start - whole;
  std::vector<float> moved = data::fractional_delay(part.channels[0], -fraction);
  const auto from = moved.begin() + static_cast<std::ptrdiff_t>(whole);
  return {from, from + static_cast<std::ptrdiff_t>(end - begin)};
}

TakePair Splitter::cut(std::size_t take) const {
  const auto [begin, end] = plan_.takes[take];
  TakePair pair;
  pair.take = take;
  pair.dry.sample_rate = pair.wet.sample_rate = plan_.sample_rate;
  for (std::size_t c = 0; c < plan_.channels; ++c) {
    const auto& played = played_.audio.channels[c];
    pair.dry.channels.emplace_back(played.begin() + static_cast<std::ptrdiff_t>(begin),
                                   played.begin() + static_cast<std::ptrdiff_t>(end));
    std::vector<float> wet = cut_channel(c, take);
    TakeChannel measured = measure(c, take, wet);
    put_right(wet, measured);
    pair.wet.channels.push_back(std::move(wet));
    warn_of(measured, pair.warnings);
    pair.channels.push_back(std::move(measured));
  }
  for (const TakeChannel& c : pair.channels) {
    const TakeChannel& first = pair.channels.front();
    if (c.inverted != first.inverted)
      pair.warnings.push_back(channel_name(c.recorded_channel) + " is upside down against "
                              + channel_name(first.recorded_channel)
                              + ": look at the cables; both were put right");
    if (std::abs(c.delay_samples - first.delay_samples) > uneven_samples)
      pair.warnings.push_back(channel_name(c.recorded_channel) + " comes "
                              + format_significant(std::abs(c.delay_samples - first.delay_samples), 4)
                              + " samples " + (c.delay_samples > first.delay_samples ? "later" : "earlier")
                              + " than " + channel_name(first.recorded_channel) + "; both were put right");
  }
  return pair;
}

} // namespace raphson::optim::capture
