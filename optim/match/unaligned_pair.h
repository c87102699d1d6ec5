// Two recordings as they came, while the delay between them is still being settled, and what aligns them.
//
// To align the whole wet recording takes room for another, or its own place, and then the next delay would
// have nothing left to start from. So a search reads excerpts, aligned into memory of their own; once the
// delay stands, align_in_place() moves everything.
#pragma once

#include "dsp/chain/chain.h"
#include "optim/data/audio_file.h"
#include "optim/match/align.h"
#include "optim/match/pair.h"

#include <cstddef>
#include <vector>

namespace raphson::optim::match {

/// Keeps references to the recordings.
class UnalignedPair {
public:
  UnalignedPair(const data::Audio& dry, const data::Audio& wet, const Alignment& alignment);

  const Alignment& alignment() const { return alignment_; }
  void set_delay(double delay_samples);

  /// What align_in_place() would return, but for the wet recording, which it lacks.
  const Pair& layout() const { return layout_; }

  /// [begin, end) of a channel of the wet recording as align_in_place() would leave it.
  std::vector<float> aligned_wet(std::size_t channel, std::size_t begin, std::size_t end) const;

private:
  const data::Audio& dry_;
  const data::Audio& wet_;
  Alignment alignment_;
  Pair layout_;
};

/// The chunks that searches look at: up to eight, from the loudest to the median, since quiet ones say little
/// about a compressor. Keeps their wet samples, aligned.
class Excerpt {
public:
  Excerpt(const UnalignedPair& pair, const ChunkOptions& options);
  Excerpt(const Excerpt&) = delete;
  Excerpt& operator=(const Excerpt&) = delete;

  const std::vector<ChunkView>& chunks() const { return chunks_; }

private:
  std::vector<std::vector<float>> wet_;
  std::vector<ChunkView> chunks_;
};

/// How much later the wet recording as aligned is than the chain's output, in samples.
double remaining_delay(const UnalignedPair& pair, const dsp::ChainSettings& chain);

/// The whole delay that leaves a causal filter between the output of `head`, which an empty one does not
/// change, and the wet recording: near the present one (align.h).
double causal_delay(const UnalignedPair& pair, const dsp::ChainSettings& head);

/// Moves the wet recording onto the dry one: wet[n] then belongs to dry[n] and ends where the dry one does,
/// or before. The pair points at both. Allocates nothing to speak of, but a channel, for a moment, where wet
/// starts and ends before dry.
Pair align_in_place(const data::Audio& dry, data::Audio& wet, const Alignment& alignment);

/// Views of recordings that are aligned already.
Pair pair_of(const data::Audio& dry, const data::Audio& wet, std::size_t scored_begin,
             std::size_t scored_end);

} // namespace raphson::optim::match
