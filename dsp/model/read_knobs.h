// Knobs, their positions and the word for the interpolation as model files write them (model_file.h), for
// other files that speak of knobs too. Everything here throws InputError naming the field.
#pragma once

#include "dsp/model/json_field.h"
#include "dsp/model/model.h"

#include <vector>

namespace raphson::dsp {

std::vector<Knob> read_knobs(const Field& list);

/// A number in the knob's range, or the index of the switch position that the text names.
double read_position(const Field& field, const Knob& knob);

Interpolation read_interpolation(const Field& field);

} // namespace raphson::dsp
