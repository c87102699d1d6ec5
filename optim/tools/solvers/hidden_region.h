// The part of an image that a completion model does not see: a rectangle, in the middle of every image or at
// a random place of each, set to 0.
//
//   const HiddenRegion region("centre:6", 14, 14);      or "random:6", "centre:6x20" (rows x columns)
#pragma once

#include "optim/data/dataset.h"
#include "optim/engine/random.h"

#include <string>
#include <vector>

namespace raphson::optim::tools {

class HiddenRegion {
public:
  /// Of images of this size. Throws InputError for anything else than the above, and for a rectangle that
  /// covers nothing, everything, or more than there is.
  HiddenRegion(const std::string& text, int rows, int columns);

  const std::string& text() const { return text_; }
  Eigen::Index pixels() const { return Eigen::Index(high_) * wide_; }
  int image_rows() const { return rows_; }
  int image_columns() const { return columns_; }

  /// The first pixel of the rectangle in an image: one draw where places are random, none otherwise.
  Eigen::Index place(RandomStream& random) const;
  std::vector<Eigen::Index> places(std::size_t images, std::uint64_t seed) const;

  /// The pixels' numbers in the image, row by row, for a rectangle that begins there.
  std::vector<Eigen::Index> hidden(Eigen::Index place) const;

  /// A row's hidden pixels become 0.
  template <class Row> void hide(Row&& image, Eigen::Index place) const {
    for (int r = 0; r < high_; ++r) image.segment(place + Eigen::Index(r) * columns_, wide_).setZero();
  }
  /// Every row, place by place.
  data::RowMatrix masked(data::RowMatrix images, const std::vector<Eigen::Index>& places) const;
  /// What is hidden of `images`, from `inside`; the rest is `images`.
  data::RowMatrix filled(data::RowMatrix images, const data::RowMatrix& inside,
                         const std::vector<Eigen::Index>& places) const;

private:
  std::string text_;
  int rows_, columns_, high_ = 0, wide_ = 0;
  bool random_ = false;
};

} // namespace raphson::optim::tools
