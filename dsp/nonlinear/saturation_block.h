// The saturation over a block of one channel, several samples at a time: no sample waits for the one before.
#pragma once

#include "dsp/nonlinear/saturation_curve.h"
#include "dsp/simd/isa.h"

#include <cstddef>

namespace raphson::dsp {

/// In place; `last` and its log_cosh are those of the input before and after the block. Real-time safe.
using SaturationBlock = void (*)(double* audio, std::size_t count, const SaturationCurve<double>&,
                                 double& last, double& log_cosh_last);

SaturationBlock saturation_block(Isa isa = detect_isa());

} // namespace raphson::dsp
