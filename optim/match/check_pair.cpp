#include "optim/match/check_pair.h"

#include "dsp/error.h"
#include "optim/data/clipping.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace raphson::optim::match {
namespace {

template <class... Values> std::string format(const char* pattern, Values... values) {
  char text[256];
  std::snprintf(text, sizeof text, pattern, values...);
  return text;
}

float peak(const data::Audio& audio) {
  float highest = 0;
  for (const auto& channel : audio.channels)
    for (const float x : channel) highest = std::max(highest, std::abs(x));
  return highest;
}

std::size_t clipped_samples(const data::Audio& audio) {
  std::size_t clipped = 0;
  for (const auto& channel : audio.channels) clipped += data::clipped_samples(channel);
  return clipped;
}

void check_one(const data::Audio& audio, const char* which) {
  const double seconds = static_cast<double>(audio.frames()) / audio.sample_rate;
  if (seconds < shortest_seconds)
    throw InputError(format("the %s recording lasts %.2f s: a match needs at least %.1f s", which, seconds,
                            shortest_seconds));
  if (peak(audio) < 1e-5f)
    throw InputError(format("the %s recording is silent: its peak is below -100 dBFS", which));
}

} // namespace

std::vector<std::string> check_recordings(const data::Audio& dry, const data::Audio& wet) {
  if (dry.sample_rate != wet.sample_rate)
    throw InputError(
        format("the dry recording has %g samples a second and the wet one %g: resample one of them",
               dry.sample_rate, wet.sample_rate));
  check_one(dry, "dry");
  check_one(wet, "wet");
  const std::size_t a = dry.channels.size(), b = wet.channels.size();
  if (a != b && a != 1 && b != 1)
    throw InputError(format(
        "the dry recording has %zu channels and the wet one %zu: they must be as many, or one of them mono",
        a, b));

  std::vector<std::string> warnings;
  for (const auto& [audio, which] : {std::pair{&dry, "dry"}, std::pair{&wet, "wet"}})
    if (const std::size_t clipped = clipped_samples(*audio); clipped > 0)
      warnings.push_back(
          format("the %s recording is clipped in %zu samples: the fit takes the clipping for the unit's own",
                 which, clipped));
  const double difference =
      std::abs(static_cast<double>(dry.frames()) - static_cast<double>(wet.frames())) / dry.sample_rate;
  if (difference > 0.001)
    warnings.push_back(
        format("the recordings differ in length by %.3f s: only what both have is compared", difference));
  return warnings;
}

void check_related(const Alignment& alignment) {
  constexpr double least_correlation =
      0.25; // heavy limiting of drums leaves above 0.5, unrelated music below 0.1
  if (alignment.correlation < least_correlation)
    throw InputError(
        format("the recordings seem unrelated: their correlation is %.3f at best (within +-1.6 s), and a wet "
               "recording of the dry one has more than %.2f",
               alignment.correlation, least_correlation));
}

void check_overlap(const Pair& layout) {
  const double seconds = static_cast<double>(layout.scored_end - layout.scored_begin) / layout.sample_rate;
  if (seconds < shortest_seconds)
    throw InputError(format("the recordings overlap by %.2f s after alignment: a match needs at least %.1f s",
                            seconds, shortest_seconds));
}

} // namespace raphson::optim::match
