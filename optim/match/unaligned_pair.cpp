#include "optim/match/unaligned_pair.h"

#include "dsp/chain/processor.h"
#include "optim/data/fractional_delay.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::match {
namespace {

/// A delay is a whole one, by which samples move, and at most half a sample that filters them.
struct Delay {
  std::ptrdiff_t whole;
  double fraction;    ///< that is left to take off
  std::size_t margin; ///< samples at either end that the filter cannot know

  explicit Delay(double samples)
      : whole(static_cast<std::ptrdiff_t>(std::clamp(std::round(samples), -1e15, 1e15))),
        fraction(std::round(samples) - samples), margin(fraction == 0 ? 0 : data::fractional_delay_reach) {}
};

std::size_t channel_count(const data::Audio& dry, const data::Audio& wet) {
  return std::max(dry.channels.size(), wet.channels.size());
}

const std::vector<float>& channel_of(const data::Audio& audio, std::size_t channel) {
  return audio.channels[std::min(channel, audio.channels.size() - 1)];
}

std::vector<std::span<const float>> views(const data::Audio& audio, std::size_t channels) {
  std::vector<std::span<const float>> list;
  for (std::size_t c = 0; c < channels; ++c) list.emplace_back(channel_of(audio, c));
  return list;
}

Pair layout_of(const data::Audio& dry, const data::Audio& wet, double delay) {
  Pair pair;
  pair.sample_rate = dry.sample_rate;
  pair.dry = views(dry, channel_count(dry, wet));
  const auto frames = static_cast<double>(dry.frames()), wet_frames = static_cast<double>(wet.frames());
  const double begin = std::clamp(std::ceil(-delay), 0.0, frames);
  const double end = std::clamp(std::floor(wet_frames - delay), begin, frames);
  const std::size_t margin = Delay(delay).margin;
  pair.scored_begin = static_cast<std::size_t>(begin) + margin;
  pair.scored_end = std::max(static_cast<std::size_t>(end), pair.scored_begin + margin) - margin;
  return pair;
}

void invert(std::span<float> x) {
  for (float& sample : x) sample = -sample;
}

/// x[n] becomes x[n + delay], silence where that is before its start; `frames` at most.
void advance(std::vector<float>& x, std::ptrdiff_t delay, std::size_t frames) {
  if (delay >= 0) {
    x.erase(x.begin(), x.begin() + std::min(delay, std::ssize(x)));
    x.resize(std::min(x.size(), frames));
    return;
  }
  const std::size_t length = std::min(frames, x.size() + static_cast<std::size_t>(-delay));
  x.reserve(length); // resize() alone might take twice the memory
  x.resize(length);
  std::shift_right(x.begin(), x.end(), -delay);
  std::fill_n(x.begin(), std::min(-delay, std::ssize(x)), 0.0f);
}

double energy(std::span<const float> x, std::size_t begin, std::size_t end) {
  double sum = 0;
  for (std::size_t n = begin; n < end; n += 7) sum += double(x[n]) * double(x[n]);
  return sum;
}

std::vector<ChunkRange> representative(const Pair& layout, std::vector<ChunkRange> ranges) {
  constexpr std::size_t enough = 8;
  if (ranges.size() <= enough) return ranges;
  std::vector<std::pair<double, std::size_t>> order; // loudest first
  for (std::size_t i = 0; i < ranges.size(); ++i)
    order.push_back({-energy(layout.dry[ranges[i].channel], ranges[i].begin, ranges[i].end), i});
  std::sort(order.begin(), order.end());
  std::vector<ChunkRange> chosen;
  for (std::size_t k = 0; k < enough; ++k)
    chosen.push_back(ranges[order[k * (ranges.size() / 2) / enough].second]);
  return chosen;
}

/// Frames of the dry recording.
struct Window {
  std::size_t begin, end;
};

/// The loudest 15 seconds of what is scored.
Window loudest_window(const Pair& layout) {
  constexpr double seconds = 15;
  const auto length = static_cast<std::size_t>(seconds * layout.sample_rate);
  std::size_t begin = layout.scored_begin;
  const std::size_t count = std::min(length, layout.scored_end - layout.scored_begin);
  for (std::size_t from = begin; from + count <= layout.scored_end; from += count)
    if (energy(layout.dry[0], from, from + count) > energy(layout.dry[0], begin, begin + count)) begin = from;
  return {begin, begin + count};
}

/// The chain's output over the window, from 3 seconds before on.
std::vector<double> output_of(const dsp::ChainSettings& chain, const Pair& layout, const Window& window) {
  constexpr double settle_seconds = 3;
  const auto settle = static_cast<std::size_t>(settle_seconds * layout.sample_rate);
  const std::size_t from = window.begin > settle ? window.begin - settle : 0;
  const auto dry = layout.dry[0].subspan(from, window.end - from);
  std::vector<double> output(dry.begin(), dry.end());
  if (!chain.blocks.empty()) dsp::ChainProcessor(chain, layout.sample_rate).process(dry, output);
  output.erase(output.begin(), output.begin() + static_cast<std::ptrdiff_t>(window.begin - from));
  return output;
}

} // namespace

