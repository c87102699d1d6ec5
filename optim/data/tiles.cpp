#include "optim/data/tiles.h"

#include "dsp/error.h"

#include <algorithm>
#include <string>

namespace raphson::optim::data {
namespace {

std::string size_text(Eigen::Index rows, Eigen::Index columns) {
  return rows == 1 ? std::to_string(columns) : std::to_string(rows) + " x " + std::to_string(columns);
}

} // namespace

using Eigen::Index;

void Tiling::check() const {
  if (tile_rows < 1 || tile_columns < 1 || hop_rows < 1 || hop_columns < 1)
    throw InputError("tiles of " + size_text(tile_rows, tile_columns) + " every "
                     + size_text(hop_rows, hop_columns) + ": at least 1 expected");
  if (tile_rows > rows || tile_columns > columns)
    throw InputError("tiles of " + size_text(tile_rows, tile_columns) + ", but the whole is "
                     + size_text(rows, columns) + ": smaller tiles or a larger whole expected");
}

Index Tiling::top(Index i) const { return std::min(i / across() * hop_rows, rows - tile_rows); }
Index Tiling::left(Index i) const { return std::min(i % across() * hop_columns, columns - tile_columns); }

Tiling frames_every(Index samples, Index length, Index hop) {
  const Tiling tiling{1, samples, 1, length, 1, hop};
  tiling.check();
  return tiling;
}

Tiling patches_every(Index rows, Index columns, Index size, Index hop) {
  const Tiling tiling{rows, columns, size, size, hop, hop};
  tiling.check();
  return tiling;
}

Vector tile(const Eigen::Ref<const RowMatrix>& whole, const Tiling& tiling, Index i) {
  return whole.block(tiling.top(i), tiling.left(i), tiling.tile_rows, tiling.tile_columns)
      .reshaped<Eigen::RowMajor>();
}

Matrix cut_tiles(const Eigen::Ref<const RowMatrix>& whole, const Tiling& tiling) {
  Matrix tiles(tiling.tile_size(), tiling.count());
  for (Index i = 0; i < tiles.cols(); ++i) tiles.col(i) = tile(whole, tiling, i);
  return tiles;
}

void add_tile(const Eigen::Ref<const Vector>& tile, const Tiling& tiling, Index i, RowMatrix& sum,
              RowMatrix& covered) {
  const auto place = [&](RowMatrix& m) {
    return m.block(tiling.top(i), tiling.left(i), tiling.tile_rows, tiling.tile_columns);
  };
  place(sum) += tile.reshaped<Eigen::RowMajor>(tiling.tile_rows, tiling.tile_columns);
  place(covered).array() += 1;
}

RowMatrix join_tiles(const Matrix& tiles, const Tiling& tiling) {
  RowMatrix sum = RowMatrix::Zero(tiling.rows, tiling.columns), covered = sum;
  for (Index i = 0; i < tiling.count(); ++i) add_tile(tiles.col(i), tiling, i, sum, covered);
  return sum.cwiseQuotient(covered.cwiseMax(1));
}

} // namespace raphson::optim::data
