#include "optim/capture/signal.h"

#include "dsp/error.h"
#include "dsp/units.h"
#include "optim/capture/mark.h"
#include "optim/capture/sounds.h"
#include "optim/data/resample.h"
#include "optim/report/text.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace raphson::optim::capture {
namespace {

constexpr double tone_hz = 997; // of no simple ratio to a sample rate, as AES17 has it
constexpr double mark_below_db = 12, steps_range_db = 30;
constexpr double lead_seconds = 1, before_mark_seconds = 0.4, after_mark_seconds = 0.5;
constexpr int step_levels = 6, burst_count = 7;

void check(const SignalOptions& o) {
  const auto within = [](const char* option, double value, double low, double high, const char* unit) {
    if (value >= low && value <= high) return;
    throw InputError(std::string(option) + ": " + report::format_significant(value, 9) + " is outside "
                     + report::format_significant(low, 9) + " to " + report::format_significant(high, 9) + " "
                     + unit);
  };
  within("--rate", o.sample_rate, 8000, 384000, "Hz");
  if (o.sample_rate != std::round(o.sample_rate)) throw InputError("--rate: it must be a whole number of Hz");
  within("--channels", static_cast<double>(o.channels), 1, 64, "channels");
  within("--settings", static_cast<double>(o.takes), 1, static_cast<double>(most_takes), "takes");
  within("--length", o.take_seconds, shortest_take_seconds, longest_take_seconds, "seconds");
  within("--pause", o.pause_seconds, 0, 3600, "seconds");
  within("--level", o.loudest_dbfs, -40, 0, "dBFS");
  within("--lowest", o.lowest_dbfs, -120, o.loudest_dbfs - 10, "dBFS, 10 dB below --level");
  within("--sweep-level", o.sweep_dbfs, -120, o.loudest_dbfs, "dBFS, --level");
}

std::size_t marks_per_take(const SignalOptions& o, std::size_t appended) {
  return 6 + appended + (o.channels > 1 ? o.channels : 0);
}

/// What the marks leave of a take.
double free_seconds(const SignalOptions& o) {
  return o.take_seconds
         - static_cast<double>(marks_per_take(o, 0))
               * (MarkSound::seconds + before_mark_seconds + after_mark_seconds);
}

void check_size(const SignalOptions& o, const std::vector<Appended>& appended) {
  if (const double free = free_seconds(o); free < 4)
    throw InputError("--length: " + report::format_significant(o.take_seconds, 6) + " s leave no room beside "
                     + std::to_string(marks_per_take(o, 0)) + " marks; give "
                     + report::format_significant(std::ceil(o.take_seconds - free + 6), 6) + " or more");
  if (o.takes * marks_per_take(o, appended.size()) > mark_numbers)
    throw InputError("--settings: so many takes, channels and recordings need more than the "
                     + std::to_string(mark_numbers) + " marks there are; write several signals");
  double seconds = o.take_seconds + o.pause_seconds;
  for (const Appended& recording : appended)
    seconds += static_cast<double>(recording.audio.frames()) / recording.audio.sample_rate;
  constexpr double most_samples = 1 << 30;
  if (seconds * o.sample_rate * static_cast<double>(o.takes * o.channels) > most_samples)
    throw InputError("--settings: " + std::to_string(o.takes) + " takes of " + report::format_clock(seconds)
                     + " are more than 4 GiB of samples; write several signals");
}

class Builder {
public:
  Builder(const SignalOptions& options, const std::vector<Appended>& appended)
      : o_(options), appended_(appended), channels_(options.channels) {
    plan_.sample_rate = o_.sample_rate;
    plan_.channels = o_.channels;
    plan_.seed = o_.seed;
    plan_.mark_dbfs = o_.loudest_dbfs - mark_below_db;
    plan_.id = static_cast<unsigned>(RandomStream(o_.seed, "plan id " + fingerprint()).index(mark_plans));
  }

