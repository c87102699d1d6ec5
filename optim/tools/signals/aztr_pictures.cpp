#include "optim/data/png_image.h"
#include "optim/tools/signals/aztr_report.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

using data::RowMatrix;

constexpr Index gap = 2;
constexpr double border = 1;

struct Levels {
  double low = 0, high = 1;
};

Levels levels_of(const float* values, std::size_t count) {
  const auto [low, high] = std::minmax_element(values, values + count);
  return {static_cast<double>(*low), static_cast<double>(*high > *low ? *high : *low + 1)};
}

RowMatrix tile(const float* values, Index rows, Index columns, const Levels& levels) {
  const Eigen::Map<const Crops> pixels(values, rows, columns);
  return (pixels.cast<double>().array() - levels.low) / (levels.high - levels.low);
}

void draw_square(double x, double y, double half, RowMatrix& frame) {
  const auto inside = [](double place, Index extent) {
    return std::clamp<Index>(static_cast<Index>(std::lround(place)), 0, extent - 1);
  };
  const Index top = inside(y - half, frame.rows()), bottom = inside(y + half, frame.rows()),
              left = inside(x - half, frame.cols()), right = inside(x + half, frame.cols());
  for (const Index row : {top, bottom}) frame.row(row).segment(left, right - left + 1).setConstant(border);
  for (const Index column : {left, right})
    frame.col(column).segment(top, bottom - top + 1).setConstant(border);
}

} // namespace

report::NamedImage zoom_picture(const Clips& clips, std::span<const ZoomPath> paths, int size,
                                std::span<const std::size_t> chosen, const std::string& caption) {
  const int shown = std::min(clips.frames, 12);
  const Index enlarged = std::max(1, clips.columns / size), crop_side = enlarged * size;
  const Index wide = std::max<Index>(clips.columns, crop_side) + gap, high = clips.rows + crop_side + 4 * gap;
  RowMatrix sheet = RowMatrix::Zero(std::ssize(chosen) * high + gap, shown * wide + gap);
  for (std::size_t k = 0; k < chosen.size(); ++k) {
    const std::size_t clip = chosen[k];
    const Levels levels = levels_of(clips.frame(clip, 0).pixels, clips.clip_size());
    for (int t = 0; t < shown; ++t) {
      const auto at = static_cast<std::size_t>(t);
      RowMatrix frame = tile(clips.frame(clip, t).pixels, clips.rows, clips.columns, levels);
      draw_square(paths[clip].x[at], paths[clip].y[at], paths[clip].half, frame);
      std::vector<float> crop(static_cast<std::size_t>(size * size));
      data::crop(clips.frame(clip, t), {paths[clip].y[at], paths[clip].x[at], paths[clip].half}, size,
                 crop.data());
      const Index top = gap + static_cast<Index>(k) * high, left = gap + t * wide;
      sheet.block(top, left, clips.rows, clips.columns) = frame;
      const RowMatrix small = tile(crop.data(), size, size, levels);
      for (Index r = 0; r < crop_side; ++r)
        for (Index c = 0; c < crop_side; ++c)
          sheet(top + clips.rows + gap + r, left + c) = small(r / enlarged, c / enlarged);
    }
  }
  const int scale = static_cast<int>(std::clamp<Index>(1400 / sheet.cols(), 1, 4));
  return {"zoom", data::png_bytes(data::grey_image(sheet, scale)), caption};
}

} // namespace raphson::optim::tools
