#include "optim/data/pictures.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/data/blurred_noise.h"
#include "optim/data/npy.h"
#include "optim/data/png_image.h"
#include "optim/data/scratch_folder.h"

#include <cmath>
#include <fstream>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::data;
using Catch::Matchers::Contains;

TEST_CASE("PGM: text and bytes, 8 and 16 bits, comments") {
  const Picture text = parse_pgm("P2\n# made by hand\n3 2 # wide, high\n4\n0 1 2\n3 4 0\n", "p");
  CHECK(text.columns == 3);
  CHECK(text.rows == 2);
  CHECK(text.levels == std::vector<float>{0, 0.25f, 0.5f, 0.75f, 1, 0});
  const Picture bytes = parse_pgm(std::string("P5 2 1 255\n\x00\xff", 13), "p");
  CHECK(bytes.levels == std::vector<float>{0, 1});
  const Picture wide = parse_pgm(std::string("P5 1 2 65535\n\x80\x00\xff\xff", 17), "p");
  CHECK(wide.levels == std::vector<float>{32768.0f / 65535, 1});
}

TEST_CASE("PGM: damaged files are refused by name") {
  const auto refused = [](const std::string& bytes, const std::string& line) {
    CHECK_THROWS_WITH(parse_pgm(bytes, "a.pgm"), Contains("a.pgm") && Contains(line));
  };
  refused("P6 1 1 255\n...", "is not a PGM file");
  refused("P5 4 4 255\nabc", "cut off");
  refused("P2 2 2 9\n1 2 3", "cut off");
  refused("P2 2 2 9\n1 2 3 10", "above 9");
  refused("P2 0 2 9\n", "no pixels");
  refused("P2 x 2 9\n", "a number is missing");
  refused("P2 99999999999 2 9\n", "above");
}

TEST_CASE("A folder of pictures comes in the order of names; an NPY of whole numbers is scaled") {
  ScratchFolder folder;
  write_png(folder / "b.png", grey_image(RowMatrix::Constant(2, 3, 1)));
  std::ofstream(folder / "a.pgm") << "P2 1 1 4 1";
  std::ofstream(folder / "notes.txt") << "x";
  const auto pictures = read_pictures(folder.path());
  REQUIRE(pictures.size() == 2);
  CHECK(pictures[0].levels == std::vector<float>{0.25f});
  CHECK(pictures[1].columns == 3);
  CHECK(parse_png(png_of(pictures[1]), "p").columns == 3);

  const std::vector<std::int64_t> whole{0, 51, 102, 255, 0, 0, 0, 0};
  const std::vector<std::size_t> shape{2, 2, 2};
  write_npy<std::int64_t>(folder / "w.npy", shape, whole);
  const auto frames = read_pictures(folder / "w.npy");
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].levels == std::vector<float>{0, 0.2f, 0.4f, 1});
  const std::vector<double> real{0, 1.5, -1, 0.25, 0, 0, 0, 0};
  write_npy<double>(folder / "r.npy", shape, real);
  CHECK(read_pictures(folder / "r.npy")[0].levels == std::vector<float>{0, 1.5f, -1, 0.25f});
  const std::vector<double> bad{0, NAN, 0, 0, 0, 0, 0, 0};
  write_npy<double>(folder / "n.npy", shape, bad);
  CHECK_THROWS_WITH(read_pictures(folder / "n.npy"), Contains("not finite"));
  write_npy<double>(folder / "f.npy", std::vector<std::size_t>{8}, real);
  CHECK_THROWS_WITH(read_pictures(folder / "f.npy"), Contains("pictures x rows x columns"));
  CHECK_THROWS_WITH(read_pictures(folder / "a.pgm"), Contains("a folder of PNG or PGM"));
}

TEST_CASE("Blurred noise: deviation 1 everywhere, correlation exp(-d^2 / (4 blur^2))") {
  RandomStream random(1, "noise test");
  constexpr int side = 160;
  constexpr double blur = 1.7;
  const auto noise = blurred_noise(side, side, blur, random);
  REQUIRE(noise.size() == side * side);
  for (const int distance : {0, 1, 2, 3}) {
    double along = 0, down = 0, border = 0;
    for (int r = 0; r + distance < side; ++r)
      for (int c = 0; c + distance < side; ++c) {
        along += noise[r * side + c] * noise[r * side + c + distance];
        down += noise[r * side + c] * noise[(r + distance) * side + c];
        if (r < 4) border += noise[r * side + c] * noise[r * side + c];
      }
    const double pairs = (side - distance) * (side - distance),
                 expected = std::exp(-distance * distance / (4 * blur * blur));
    CHECK(along / pairs == Approx(expected).margin(0.08));
    CHECK(down / pairs == Approx(expected).margin(0.08));
    if (distance == 0) CHECK(border / (4 * side) == Approx(1).margin(0.35));
  }
}
