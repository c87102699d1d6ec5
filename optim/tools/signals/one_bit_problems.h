// The problems of one-bit unrolling's experiment.
#pragma once

#include "optim/data/clips.h"
#include "optim/tools/signals/one_bit_training.h"

#include <cstdint>

namespace raphson::optim::tools {

/// The orthonormal DCT of frames louder than -30 dB of full scale (root mean square), [frame][coefficient],
/// one frame after the other.
RowMatrix loud_frames(const std::vector<data::Clip>& clips, std::size_t length);

struct UnrollingProblem {
  RowMatrix a = {};
  Examples training = {}, held_out = {};
};

/// Four blocks 12 x 16, Gaussian with unit columns; unknown j in block j mod 4 where `interleaved`, otherwise
/// one block after the other.
RowMatrix block_operator(std::uint64_t seed, bool interleaved);

/// Unknowns of block_operator, normal with probability 0.12 and zero otherwise; noise 40 dB down.
UnrollingProblem block_problem(std::uint64_t seed, std::size_t training, std::size_t held_out);

/// The DCT of 64 samples of spoken digits, frames louder than -30 dB of full scale.
UnrollingProblem speech_problem(std::uint64_t seed, std::size_t training, std::size_t held_out);

/// A filter 1, 0.4, 0.4^2 ... of five taps over 32 normal unknowns, to be undone without a prior.
UnrollingProblem deconvolution_problem(std::uint64_t seed, std::size_t training, std::size_t held_out);

} // namespace raphson::optim::tools
