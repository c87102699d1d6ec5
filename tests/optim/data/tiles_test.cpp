#include "optim/data/tiles.h"

#include "dsp/error.h"
#include "tests/catch.h"

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::data;
using Catch::Matchers::Contains;

namespace {

RowMatrix counted(Eigen::Index rows, Eigen::Index columns) {
  RowMatrix m(rows, columns);
  for (Eigen::Index i = 0; i < m.size(); ++i) m.data()[i] = static_cast<double>(i * i % 97);
  return m;
}

} // namespace

TEST_CASE("tiles: the last ends where the whole ends, and their mean is the whole again") {
  const RowMatrix image = counted(9, 13);
  const Tiling tiling = patches_every(9, 13, 4, 3);
  CHECK(tiling.count() == 3 * 4);
  const Matrix tiles = cut_tiles(image, tiling);
  CHECK(tiles(1, 0) == image(0, 1)); // row by row
  CHECK(tiles(4, 0) == image(1, 0));
  CHECK(tiles(15, 11) == image(8, 12));
  CHECK((join_tiles(tiles, tiling) - image).norm() < 1e-12);

  const RowMatrix sound = counted(1, 50);
  const Tiling frames = frames_every(50, 16, 5);
  CHECK(cut_tiles(sound, frames).col(1) == sound.middleCols(5, 16).transpose());
  CHECK((join_tiles(cut_tiles(sound, frames), frames) - sound).norm() < 1e-12);
}

TEST_CASE("tiles: what overlaps is averaged") {
  const Tiling tiling = frames_every(6, 4, 2);
  Matrix tiles(4, 2);
  tiles.col(0).setConstant(1);
  tiles.col(1).setConstant(3);
  const RowMatrix joined = join_tiles(tiles, tiling);
  CHECK(joined == (RowMatrix(1, 6) << 1, 1, 2, 2, 3, 3).finished());
}

TEST_CASE("tiles: what cannot be is refused") {
  CHECK_THROWS_WITH(frames_every(10, 11, 1), Contains("the whole is 10"));
  CHECK_THROWS_WITH(patches_every(5, 20, 8, 4), Contains("5 x 20"));
  CHECK_THROWS_WITH(frames_every(10, 4, 0), Contains("at least 1"));
}
