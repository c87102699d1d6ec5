// Matrices as NPY files of two dimensions.
#pragma once

#include "optim/data/dataset.h"

#include <filesystem>
#include <string>

namespace raphson::optim::data {

/// Throws InputError naming the file where it has other than two dimensions (`expected` says what they would
/// be, "rows x columns"), and by row and column, from 1, where a value is not finite.
RowMatrix read_npy_matrix(const std::filesystem::path& path, const std::string& expected);

std::string npy_bytes(const RowMatrix& matrix);

} // namespace raphson::optim::data
