#include "optim/tools/solvers/hidden_region.h"

#include "dsp/error.h"

#include <charconv>

namespace raphson::optim::tools {

using Eigen::Index;

namespace {

int side(std::string_view text, const std::string& whole) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw InputError("--mask " + whole
                     + ": centre:6, random:6 or centre:6x20 (rows x columns) would be right");
  return value;
}

} // namespace

HiddenRegion::HiddenRegion(const std::string& text, int rows, int columns)
    : text_(text), rows_(rows), columns_(columns) {
  const auto colon = text.find(':');
  const std::string kind = text.substr(0, colon);
  if (colon == std::string::npos || (kind != "centre" && kind != "random")) side("", text);
  random_ = kind == "random";
  const std::string_view size = std::string_view(text).substr(colon + 1);
  const auto by = size.find('x');
  high_ = side(size.substr(0, by), text);
  wide_ = by == std::string_view::npos ? high_ : side(size.substr(by + 1), text);
  const std::string image = std::to_string(rows) + " x " + std::to_string(columns);
  if (high_ < 1 || wide_ < 1) throw InputError("--mask " + text + " hides nothing of an image of " + image);
  if (high_ > rows || wide_ > columns || (high_ == rows && wide_ == columns))
    throw InputError("--mask " + text + " leaves nothing to see of an image of " + image);
}

Index HiddenRegion::place(RandomStream& random) const {
  const int down = rows_ - high_, right = columns_ - wide_;
  if (!random_) return Index(down / 2) * columns_ + right / 2;
  const auto at = static_cast<Index>(random.index(std::size_t(down + 1) * std::size_t(right + 1)));
  return at / (right + 1) * columns_ + at % (right + 1);
}

std::vector<Index> HiddenRegion::places(std::size_t images, std::uint64_t seed) const {
  RandomStream random(seed, "hidden regions");
  std::vector<Index> result(images);
  for (Index& at : result) at = place(random);
  return result;
}

std::vector<Index> HiddenRegion::hidden(Index place) const {
  std::vector<Index> numbers;
  for (int r = 0; r < high_; ++r)
    for (int c = 0; c < wide_; ++c) numbers.push_back(place + Index(r) * columns_ + c);
  return numbers;
}

data::RowMatrix HiddenRegion::masked(data::RowMatrix images, const std::vector<Index>& places) const {
  for (Index i = 0; i < images.rows(); ++i) hide(images.row(i), places.at(static_cast<std::size_t>(i)));
  return images;
}

data::RowMatrix HiddenRegion::filled(data::RowMatrix images, const data::RowMatrix& inside,
                                     const std::vector<Index>& places) const {
  for (Index i = 0; i < images.rows(); ++i)
    for (const Index pixel : hidden(places.at(static_cast<std::size_t>(i))))
      images(i, pixel) = inside(i, pixel);
  return images;
}

} // namespace raphson::optim::tools
