// What tells the rows of a Dataset from any others: a fingerprint of features, target and classes.
#pragma once

#include "optim/data/dataset.h"

#include <string>

namespace raphson::optim::data {

/// 16 hexadecimal digits; names do not matter.
std::string fingerprint_of(const Dataset& rows);

/// Throws InputError, naming the dataset's file, unless it has this many rows with this fingerprint: "not the
/// rows that the model was TRAINED on".
void check_same_rows(const Dataset& rows, std::size_t count, const std::string& fingerprint,
                     const std::string& trained);

} // namespace raphson::optim::data
