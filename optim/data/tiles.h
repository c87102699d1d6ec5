// Tiles: overlapping pieces of an image, or frames of a recording, which is an image of one row; as columns,
// and back by the mean of those that overlap.
#pragma once

#include "optim/data/dataset.h"

namespace raphson::optim::data {

/// Tiles start every `hop` from 0 on, and one ends where the whole ends.
struct Tiling {
  Eigen::Index rows, columns;           ///< of the whole
  Eigen::Index tile_rows, tile_columns; ///< of a tile
  Eigen::Index hop_rows, hop_columns;

  /// Throws InputError where a tile is larger than the whole, or a size or hop is below 1.
  void check() const;
  Eigen::Index down() const { return steps(rows, tile_rows, hop_rows); }
  Eigen::Index across() const { return steps(columns, tile_columns, hop_columns); }
  Eigen::Index count() const { return down() * across(); }
  Eigen::Index tile_size() const { return tile_rows * tile_columns; }
  /// Where tile i begins; tiles are counted row by row.
  Eigen::Index top(Eigen::Index i) const;
  Eigen::Index left(Eigen::Index i) const;

private:
  static Eigen::Index steps(Eigen::Index whole, Eigen::Index tile, Eigen::Index hop) {
    return 1 + (whole - tile + hop - 1) / hop;
  }
};

/// A recording in frames.
Tiling frames_every(Eigen::Index samples, Eigen::Index length, Eigen::Index hop);
/// An image in square patches.
Tiling patches_every(Eigen::Index rows, Eigen::Index columns, Eigen::Index size, Eigen::Index hop);

/// Tile i, row by row.
Vector tile(const Eigen::Ref<const RowMatrix>& whole, const Tiling& tiling, Eigen::Index i);
/// All of them, a column each.
Matrix cut_tiles(const Eigen::Ref<const RowMatrix>& whole, const Tiling& tiling);
/// Adds tile i to `sum` and 1 to `covered` where it lies.
void add_tile(const Eigen::Ref<const Vector>& tile, const Tiling& tiling, Eigen::Index i, RowMatrix& sum,
              RowMatrix& covered);
/// Each place the mean of the tiles that cover it; places between tiles (hop beyond the tile) are 0.
RowMatrix join_tiles(const Matrix& tiles, const Tiling& tiling);

} // namespace raphson::optim::data
