// Chunks cut into as many pieces as vector units have lanes for.
//
// A group of eight pieces, a lane each, takes about as long as one piece by itself: the recursion of a chain
// waits for its own results, lanes fill the waiting (measured on AVX-512, with derivatives: 105 ns a sample
// for one lane, 108 for eight). So a chunk that runs alone is cut, although each piece has to settle first on
// what lies before it.
#pragma once

#include "optim/match/compressor_kernel.h"

#include <vector>

namespace raphson::optim::match {

/// Pieces that together score what the chunks score, each after `settle` samples of its chunk or all there
/// are before it: eight, or a multiple of eight of about two settlings each; the chunks themselves where that
/// is no faster. Depends on nothing but the arguments.
std::vector<ChunkView> lane_pieces(std::vector<ChunkView> chunks, std::size_t settle);

} // namespace raphson::optim::match