UnalignedPair::UnalignedPair(const data::Audio& dry, const data::Audio& wet, const Alignment& alignment)
    : dry_(dry), wet_(wet), alignment_(alignment), layout_(layout_of(dry, wet, alignment.delay_samples)) {}

void UnalignedPair::set_delay(double delay_samples) {
  alignment_.delay_samples = delay_samples;
  layout_ = layout_of(dry_, wet_, delay_samples);
}

std::vector<float> UnalignedPair::aligned_wet(std::size_t channel, std::size_t begin, std::size_t end) const {
  const Delay delay(alignment_.delay_samples);
  const std::vector<float>& source = channel_of(wet_, channel);
  // As frames of the dry recording: what the filter reads, and which of it there is.
  const auto margin = static_cast<std::ptrdiff_t>(delay.margin);
  const auto first = static_cast<std::ptrdiff_t>(begin) - margin;
  const auto last = static_cast<std::ptrdiff_t>(end) + margin;
  const std::ptrdiff_t from = std::max({first, std::ptrdiff_t{0}, -delay.whole});
  const std::ptrdiff_t to = std::min({last, std::ssize(layout_.dry[0]), std::ssize(source) - delay.whole});
  std::vector<float> wet(static_cast<std::size_t>(last - first));
  if (from < to) std::copy_n(source.begin() + from + delay.whole, to - from, wet.begin() + (from - first));
  data::delay_by_fraction(wet, delay.fraction);
  wet.erase(wet.begin(), wet.begin() + margin);
  wet.resize(end - begin);
  if (alignment_.inverted) invert(wet);
  return wet;
}

Excerpt::Excerpt(const UnalignedPair& pair, const ChunkOptions& options) {
  const Pair& layout = pair.layout();
  for (const ChunkRange& r : representative(layout, chunk_ranges(layout, options))) {
    wet_.push_back(pair.aligned_wet(r.channel, r.begin, r.end));
    chunks_.push_back({layout.dry[r.channel].data() + r.begin, wet_.back().data(), r.end - r.begin,
                       r.first_scored - r.begin});
  }
}

double remaining_delay(const UnalignedPair& pair, const dsp::ChainSettings& chain) {
  const Window window = loudest_window(pair.layout());
  return fractional_delay_between(output_of(chain, pair.layout(), window),
                                  pair.aligned_wet(0, window.begin, window.end));
}

double causal_delay(const UnalignedPair& pair, const dsp::ChainSettings& head) {
  UnalignedPair whole = pair; // aligned to the sample, where nothing is interpolated
  const auto late = static_cast<std::ptrdiff_t>(std::ceil(pair.alignment().delay_samples));
  whole.set_delay(static_cast<double>(late));
  const Window window = loudest_window(whole.layout());
  const std::vector<float> wet = whole.aligned_wet(0, window.begin, window.end);
  const std::ptrdiff_t shift =
      causal_delay(output_of(head, whole.layout(), window), std::vector<double>(wet.begin(), wet.end()), 0,
                   lowest_causal_delay(late) - late);
  return static_cast<double>(late + shift);
}

Pair align_in_place(const data::Audio& dry, data::Audio& wet, const Alignment& alignment) {
  Pair pair = layout_of(dry, wet, alignment.delay_samples);
  const Delay delay(alignment.delay_samples);
  for (std::vector<float>& channel : wet.channels) {
    advance(channel, delay.whole, dry.frames());
    data::delay_by_fraction(channel, delay.fraction);
    if (alignment.inverted) invert(channel);
  }
  pair.wet = views(wet, pair.dry.size());
  return pair;
}

Pair pair_of(const data::Audio& dry, const data::Audio& wet, std::size_t scored_begin,
             std::size_t scored_end) {
  const std::size_t channels = channel_count(dry, wet);
  return {views(dry, channels), views(wet, channels), dry.sample_rate, scored_begin, scored_end};
}

} // namespace raphson::optim::match
