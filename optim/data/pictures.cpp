#include "optim/data/pictures.h"

#include "dsp/error.h"
#include "optim/data/folder.h"
#include "optim/data/npy.h"
#include "optim/data/png_image.h"
#include "optim/data/read_file.h"

#include <algorithm>
#include <cctype>
#include <cmath>

namespace raphson::optim::data {
namespace {

constexpr int most_pixels_a_side = 1 << 15;

/// The numbers in a grey map's text, comments passed over.
class PgmText {
public:
  PgmText(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  int number(int most) {
    for (;;) {
      while (at_ < bytes_.size() && std::isspace(static_cast<unsigned char>(bytes_[at_]))) ++at_;
      if (at_ >= bytes_.size() || bytes_[at_] != '#') break;
      while (at_ < bytes_.size() && bytes_[at_] != '\n') ++at_;
    }
    if (at_ >= bytes_.size()) throw InputError(name_ + ": cut off");
    int value = 0;
    const std::size_t begin = at_;
    for (; at_ < bytes_.size() && std::isdigit(static_cast<unsigned char>(bytes_[at_])); ++at_) {
      value = 10 * value + (bytes_[at_] - '0');
      if (value > most)
        throw InputError(name_ + ": a number above " + std::to_string(most) + " where none may be");
    }
    if (at_ == begin) throw InputError(name_ + ": damaged, a number is missing");
    return value;
  }
  std::size_t at() const { return at_; }
  void skip(std::size_t count) { at_ += count; }

private:
  std::string_view bytes_;
  const std::string& name_;
  std::size_t at_ = 0;
};

Picture picture_of(const PngImage& image, const std::string& name) {
  const RowMatrix levels = grey_levels(image, name);
  Picture picture{image.rows, image.columns, {}, name};
  picture.levels.reserve(static_cast<std::size_t>(levels.size()));
  for (Eigen::Index i = 0; i < levels.size(); ++i)
    picture.levels.push_back(static_cast<float>(levels.data()[i]));
  return picture;
}

std::vector<Picture> read_npy_pictures(const std::filesystem::path& path) {
  const NpyArray array = read_npy(path);
  if (array.shape.size() != 3)
    throw InputError(path.string() + " has " + std::to_string(array.shape.size())
                     + " dimensions: pictures x rows x columns expected");
  for (const double value : array.values)
    if (!std::isfinite(value)) throw InputError(path.string() + " has a value that is not finite");
  const double white = white_of(array);
  const std::size_t size = array.shape[1] * array.shape[2];
  std::vector<Picture> pictures;
  for (std::size_t k = 0; k < array.shape[0]; ++k) {
    Picture picture{static_cast<int>(array.shape[1]),
                    static_cast<int>(array.shape[2]),
                    {},
                    path.string() + ", picture " + std::to_string(k + 1)};
    for (std::size_t i = 0; i < size; ++i)
      picture.levels.push_back(static_cast<float>(array.values[k * size + i] / white));
    pictures.push_back(std::move(picture));
  }
  return pictures;
}

} // namespace

double white_of(const NpyArray& array) {
  if (!array.whole_numbers) return 1;
  double largest = 0;
  for (const double value : array.values) largest = std::max(largest, std::abs(value));
  if (largest <= 1) return 1;
  return largest > 255 ? 65535 : 255;
}

Picture parse_pgm(std::string_view bytes, const std::string& name) {
  if (!bytes.starts_with("P2") && !bytes.starts_with("P5")) throw InputError(name + " is not a PGM file");
  const bool text = bytes[1] == '2';
  PgmText header(bytes, name);
  header.skip(2);
  Picture picture{.name = name};
  picture.columns = header.number(most_pixels_a_side);
  picture.rows = header.number(most_pixels_a_side);
  const int most = header.number(65535);
  if (picture.columns < 1 || picture.rows < 1 || most < 1) throw InputError(name + ": it has no pixels");
  const std::size_t count =
      static_cast<std::size_t>(picture.rows) * static_cast<std::size_t>(picture.columns);
  const std::size_t width = most > 255 ? 2 : 1;
  if (!text) {
    header.skip(1);
    if (bytes.size() < header.at() + count * width) throw InputError(name + ": cut off");
  }
  picture.levels.reserve(text ? std::min(count, bytes.size()) : count);
  for (std::size_t i = 0; i < count; ++i) {
    int value = 0;
    if (text)
      value = header.number(most);
    else
      for (std::size_t b = 0; b < width; ++b)
        value = 256 * value + static_cast<unsigned char>(bytes[header.at() + i * width + b]);
    picture.levels.push_back(static_cast<float>(value) / static_cast<float>(most));
  }
  return picture;
}

std::vector<Picture> read_pictures(const std::filesystem::path& path) {
  if (lower_case_extension(path) == ".npy") return read_npy_pictures(path);
  if (!std::filesystem::is_directory(path))
    throw InputError("cannot read " + path.string()
                     + ": a folder of PNG or PGM files, or an NPY of pictures x rows x columns, is needed");
  std::vector<Picture> pictures;
  for (const ClassFile& file : files_by_class(path, {".png", ".pgm"}, "PNG or PGM pictures")) {
    const std::string name = file.path.string();
    if (lower_case_extension(file.path) == ".pgm")
      pictures.push_back(parse_pgm(read_file(file.path), name));
    else
      pictures.push_back(picture_of(read_png(file.path), name));
  }
  return pictures;
}

std::string png_of(const Picture& picture) {
  RowMatrix levels(picture.rows, picture.columns);
  for (Eigen::Index i = 0; i < levels.size(); ++i)
    levels.data()[i] = static_cast<double>(picture.levels[static_cast<std::size_t>(i)]);
  return png_bytes(grey_image(levels));
}

} // namespace raphson::optim::data
