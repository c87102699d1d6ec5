#include "optim/data/png_image.h"

#include "dsp/error.h"
#include "dsp/io/atomic_file.h"
#include "optim/data/read_file.h"

#include <algorithm>
#include <cmath>
#include <png.h>
#include <stdexcept>

namespace raphson::optim::data {
namespace {

/// libpng's own state, freed whatever happens.
struct Control {
  png_image image{};
  Control() { image.version = PNG_IMAGE_VERSION; }
  ~Control() { png_image_free(&image); }
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;
};

constexpr png_uint_32 formats[] = {PNG_FORMAT_GRAY, PNG_FORMAT_GA, PNG_FORMAT_RGB, PNG_FORMAT_RGBA};

int channels_of(png_uint_32 format) {
  return 1 + ((format & PNG_FORMAT_FLAG_COLOR) != 0 ? 2 : 0)
         + ((format & PNG_FORMAT_FLAG_ALPHA) != 0 ? 1 : 0);
}

[[noreturn]] void fail(const std::string& name, const std::string& what) {
  throw InputError("cannot read " + name + ": " + what);
}

void begin(Control& control, std::string_view bytes, const std::string& name) {
  if (!bytes.starts_with("\x89PNG\r\n\x1a\n")) fail(name, "not PNG: it does not begin as such");
  if (png_image_begin_read_from_memory(&control.image, bytes.data(), bytes.size()) == 0)
    fail(name, std::string("damaged PNG (") + control.image.message + ")");
  // The packing of PNG makes a byte of at most 1032, and of that at most 8 pixels of one bit.
  const double pixels = static_cast<double>(control.image.width) * static_cast<double>(control.image.height);
  if (pixels > 8.0 * 1032 * static_cast<double>(bytes.size()) || pixels > 1 << 28)
    fail(name, "damaged PNG: " + std::to_string(control.image.height) + " x "
                   + std::to_string(control.image.width) + " pixels are more than it can hold");
}

void finish(Control& control, void* pixels, const std::string& name) {
  if (png_image_finish_read(&control.image, nullptr, pixels, 0, nullptr) == 0)
    fail(name, std::string("cut off or damaged PNG (") + control.image.message + ")");
}

bool is_16_bit_grey(std::string_view bytes) {
  constexpr std::size_t depth = 24, colour = 25; // places in the header, which is the first chunk
  return bytes.size() > colour && bytes[depth] == 16 && bytes[colour] == PNG_COLOR_TYPE_GRAY;
}

/// The file without what is said about its colours (gAMA, sRGB ...), by which libpng would convert 16 bits:
/// chunks whose name begins with a capital alone.
std::string critical_chunks(std::string_view bytes) {
  constexpr std::size_t signature = 8, around = 12; // a chunk's length, name and checksum
  std::string result(bytes.substr(0, signature));
  for (std::size_t at = signature; at + around <= bytes.size();) {
    std::size_t size = 0;
    for (std::size_t k = 0; k < 4; ++k) size = size << 8 | static_cast<std::uint8_t>(bytes[at + k]);
    if (size > bytes.size() - at - around) return std::string(bytes); // libpng says what is wrong with it
    if ((bytes[at + 4] & 0x20) == 0) result += bytes.substr(at, size + around);
    at += size + around;
  }
  return result;
}

} // namespace

PngImage parse_png(std::string_view bytes, const std::string& name) {
  Control control;
  begin(control, bytes, name);
  PngImage result{.channels = channels_of(control.image.format)};
  result.rows = static_cast<int>(control.image.height);
  result.columns = static_cast<int>(control.image.width);
  control.image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB; // levels as they are, not taken for linear light
  control.image.format = formats[result.channels - 1];
  result.bytes.resize(PNG_IMAGE_SIZE(control.image));
  finish(control, result.bytes.data(), name);
  return result;
}

PngImage read_png(const std::filesystem::path& path) { return parse_png(read_file(path), path.string()); }

RowMatrix grey_levels(const PngImage& image, const std::string& name) {
  RowMatrix levels(image.rows, image.columns);
  const std::uint8_t* pixel = image.bytes.data();
  for (double* level = levels.data(); level != levels.data() + levels.size();
       ++level, pixel += image.channels) {
    if (image.channels % 2 == 0 && pixel[image.channels - 1] != 255)
      throw InputError("cannot use " + name + ": it has transparent pixels, an opaque image is needed");
    *level = (image.channels < 3 ? pixel[0] : 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2]) / 255;
  }
  return levels;
}

