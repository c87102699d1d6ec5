// NPY, the array file of NumPy (numpy.lib.format, versions 1.0 to 3.0): little-endian float32, float64,
// signed and unsigned integers of 8 to 64 bits and booleans, in C or Fortran order, of 1 to 8 dimensions.
// Values become doubles in C order (the last index fastest): integers beyond 2^53 are rounded.
//
// Throws InputError, one line naming the file: not NPY, another version, type (named), byte order or number
// of dimensions, an impossible shape, cut off, bytes left over, no values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace raphson::optim::data {

struct NpyArray {
  std::vector<std::size_t> shape = {};
  std::vector<double> values = {};
  bool whole_numbers = false; ///< stored as integers or booleans
};

NpyArray read_npy(const std::filesystem::path& path);

/// The same from the bytes of a file; `name` stands for it in messages.
NpyArray parse_npy(std::string_view bytes, const std::string& name);

/// The bytes of a file of version 1.0, values in C order, as numpy.save writes it. Throws where values.size()
/// is not the product of the shape.
std::string npy_bytes(std::span<const std::size_t> shape, std::span<const double> values);
std::string npy_bytes(std::span<const std::size_t> shape, std::span<const float> values);
std::string npy_bytes(std::span<const std::size_t> shape, std::span<const std::int64_t> values);

/// Written whole or not at all.
template <class T>
void write_npy(const std::filesystem::path& path, std::span<const std::size_t> shape,
               std::span<const T> values);

extern template void write_npy(const std::filesystem::path&, std::span<const std::size_t>,
                               std::span<const double>);
extern template void write_npy(const std::filesystem::path&, std::span<const std::size_t>,
                               std::span<const float>);
extern template void write_npy(const std::filesystem::path&, std::span<const std::size_t>,
                               std::span<const std::int64_t>);

} // namespace raphson::optim::data
