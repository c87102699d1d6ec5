#include "catch.h"
#include "dsp/error.h"
#include "optim/data/png_image.h"
#include "scratch_folder.h"

#include <cmath>
#include <stdexcept>
#include <zlib.h>

using namespace raphson;
using namespace raphson::optim::data;
using Catch::Matchers::Contains;

namespace {

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 255);
  return bytes;
}

std::string chunk(const std::string& type, const std::string& data) {
  const std::string body = type + data;
  const auto crc = crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big_endian(static_cast<std::uint32_t>(data.size())) + body
         + big_endian(static_cast<std::uint32_t>(crc));
}

/// A PNG put together by hand from its specification; `raw` has a filter byte before every row.
std::string png(unsigned columns, unsigned rows, int depth, int type, const std::string& raw,
                const std::string& more = "") {
  std::string packed(compressBound(static_cast<uLong>(raw.size())), '\0');
  uLongf size = static_cast<uLongf>(packed.size());
  compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(raw.data()),
           static_cast<uLong>(raw.size()));
  packed.resize(size);
  std::string head = big_endian(columns) + big_endian(rows);
  head += {static_cast<char>(depth), static_cast<char>(type), '\0', '\0', '\0'};
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", head) + more + chunk("IDAT", packed) + chunk("IEND", "");
}

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int value : values) text += static_cast<char>(value);
  return text;
}

std::vector<double> levels_of(const std::string& file) {
  const RowMatrix levels = grey_levels(parse_png(file, "x.png"), "x.png");
  return {levels.data(), levels.data() + levels.size()};
}

std::string refusal(const std::string& file) {
  try {
    parse_png(file, "x.png");
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

const std::string grey = png(3, 2, 8, 0, bytes({0, 0, 51, 102, 0, 153, 204, 255}));

} // namespace

TEST_CASE("PNG: every kind of pixel") {
  const std::vector<double> fifths = {0, 0.2, 0.4, 0.6, 0.8, 1};
  CHECK(levels_of(grey) == fifths);
  CHECK(levels_of(png(3, 2, 8, 4, bytes({0, 0, 255, 51, 255, 102, 255, 0, 153, 255, 204, 255, 255, 255})))
        == fifths);
  CHECK(levels_of(png(8, 1, 1, 0, bytes({0, 0b10010110}))) == std::vector<double>{1, 0, 0, 1, 0, 1, 1, 0});
  CHECK(levels_of(png(2, 1, 16, 0, bytes({0, 51, 51, 255, 255}))) == std::vector<double>{0.2, 1});
  const std::string palette = chunk("PLTE", bytes({0, 0, 0, 255, 255, 255}));
  CHECK(levels_of(png(2, 1, 8, 3, bytes({0, 1, 0}), palette)) == std::vector<double>{1, 0});
  const std::vector<double> colours =
      levels_of(png(4, 1, 8, 2, bytes({0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9})));
  CHECK(colours[0] == Approx(0.299));
  CHECK(colours[1] == Approx(0.587));
  CHECK(colours[2] == Approx(0.114));
  CHECK(colours[3] == Approx(9 / 255.0));
  const PngImage four = parse_png(png(1, 1, 8, 6, bytes({0, 1, 2, 3, 4})), "x.png");
  CHECK(four.channels == 4);
  CHECK(four.bytes == std::vector<std::uint8_t>{1, 2, 3, 4});
  CHECK_THROWS_WITH(grey_levels(four, "x.png"), Contains("cannot use x.png: it has transparent pixels"));
}

TEST_CASE("PNG: what is written is read back") {
  const ScratchFolder folder;
  for (const int channels : {1, 2, 3, 4}) {
    PngImage image{.rows = 5, .columns = 7, .channels = channels};
    for (int i = 0; i < 35 * channels; ++i) image.bytes.push_back(static_cast<std::uint8_t>(i * 37));
    write_png(folder / "x.png", image);
    const PngImage back = read_png(folder / "x.png");
    CHECK(back.rows == 5);
    CHECK(back.columns == 7);
    CHECK(back.channels == channels);
    CHECK(back.bytes == image.bytes);
  }
  RowMatrix levels(2, 2);
  levels << -1, 0.5, 2, std::nan("");
  const PngImage image = grey_image(levels, 2);
  CHECK(image.bytes
        == std::vector<std::uint8_t>{0, 0, 128, 128, 0, 0, 128, 128, 255, 255, 0, 0, 255, 255, 0, 0});
  CHECK_THROWS_AS(png_bytes({.rows = 2, .columns = 2, .channels = 1, .bytes = {1, 2, 3}}),
                  std::invalid_argument);
}

TEST_CASE("PNG: what is wrong is said") {
  CHECK_THAT(refusal(grey), Contains("accepted"));
  CHECK_THAT(refusal("GIF89a"), Contains("cannot read x.png: not PNG"));
  CHECK_THAT(refusal(grey.substr(0, 20)), Contains("cannot read x.png: damaged PNG"));
  CHECK_THAT(refusal(grey.substr(0, 45)), Contains("x.png"));
  CHECK_THAT(refusal(png(3, 2, 8, 0, bytes({0, 0, 51}))), Contains("cut off or damaged PNG"));
  std::string flipped = grey;
  flipped[47] ^= 1;
  CHECK_THAT(refusal(flipped), Contains("damaged PNG"));
  CHECK_THAT(refusal(png(0, 2, 8, 0, bytes({0}))), Contains("damaged PNG"));
}

TEST_CASE("PNG: a promise of 10^10 pixels costs no memory") {
  CHECK_THAT(refusal(png(100000, 100000, 8, 0, bytes({0}))),
             Contains("damaged PNG: 100000 x 100000 pixels are more than it can hold"));
}

TEST_CASE("Images side by side") {
  Dataset images{.image_rows = 1, .image_columns = 2};
  images.features = (RowMatrix(3, 2) << 1, 2, 3, 4, 5, 6).finished();
  const RowMatrix sheet = contact_sheet(images, 2, 1, 9);
  CHECK(sheet == (RowMatrix(3, 5) << 1, 2, 9, 3, 4, 9, 9, 9, 9, 9, 5, 6, 9, 9, 9).finished());
  CHECK_THROWS_AS(contact_sheet(Dataset{}, 2), InputError);
}
