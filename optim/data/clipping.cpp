#include "optim/data/clipping.h"

#include <cmath>

namespace raphson::optim::data {

std::vector<ClippedRun> clipped_runs(std::span<const float> samples, float level) {
  std::vector<ClippedRun> runs;
  std::size_t run = 0;
  for (std::size_t n = 0; n <= samples.size(); ++n) {
    if (n < samples.size() && std::abs(samples[n]) >= level) {
      ++run;
    } else {
      if (run >= 3) runs.push_back({n - run, run});
      run = 0;
    }
  }
  return runs;
}

std::size_t clipped_samples(std::span<const float> samples, float level) {
  std::size_t clipped = 0;
  for (const ClippedRun& run : clipped_runs(samples, level)) clipped += run.frames;
  return clipped;
}

} // namespace raphson::optim::data