  Signal build() {
    silence(lead_seconds);
    for (std::size_t take = 0; take < o_.takes; ++take) {
      if (take > 0) silence(o_.pause_seconds);
      add_take(take);
    }
    silence(lead_seconds);
    plan_.frames = frames();
    return {{o_.sample_rate, std::move(channels_)}, std::move(plan_)};
  }

private:
  /// Other marks for other options, so that the recording of one plan is not split by another.
  std::string fingerprint() const {
    std::string text;
    for (const double value :
         {o_.sample_rate, static_cast<double>(o_.channels), static_cast<double>(o_.takes), o_.take_seconds,
          o_.pause_seconds, o_.loudest_dbfs, o_.lowest_dbfs, o_.sweep_dbfs})
      text += report::format_exact(value) + " ";
    for (const Appended& file : appended_) text += file.name + " ";
    return text;
  }

  std::size_t frames() const { return channels_.front().size(); }
  std::size_t samples(double seconds) const {
    return static_cast<std::size_t>(std::lround(seconds * o_.sample_rate));
  }
  void silence(double seconds) {
    for (auto& channel : channels_) channel.resize(channel.size() + samples(seconds));
  }
  void add(const std::vector<double>& sound, std::optional<std::size_t> alone = {}) {
    for (std::size_t c = 0; c < channels_.size(); ++c)
      for (const double x : sound)
        channels_[c].push_back(alone && *alone != c ? 0.0f : static_cast<float>(x));
  }

  void mark(MarkRole role, std::optional<std::size_t> channel = {}) {
    silence(before_mark_seconds);
    const auto number = static_cast<unsigned>(plan_.marks.size());
    plan_.marks.push_back({number, take_, role, frames(), channel});
    std::vector<double> sound = mark_samples({number, plan_.id}, o_.sample_rate);
    for (double& x : sound) x *= dsp::db_to_gain(plan_.mark_dbfs);
    add(sound, channel);
    silence(after_mark_seconds);
  }

  PlanPart& part(const char* kind, const char* identifies, const std::vector<double>& sound,
                 std::optional<double> lowest, std::optional<double> loudest) {
    plan_.parts.push_back({take_, kind, frames(), sound.size(), lowest, loudest, identifies, ""});
    add(sound);
    return plan_.parts.back();
  }

  void add_take(std::size_t take) {
    take_ = take;
    const std::size_t begin = frames();
    // What the marks leave of the take is shared out among the parts.
    const double free = free_seconds(o_);
    mark(MarkRole::begin);
    noise_floor(0.06 * free);
    if (o_.channels > 1)
      for (std::size_t c = 0; c < o_.channels; ++c) mark(MarkRole::channel, c);
    sweep(0.1 * free);
    mark(MarkRole::between);
    steps(0.2 * free);
    mark(MarkRole::between);
    bursts(0.17 * free);
    mark(MarkRole::between);
    ramp(0.17 * free);
    mark(MarkRole::between);
    programme(0.3 * free);
    for (const Appended& recording : appended_) {
      mark(MarkRole::between);
      append(recording);
    }
    mark(MarkRole::end);
    plan_.takes.push_back({begin, frames()});
  }

  void noise_floor(double seconds) {
    part("noise_floor", "noise floor and hum", std::vector<double>(samples(seconds)), {}, {});
  }

  void sweep(double seconds) {
    std::vector<double> sound =
        log_sweep(samples(0.85 * seconds), o_.sample_rate, 20, highest_hz(o_.sample_rate));
    set_peak(sound, o_.sweep_dbfs);
    sound.resize(samples(seconds)); // the response may ring on
    part("sweep", "linear frequency response and gain, below the threshold", sound, {}, o_.sweep_dbfs);
  }

