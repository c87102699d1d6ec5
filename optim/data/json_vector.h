// Vectors and whole numbers in the JSON of models (dsp/model/json_field.h). For .cpp files.
#pragma once

#include "dsp/model/json_field.h"
#include "optim/engine/types.h"

#include <limits>
#include <vector>

namespace raphson::optim::data {

constexpr double largest_number = std::numeric_limits<double>::max();

std::vector<double> numbers(const Vector& v);

/// The other way. Throws InputError, with the file and field, unless it is a list of so many numbers.
Vector vector_of(const dsp::Field& field, Eigen::Index size);

/// Throws InputError, with the file and field, unless it is one within the bounds.
int whole(const dsp::Field& field, int minimum, int maximum);

} // namespace raphson::optim::data
