// A dry recording and the wet one it became, aligned sample for sample, cut into chunks for the objectives.
// It only points at recordings that someone else keeps: audio of an hour fits into memory once, not twice.
#pragma once

#include "optim/match/compressor_kernel.h"

#include <cstddef>
#include <span>
#include <vector>

namespace raphson::optim::match {

/// dry[channel][n] and wet[channel][n] belong together. Only samples in [scored_begin, scored_end) enter a
/// loss; what lies before is played to settle the model. Wet may end where scored_end is.
struct Pair {
  std::vector<std::span<const float>> dry, wet;
  double sample_rate = 0;
  std::size_t scored_begin = 0, scored_end = 0;

  std::size_t frames() const { return dry.empty() ? 0 : dry.front().size(); }
  double seconds() const { return static_cast<double>(frames()) / sample_rate; }
};

/// While it lives, only [begin, end) of the pair's scored samples counts.
class ScoredWithin {
public:
  ScoredWithin(Pair& pair, std::size_t begin, std::size_t end);
  ~ScoredWithin();
  ScoredWithin(const ScoredWithin&) = delete;
  ScoredWithin& operator=(const ScoredWithin&) = delete;

private:
  Pair& pair_;
  std::size_t begin_, end_; // to go back to
};

struct FrameRange {
  std::size_t begin, end;
};

/// Yu & Fazekas cut 12 s with 1 s of overlap in which the model settles and nothing is scored.
struct ChunkOptions {
  double chunk_seconds = 12;
  double warm_up_seconds = 1;
  std::span<const FrameRange> only = {}; ///< that are scored, each a chunk; all unless given. Someone else's
};

/// A chunk of a channel: [begin, end) is played, [first_scored, end) enters the loss.
struct ChunkRange {
  std::size_t channel, begin, first_scored, end;
};

/// Equal chunks of every channel that together score each scored sample once, or those within the ranges that
/// the options give; where none of these is left, all. The first of equal chunks starts where the
/// recording does and scores from there, since the model is at rest there too; the others warm up first.
/// Needs nothing of the wet recording.
std::vector<ChunkRange> chunk_ranges(const Pair& pair, const ChunkOptions& options);

/// The same with their samples.
std::vector<ChunkView> cut(const Pair& pair, const ChunkOptions& options);

/// The time in which a compressor forgets its start to one part in 10^6: a release of tau ms fades by
/// exp(-2200 t / tau).
double settling_seconds(double release_ms);

} // namespace raphson::optim::match
