#include "catch.h"
#include "dsp/error.h"
#include "optim/data/idx.h"
#include "scratch_folder.h"

#include <fstream>
#include <zlib.h>

using namespace raphson;
using namespace raphson::optim::data;
using Catch::Matchers::Contains;

namespace {

std::filesystem::path write(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

std::filesystem::path write_packed(const std::filesystem::path& path, const std::string& bytes) {
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
  return path;
}

std::string head(int type, const std::vector<unsigned>& shape) {
  std::string bytes = {'\0', '\0', static_cast<char>(type), static_cast<char>(shape.size())};
  for (const unsigned size : shape)
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift & 255);
  return bytes;
}

const std::string two_images =
    head(8, {2, 2, 3}) + std::string("\x00\x33\x66\x99\xCC\xFF\x01\x02\x03\x04\x05\x06", 12);
const std::string two_labels = head(8, {2}) + std::string("\x03\x00", 2);

} // namespace

TEST_CASE("IDX: images and labels, plain and packed") {
  const ScratchFolder folder;
  const auto labels = write(folder / "labels", two_labels);
  for (const auto& images :
       {write(folder / "images", two_images), write_packed(folder / "images.gz", two_images)}) {
    const Dataset data = read_idx_images(images, labels);
    CHECK(data.size() == 2);
    CHECK(data.image_rows == 2);
    CHECK(data.image_columns == 3);
    CHECK(data.features.row(0) == (Eigen::RowVectorXd(6) << 0, 0.2, 0.4, 0.6, 0.8, 1).finished());
    CHECK(data.features(1, 5) == 6.0 / 255);
    CHECK(data.labels == std::vector<int>{3, 0});
    CHECK(data.class_names == std::vector<std::string>{"0", "1", "2", "3"});
  }
  CHECK(read_idx_images(folder / "images").labels.empty());
}

TEST_CASE("IDX: what is wrong is said") {
  const ScratchFolder folder;
  const auto refusal = [&](const std::string& bytes) {
    try {
      read_idx(write(folder / "x", bytes));
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  CHECK_THAT(refusal("P5 28 28"), Contains("not IDX"));
  CHECK_THAT(refusal(std::string("\0\0", 2)), Contains("not IDX"));
  CHECK_THAT(refusal(head(0x0D, {1}) + "abcd"), Contains("type 13, bytes (type 8) expected"));
  CHECK_THAT(refusal(head(8, {})), Contains("0 dimensions"));
  CHECK_THAT(refusal(head(8, {1, 1, 1, 1, 1})), Contains("5 dimensions"));
  CHECK_THAT(refusal(head(8, {2, 2}).substr(0, 10)), Contains("cut off in its header"));
  CHECK_THAT(refusal(head(8, {0, 2})), Contains("no values"));
  CHECK_THAT(refusal(two_images.substr(0, two_images.size() - 1)), Contains("cut off: 11 of 12 values"));
  CHECK_THAT(refusal(two_images + "x"), Contains("longer than its header says"));
  CHECK_THAT(refusal(head(8, {~0u, ~0u, ~0u, ~0u})), Contains("impossible"));
  CHECK_THROWS_WITH(read_idx(folder / "none"), Contains("cannot read") && Contains("none"));
}

TEST_CASE("IDX: a promise of 280 terabytes costs no memory") {
  const ScratchFolder folder;
  const auto huge = write(folder / "huge", head(8, {65536, 65536, 65536}) + "abc");
  CHECK_THROWS_WITH(read_idx(huge), Contains("cut off: 3 of 281474976710656 values"));
}

TEST_CASE("IDX: a packed file that is cut off or damaged is refused") {
  const ScratchFolder folder;
  const std::string noise = [] {
    std::string bytes = head(8, {5000});
    for (unsigned i = 0, x = 1; i < 5000; ++i)
      bytes += static_cast<char>((x = x * 1664525 + 1013904223) >> 24);
    return bytes;
  }();
  const auto packed = write_packed(folder / "p.gz", noise);
  REQUIRE(read_idx(packed).bytes.size() == 5000);
  std::string bytes(std::filesystem::file_size(packed), '\0');
  std::ifstream(packed, std::ios::binary).read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  for (const std::size_t kept : {std::size_t{20}, bytes.size() / 2, bytes.size() - 1})
    CHECK_THROWS_AS(read_idx(write(folder / "cut.gz", bytes.substr(0, kept))), InputError);
  bytes[bytes.size() - 6] ^= 1; // the check sum at its end
  CHECK_THROWS_WITH(read_idx(write(folder / "damaged.gz", bytes)), Contains("packed by gzip"));
}

TEST_CASE("IDX: labels and images that do not go together") {
  const ScratchFolder folder;
  const auto images = write(folder / "images", two_images), labels = write(folder / "labels", two_labels);
  const auto three = write(folder / "three", head(8, {3}) + "abc");
  CHECK_THROWS_WITH(read_idx_images(images, three),
                    Contains("three: 3 labels for 2 examples of ") && Contains("images"));
  CHECK_THROWS_WITH(read_idx_images(labels), Contains("as images: IDX of 1 dimensions, 3 expected"));
  CHECK_THROWS_WITH(read_idx_labels(images), Contains("as labels: IDX of 3 dimensions, 1 expected"));
}
