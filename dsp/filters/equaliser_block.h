// A parametric equaliser on several channels, alike in all values, over a block: the four sections of
// ParametricEqualiser in one pass, two channels side by side in a register, so that their recursions do not
// wait for each other.
#pragma once

#include "dsp/filters/biquad.h"
#include "dsp/simd/isa.h"

#include <array>
#include <cstddef>

namespace raphson::dsp {

using EqualiserSections = std::array<BiquadCoefficients<double>, 4>;

/// What the sections of one channel remember.
struct EqualiserState {
  double s1[4] = {}, s2[4] = {};
};

/// In place. Real-time safe.
using EqualiserBlock = void (*)(double* const* audio, EqualiserState* states, int channels, std::size_t count,
                                const EqualiserSections&);

EqualiserBlock equaliser_block(Isa isa = detect_isa());

} // namespace raphson::dsp
