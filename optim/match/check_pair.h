// What makes two recordings a pair that can be matched. Every refusal is an InputError of one line.
#pragma once

#include "optim/data/audio_file.h"
#include "optim/match/align.h"
#include "optim/match/pair.h"

#include <string>
#include <vector>

namespace raphson::optim::match {

inline constexpr double shortest_seconds = 1.5; ///< the warm-up and some more

/// Refuses recordings of different rates, that are too short, silent, or of numbers of channels that do not
/// pair up; returns warnings: clipped samples, lengths that differ.
std::vector<std::string> check_recordings(const data::Audio& dry, const data::Audio& wet);

/// Refuses a pair whose correlation says that one did not become the other.
void check_related(const Alignment& alignment);

/// Refuses a pair of which too little is left once it is aligned.
void check_overlap(const Pair& layout);

} // namespace raphson::optim::match
