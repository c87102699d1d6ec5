// Grey pictures of any sizes, as a film or a collection is kept: a folder of PNG and PGM files in the order
// of their names, or an NPY of pictures x rows x columns.
//
// Levels of files are in [0, 1]; of colours the luminance; an NPY of whole numbers is divided by 255, or by
// 65535 where one is larger, any other is taken as it is.
// Throws InputError, one line naming the file: none there, unreadable, damaged, of another kind, a value that
// is not finite.
#pragma once

#include "optim/data/bilinear.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace raphson::optim::data {

struct NpyArray;

struct Picture {
  int rows = 0, columns = 0;
  std::vector<float> levels = {}; ///< row by row
  std::string name = {};          ///< of the file, for messages
  PictureView view() const { return {levels.data(), rows, columns}; }
};

std::vector<Picture> read_pictures(const std::filesystem::path& path);

/// What the values of an NPY are divided by: whole numbers by 255 or 65535, others by 1, as above.
double white_of(const NpyArray& array);

/// Netpbm's grey maps, P2 and P5, 8 or 16 bits; `name` stands for the file in messages.
Picture parse_pgm(std::string_view bytes, const std::string& name);

/// The bytes of a PNG, levels held in [0, 1].
std::string png_of(const Picture& picture);

} // namespace raphson::optim::data
