// The scored part of a pair as short stretches that can be counted apart: what a row is to a table.
//
// A quarter of a second, or what makes 32 to 128 of them, since the residual of a compressor is far from
// white within less; each is played from so far before it that the compressor has forgotten where it started.
#pragma once

#include "optim/match/pair.h"

#include <vector>

namespace raphson::optim::match {

struct Stretches {
  std::vector<ChunkView> chunks; ///< that settle first; one a channel, those of a stretch side by side
  std::vector<int> number;       ///< the stretch that each chunk belongs to
  double seconds;                ///< of each

  int count() const { return number.back() + 1; }
};

Stretches stretches_of(const Pair& pair, double release_ms);

} // namespace raphson::optim::match
