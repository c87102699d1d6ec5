#include "optim/data/png_image.h"
#include "optim/tools/signals/attsets_report.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

using data::RowMatrix;

constexpr Index gap = 2, bar = 2, curve_height = 24, curve_width = 64;
constexpr int scale = 3;
constexpr double ground = 0.25;

struct Levels {
  double low = 0, high = 1;
  double operator()(double value) const { return high > low ? (value - low) / (high - low) : 0; }
};

/// Values as an image, or as columns as high as they are.
RowMatrix tile(const auto& values, const ImageSize& image, const Levels& levels) {
  if (image.rows > 0) {
    RowMatrix pixels(image.rows, image.columns);
    for (Index k = 0; k < pixels.size(); ++k) pixels.data()[k] = levels(values[k]);
    return pixels;
  }
  const Index width = std::min<Index>(curve_width, values.size());
  RowMatrix pixels = RowMatrix::Zero(curve_height, width);
  for (Index k = 0; k < width; ++k) {
    const Index from = k * values.size() / width,
                count = std::max<Index>(1, (k + 1) * values.size() / width - from);
    const double level = std::clamp(levels(values.segment(from, count).mean()), 0.0, 1.0);
    pixels.col(k).tail(static_cast<Index>(std::lround(level * curve_height))).setOnes();
  }
  return pixels;
}

/// Without the hundredth part at either end, of which noise would have most; 0 is among them.
Levels levels_of(const RowMatrix& values) {
  std::vector<double> sorted(values.data(), values.data() + values.size());
  const auto quantile = [&](double share) {
    const auto at =
        sorted.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(sorted.size() - 1));
    std::nth_element(sorted.begin(), at, sorted.end());
    return *at;
  };
  return {std::min(quantile(0.01), 0.0), quantile(0.99)};
}

void place(const RowMatrix& tile, Index row, Index column, RowMatrix& sheet) {
  sheet.block(row, column, tile.rows(), tile.cols()) = tile;
}

/// Of a set, those that have a share: no more than the result was made of.
double views_counted(const PicturedSets& p, std::size_t set) {
  if (p.result.shares.size() == 0) return 0;
  const SetBounds& bounds = p.sets.bounds;
  const auto shares = p.result.shares.segment(bounds.first[set], bounds.size(set)).array();
  return static_cast<double>(shares.isFinite().count());
}

} // namespace

report::NamedImage set_picture(const PicturedSets& p, const std::string& caption) {
  const SetBounds& bounds = p.sets.bounds;
  const auto lines = static_cast<Index>(std::min(p.most_sets, bounds.sets()));
  const Index shown = std::min(p.most_views, bounds.most());
  const Levels of_views = levels_of(p.sets.views),
               of_results = levels_of(p.targets ? *p.targets : p.result.values);
  const ImageSize image{p.sets.rows, p.sets.columns};
  const RowMatrix view = tile(p.sets.views.row(0), image, of_views),
                  result = tile(p.result.values.row(0), p.result_image, of_results);
  const Index high = std::max(view.rows() + 1 + bar, result.rows()) + gap;
  const Index results_at = shown * (view.cols() + gap) + 2 * gap;
  RowMatrix sheet = RowMatrix::Constant(gap + lines * high, results_at + 2 * (result.cols() + gap), ground);
  for (Index i = 0; i < lines; ++i) {
    const auto set = static_cast<std::size_t>(i);
    const double twice_even = 2 / std::max(1.0, views_counted(p, set));
    const Index top = gap + i * high;
    for (Index n = 0; n < std::min(shown, bounds.size(set)); ++n) {
      const Index row = bounds.first[set] + n, left = gap + n * (view.cols() + gap);
      place(tile(p.sets.views.row(row), image, of_views), top, left, sheet);
      if (p.result.shares.size() == 0 || !std::isfinite(p.result.shares[row])) continue;
      const Index filled =
          std::lround(std::min(p.result.shares[row] / twice_even, 1.0) * static_cast<double>(view.cols()));
      sheet.block(top + view.rows() + 1, left, bar, view.cols()).setZero();
      sheet.block(top + view.rows() + 1, left, bar, filled).setOnes();
    }
    place(tile(p.result.values.row(i), p.result_image, of_results), top, results_at, sheet);
    if (p.targets)
      place(tile(p.targets->row(i), p.result_image, of_results), top, results_at + result.cols() + gap,
            sheet);
  }
  return {"sets", data::png_bytes(data::grey_image(sheet, scale)), caption};
}

} // namespace raphson::optim::tools
