#include "optim/match/stretches.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::match {

Stretches stretches_of(const Pair& pair, double release_ms) {
  const double seconds = static_cast<double>(pair.scored_end - pair.scored_begin) / pair.sample_rate;
  const auto count = static_cast<std::size_t>(std::clamp(std::round(seconds / 0.25), 32.0, 128.0));
  const auto settle =
      static_cast<std::size_t>(std::max(0.05, settling_seconds(release_ms)) * pair.sample_rate);
  const auto bound = [&](std::size_t k) {
    return pair.scored_begin + (pair.scored_end - pair.scored_begin) * k / count;
  };
  Stretches s{{}, {}, seconds / static_cast<double>(count)};
  for (std::size_t k = 0; k < count; ++k)
    for (std::size_t channel = 0; channel < pair.dry.size(); ++channel) {
      const std::size_t from = bound(k), start = from > settle ? from - settle : 0;
      s.chunks.push_back({pair.dry[channel].data() + start, pair.wet[channel].data() + start,
                          bound(k + 1) - start, from - start});
      s.number.push_back(static_cast<int>(k));
    }
  return s;
}

} // namespace raphson::optim::match
