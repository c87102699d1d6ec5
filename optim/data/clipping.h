// What clipping leaves in a recording.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace raphson::optim::data {

inline constexpr float full_scale = 0.9999f; ///< the last code of 16 bits and what lies above

struct ClippedRun {
  std::size_t begin, frames;
};

/// Samples at `level` or above that come at least three in a row.
std::vector<ClippedRun> clipped_runs(std::span<const float> samples, float level = full_scale);

/// How many there are in all.
std::size_t clipped_samples(std::span<const float> samples, float level = full_scale);

} // namespace raphson::optim::data
