#include "optim/tools/signals/aztr_zoom.h"

#include "dsp/error.h"
#include "optim/data/image_transforms.h"

#include <algorithm>

namespace raphson::optim::tools {
namespace {

void apply(const PixelScale& scale, Crops& crops) {
  crops = (crops.array() - static_cast<float>(scale.mean)) / static_cast<float>(scale.deviation);
}

Crops room_for(const Clips& clips, int size) {
  return Crops(static_cast<Index>(clips.count), Index{clips.frames} * size * size);
}

} // namespace

std::vector<int> key_frames(int frames, int every) {
  if (every < 1)
    throw InputError("key frames: every " + std::to_string(every) + ", 1 or more would be right");
  std::vector<int> keys;
  for (int t = 0; t < frames - 1; t += every) keys.push_back(t);
  keys.push_back(frames - 1);
  return keys;
}

ZoomPath zoom_path(std::span<const int> keys, std::span<const Detection> found, double min_score,
                   int frames) {
  const auto best = static_cast<std::size_t>(
      std::max_element(found.begin(), found.end(),
                       [](const Detection& a, const Detection& b) { return a.score < b.score; })
      - found.begin());
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < found.size(); ++i)
    if (i == best || found[i].score >= min_score) kept.push_back(i);
  ZoomPath path{.keys = {keys.begin(), keys.end()}, .found = {found.begin(), found.end()}};
  std::size_t next = 0; // of the kept, the first behind or at the frame
  for (int t = 0; t < frames; ++t) {
    while (next < kept.size() && keys[kept[next]] < t) ++next;
    const Detection& a = found[kept[next > 0 ? next - 1 : 0]];
    const Detection& b = found[kept[std::min(next, kept.size() - 1)]];
    double share = 0;
    if (next > 0 && next < kept.size())
      share = double(t - keys[kept[next - 1]]) / (keys[kept[next]] - keys[kept[next - 1]]);
    path.x.push_back(a.x + share * (b.x - a.x));
    path.y.push_back(a.y + share * (b.y - a.y));
  }
  for (const std::size_t i : kept) path.half = std::max(path.half, 1.5 * found[i].size);
  return path;
}

Crops zoomed(const Clips& clips, std::span<const ZoomPath> paths, int size, const PixelScale& scale) {
  Crops crops = room_for(clips, size);
  for (std::size_t i = 0; i < clips.count; ++i)
    for (int t = 0; t < clips.frames; ++t) {
      const auto at = static_cast<std::size_t>(t);
      data::crop(clips.frame(i, t), {paths[i].y[at], paths[i].x[at], paths[i].half}, size,
                 crops.row(static_cast<Index>(i)).data() + t * size * size);
    }
  apply(scale, crops);
  return crops;
}

Crops whole_frames(const Clips& clips, int size, const PixelScale& scale) {
  Crops crops = room_for(clips, size);
  data::Dataset frames{.image_rows = clips.rows, .image_columns = clips.columns, .name = clips.name};
  for (std::size_t i = 0; i < clips.count; ++i) {
    const Eigen::Map<const Crops> pixels(clips.frame(i, 0).pixels, clips.frames,
                                         static_cast<Index>(clips.frame_size()));
    frames.features = pixels.cast<double>();
    const data::Dataset small = data::resize(frames, size, size);
    crops.row(static_cast<Index>(i)) = small.features.reshaped<Eigen::RowMajor>().transpose().cast<float>();
  }
  apply(scale, crops);
  return crops;
}

} // namespace raphson::optim::tools
