// NPY arrays of complex numbers, little-endian complex64 and complex128 of 1 to 8 dimensions, in C order once
// read; real arrays (optim/data/npy.h) are read as well. Throws InputError as read_npy does.
#pragma once

#include <complex>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace raphson::optim::data {

struct ComplexNpyArray {
  std::vector<std::size_t> shape = {};
  std::vector<std::complex<double>> values = {};
  bool complex = false; ///< stored as such
};

ComplexNpyArray read_complex_npy(const std::filesystem::path& path);
ComplexNpyArray parse_complex_npy(std::string_view bytes, const std::string& name);

/// The bytes of a file of complex128.
std::string complex_npy_bytes(std::span<const std::size_t> shape,
                              std::span<const std::complex<double>> values);

} // namespace raphson::optim::data