  void steps(double seconds) {
    const double half = seconds / (2 * step_levels), low = o_.loudest_dbfs - steps_range_db;
    std::vector<LevelPoint> levels{{0, low}};
    for (int i = 0; i < step_levels; ++i) {
      const double up = (2 * i + 1) * half;
      const double high = o_.loudest_dbfs - steps_range_db * (1 - (i + 1.0) / step_levels);
      levels.insert(levels.end(), {{up, low}, {up, high}, {up + half, high}, {up + half, low}});
    }
    part("steps", "threshold, ratio, attack and release",
         tone(samples(seconds), o_.sample_rate, tone_hz, levels), low, o_.loudest_dbfs);
  }

  void bursts(double seconds) {
    const double factor = std::sqrt(10.0), longest = 0.15 * seconds, low = o_.loudest_dbfs - steps_range_db;
    double total = 0;
    for (int i = 0; i < burst_count; ++i) total += longest * std::pow(factor, -i);
    const double gap = (seconds - total) / (burst_count + 1);
    std::vector<LevelPoint> levels{{0, low}};
    double at = gap;
    for (int i = burst_count - 1; i >= 0; --i) {
      const double length = longest * std::pow(factor, -i);
      levels.insert(levels.end(),
                    {{at, low}, {at, o_.loudest_dbfs}, {at + length, o_.loudest_dbfs}, {at + length, low}});
      at += length + gap;
    }
    part("bursts", "attack, and release after short and long bursts",
         tone(samples(seconds), o_.sample_rate, tone_hz, levels), low, o_.loudest_dbfs);
  }

  void ramp(double seconds) {
    const LevelPoint levels[] = {
        {0, o_.lowest_dbfs}, {seconds / 2, o_.loudest_dbfs}, {seconds, o_.lowest_dbfs}};
    part("ramp", "static curve: threshold, ratio and knee",
         tone(samples(seconds), o_.sample_rate, tone_hz, levels), o_.lowest_dbfs, o_.loudest_dbfs);
  }

  /// The same in every take, so that takes differ by the unit's setting alone.
  void programme(double seconds) {
    RandomStream noise(o_.seed, "programme noise"), speech(o_.seed, "programme envelope");
    std::vector<double> sound = pink_noise(samples(seconds), o_.sample_rate, noise);
    const std::vector<double> envelope = speech_envelope(sound.size(), o_.sample_rate, speech);
    for (std::size_t n = 0; n < sound.size(); ++n) sound[n] *= envelope[n];
    set_peak(sound, o_.loudest_dbfs);
    part("programme", "all parameters together, as music and speech ask for them", sound, {},
         o_.loudest_dbfs);
  }

  void append(const Appended& recording) {
    const std::size_t count = recording.audio.channels.size();
    if (count != 1 && count != o_.channels)
      throw InputError(recording.name + " has " + std::to_string(count) + " channels and the signal "
                       + std::to_string(o_.channels) + ": give --channels " + std::to_string(count)
                       + ", or a mono recording, which plays in all");
    const data::Audio audio = data::resample(recording.audio, o_.sample_rate);
    float peak = 0;
    for (const auto& channel : audio.channels)
      for (const float x : channel) peak = std::max(peak, std::abs(x));
    std::optional<double> loudest;
    if (peak > 0) loudest = dsp::gain_to_db(static_cast<double>(peak));
    plan_.parts.push_back(
        {take_, "recording", frames(), audio.frames(), {}, loudest, "what you play it for", recording.name});
    for (std::size_t c = 0; c < channels_.size(); ++c) {
      const auto& from = audio.channels[count == 1 ? 0 : c];
      channels_[c].insert(channels_[c].end(), from.begin(), from.end());
    }
  }

  const SignalOptions& o_;
  const std::vector<Appended>& appended_;
  std::vector<std::vector<float>> channels_;
  Plan plan_;
  std::size_t take_ = 0;
};

} // namespace

Signal make_signal(const SignalOptions& options, const std::vector<Appended>& appended) {
  check(options);
  check_size(options, appended);
  return Builder(options, appended).build();
}

} // namespace raphson::optim::capture
