// The head of an NPY file: magic, version, and a Python dictionary {'descr': '<f8', 'fortran_order': False,
// 'shape': (3, 4), } (numpy.lib.format).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace raphson::optim::data {

struct NpyHeader {
  std::string descr = {};
  bool fortran_order = false;
  std::vector<std::size_t> shape = {}; ///< 1 to 8 sizes
  std::size_t bytes = 0;               ///< of the head; the values follow
};

/// Throws InputError, naming `name`, on anything else.
NpyHeader parse_npy_header(std::string_view file, const std::string& name);

/// The head of a file of version 1.0 in C order, padded to a multiple of 64 bytes as numpy does.
std::string npy_header(std::span<const std::size_t> shape, const std::string& descr);

} // namespace raphson::optim::data
