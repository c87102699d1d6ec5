#include "optim/data/idx.h"

#include "dsp/error.h"
#include "optim/data/labels.h"
#include "optim/data/read_file.h"

#include <algorithm>
#include <limits>
#include <string>
#include <unistd.h>
#include <zlib.h>

namespace raphson::optim::data {
namespace {

/// The bytes of a file, unpacked if they are packed.
class Stream {
public:
  explicit Stream(const std::filesystem::path& path) : path_(path) {
    const int descriptor = open_for_reading(path);
    file_ = gzdopen(descriptor, "rb");
    if (file_ == nullptr) {
      close(descriptor);
      throw InputError("cannot read " + path.string() + ": out of memory");
    }
  }
  ~Stream() { gzclose(file_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  [[noreturn]] void fail(const std::string& what) const {
    throw InputError("cannot read " + path_.string() + ": " + what);
  }

  /// As many of `count` bytes as there are.
  std::size_t read(std::uint8_t* into, std::size_t count) {
    std::size_t done = 0;
    while (done < count) {
      const std::size_t wanted = std::min<std::size_t>(count - done, 1u << 20);
      const int got = gzread(file_, into + done, static_cast<unsigned>(wanted));
      if (got < 0) fail("damaged or cut off where it is packed by gzip");
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    int error = Z_OK;
    gzerror(file_, &error);
    if (error == Z_BUF_ERROR) fail("cut off where it is packed by gzip");
    return done;
  }

private:
  std::filesystem::path path_;
  gzFile file_ = nullptr;
};

std::vector<std::size_t> read_shape(Stream& stream) {
  std::uint8_t head[4] = {};
  if (stream.read(head, 4) != 4 || head[0] != 0 || head[1] != 0)
    stream.fail("not IDX: it does not begin as such");
  if (head[2] != 0x08) stream.fail("IDX of type " + std::to_string(head[2]) + ", bytes (type 8) expected");
  if (head[3] == 0 || head[3] > 4)
    stream.fail("IDX of " + std::to_string(head[3]) + " dimensions, 1 to 4 expected");
  std::vector<std::size_t> shape;
  for (int d = 0; d < head[3]; ++d) {
    std::uint8_t size[4] = {};
    if (stream.read(size, 4) != 4) stream.fail("cut off in its header");
    shape.push_back(std::size_t{size[0]} << 24 | std::size_t{size[1]} << 16 | std::size_t{size[2]} << 8
                    | size[3]);
  }
  return shape;
}

std::size_t count_of(const std::vector<std::size_t>& shape, const Stream& stream) {
  std::size_t count = 1;
  for (const std::size_t size : shape) {
    if (size == 0) stream.fail("IDX that holds no values");
    if (count > std::numeric_limits<std::size_t>::max() / size) stream.fail("its sizes are impossible");
    count *= size;
  }
  return count;
}

} // namespace

IdxArray read_idx(const std::filesystem::path& path) {
  constexpr std::size_t block = 1u << 20;
  Stream stream(path);
  IdxArray array{.shape = read_shape(stream)};
  const std::size_t count = count_of(array.shape, stream);
  while (array.bytes.size() < count) {
    const std::size_t before = array.bytes.size(), wanted = std::min(block, count - before);
    array.bytes.resize(before + wanted);
    if (const std::size_t got = stream.read(array.bytes.data() + before, wanted); got != wanted)
      stream.fail("cut off: " + std::to_string(before + got) + " of " + std::to_string(count) + " values");
  }
  std::uint8_t more = 0;
  if (stream.read(&more, 1) != 0)
    stream.fail("longer than its header says: " + std::to_string(count) + " values");
  return array;
}

std::vector<int> read_idx_labels(const std::filesystem::path& path) {
  const IdxArray array = read_idx(path);
  if (array.shape.size() != 1)
    throw InputError("cannot use " + path.string() + " as labels: IDX of "
                     + std::to_string(array.shape.size()) + " dimensions, 1 expected");
  return {array.bytes.begin(), array.bytes.end()};
}

Dataset images_of(const IdxArray& array, const std::string& name) {
  if (array.shape.size() != 3)
    throw InputError("cannot use " + name + " as images: IDX of " + std::to_string(array.shape.size())
                     + " dimensions, 3 expected (image, row, column)");
  Dataset dataset{.image_rows = static_cast<int>(array.shape[1]),
                  .image_columns = static_cast<int>(array.shape[2]),
                  .name = name};
  const auto pixels = static_cast<Eigen::Index>(array.shape[1] * array.shape[2]);
  const auto count = static_cast<Eigen::Index>(array.shape[0]);
  using Bytes = Eigen::Matrix<std::uint8_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  dataset.features = Eigen::Map<const Bytes>(array.bytes.data(), count, pixels).cast<double>() / 255;
  return dataset;
}

Dataset read_idx_images(const std::filesystem::path& images, const std::filesystem::path& labels) {
  Dataset dataset = images_of(read_idx(images), images.string());
  if (!labels.empty()) set_labels(dataset, read_idx_labels(labels), labels.string());
  return dataset;
}

} // namespace raphson::optim::data
