// IDX, the format of MNIST (Y. LeCun, C. Cortes & C. J. C. Burges, http://yann.lecun.com/exdb/mnist): two
// zero bytes, a byte for the type, a byte for the number of dimensions, a big-endian 32-bit size for each,
// then the values, the last dimension fastest. Plain or packed by gzip. Bytes alone (type 0x08) are read, as
// images and labels have them.
//
// Throws InputError, one line naming the file: not IDX, another type, cut off, bytes left over, no values.
// What a damaged header promises costs no memory: it grows with what the file holds.
#pragma once

#include "optim/data/dataset.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace raphson::optim::data {

struct IdxArray {
  std::vector<std::size_t> shape = {};
  std::vector<std::uint8_t> bytes = {};
};

IdxArray read_idx(const std::filesystem::path& path);

/// Images ([image][row][column]) as rows of pixels in [0, 1], and the class of each where a file of labels is
/// given. A label is its class; class_names are "0" to the largest. Throws where there are not as many labels
/// as images.
Dataset read_idx_images(const std::filesystem::path& images, const std::filesystem::path& labels = {});

/// An array of three dimensions as images; `name` stands for it in messages.
Dataset images_of(const IdxArray& array, const std::string& name);

std::vector<int> read_idx_labels(const std::filesystem::path& path);

} // namespace raphson::optim::data