RowMatrix read_grey_levels(const std::filesystem::path& path) {
  const std::string whole = read_file(path), name = path.string();
  if (!is_16_bit_grey(whole)) return grey_levels(parse_png(whole, name), name);
  const std::string bytes = critical_chunks(whole);
  Control control;
  begin(control, bytes, name);
  control.image.format = PNG_FORMAT_LINEAR_Y;
  std::vector<png_uint_16> pixels(PNG_IMAGE_SIZE(control.image) / sizeof(png_uint_16));
  finish(control, pixels.data(), name);
  RowMatrix levels(control.image.height, control.image.width);
  for (Eigen::Index i = 0; i < levels.size(); ++i)
    levels.data()[i] = pixels[static_cast<std::size_t>(i)] / 65535.0;
  return levels;
}

PngImage grey_image(const RowMatrix& levels, int scale) {
  PngImage image{.rows = static_cast<int>(levels.rows()) * scale,
                 .columns = static_cast<int>(levels.cols()) * scale};
  image.bytes.reserve(static_cast<std::size_t>(image.rows) * static_cast<std::size_t>(image.columns));
  for (int r = 0; r < image.rows; ++r)
    for (int c = 0; c < image.columns; ++c) {
      const double level = levels(r / scale, c / scale);
      image.bytes.push_back(
          static_cast<std::uint8_t>(std::lround(255 * (level > 0 ? std::min(level, 1.0) : 0))));
    }
  return image;
}

std::string png_bytes(const PngImage& image) {
  const auto expected = static_cast<std::size_t>(image.rows) * static_cast<std::size_t>(image.columns)
                        * static_cast<std::size_t>(image.channels);
  if (image.rows < 1 || image.columns < 1 || image.channels < 1 || image.channels > 4
      || image.bytes.size() != expected)
    throw std::invalid_argument("png_bytes: the image's sizes and bytes do not go together");
  Control control;
  control.image.width = static_cast<png_uint_32>(image.columns);
  control.image.height = static_cast<png_uint_32>(image.rows);
  control.image.format = formats[image.channels - 1];
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(control.image);
  std::string bytes(size, '\0');
  if (png_image_write_to_memory(&control.image, bytes.data(), &size, 0, image.bytes.data(), 0, nullptr) == 0)
    throw std::runtime_error(std::string("libpng: ") + control.image.message);
  bytes.resize(size);
  return bytes;
}

void write_png(const std::filesystem::path& path, const PngImage& image) {
  dsp::write_file(path, png_bytes(image));
}

RowMatrix contact_sheet(const Dataset& images, int across, int gap, double background) {
  const auto count = static_cast<int>(images.size());
  if (count == 0 || across < 1 || gap < 0 || images.image_rows < 1 || images.image_columns < 1)
    throw InputError(images.name + ": no images to show side by side");
  const int high = images.image_rows + gap, wide = images.image_columns + gap,
            down = (count + across - 1) / across;
  RowMatrix sheet = RowMatrix::Constant(down * high - gap, std::min(across, count) * wide - gap, background);
  for (int i = 0; i < count; ++i)
    sheet.block(i / across * high, i % across * wide, images.image_rows, images.image_columns) =
        Eigen::Map<const RowMatrix>(images.features.row(i).data(), images.image_rows, images.image_columns);
  return sheet;
}

} // namespace raphson::optim::data
