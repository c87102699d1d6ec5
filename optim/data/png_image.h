// PNG in and out, by libpng: whatever a file holds (1 to 16 bits, palette, grey or colour) becomes 8 bits a
// channel, but for read_grey_levels.
//
// Throws InputError, one line naming the file: not PNG, cut off or damaged, larger than such a file can be.
#pragma once

#include "optim/data/dataset.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace raphson::optim::data {

struct PngImage {
  int rows = 0, columns = 0;
  int channels = 1;                     ///< 1 grey, 2 grey and alpha, 3 red green blue, 4 those and alpha
  std::vector<std::uint8_t> bytes = {}; ///< [row][column][channel]
};

PngImage read_png(const std::filesystem::path& path);

/// The same from the bytes of a file; `name` stands for it in messages.
PngImage parse_png(std::string_view bytes, const std::string& name);

/// Levels in [0, 1]; of colours the luma of BT.601, 0.299 R + 0.587 G + 0.114 B. Throws InputError where a
/// pixel is not opaque, since what lies behind it is not known.
RowMatrix grey_levels(const PngImage& image, const std::string& name);

/// The grey levels of a file in [0, 1] as above, those of 16-bit grey with all their digits.
RowMatrix read_grey_levels(const std::filesystem::path& path);

/// Grey from levels in [0, 1]; what lies outside is held, NaN is black. Each level becomes scale x scale
/// pixels.
PngImage grey_image(const RowMatrix& levels, int scale = 1);

/// The bytes of a PNG file. Throws std::invalid_argument where sizes and bytes do not go together.
std::string png_bytes(const PngImage& image);

/// Written whole or not at all.
void write_png(const std::filesystem::path& path, const PngImage& image);

/// The images of a dataset side by side, `across` in a row, `gap` pixels of `background` between them.
RowMatrix contact_sheet(const Dataset& images, int across, int gap = 1, double background = 1);

} // namespace raphson::optim::data
