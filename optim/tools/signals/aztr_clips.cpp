#include "optim/tools/signals/aztr_clips.h"

#include "dsp/error.h"
#include "optim/data/csv.h"
#include "optim/data/folder.h"
#include "optim/data/labels.h"
#include "optim/data/npy.h"
#include "optim/data/pictures.h"
#include "optim/data/png_image.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace raphson::optim::tools {
namespace {

constexpr int fewest_frames = 3, smallest_frame = 16;

std::string size_text(int frames, int rows, int columns) {
  return std::to_string(frames) + " frames of " + std::to_string(rows) + " x " + std::to_string(columns)
         + " pixels";
}

void check(const Clips& clips) {
  if (clips.frames < fewest_frames)
    throw InputError(clips.name + ": clips of " + std::to_string(clips.frames) + " frames, at least "
                     + std::to_string(fewest_frames) + " are needed");
  if (clips.rows < smallest_frame || clips.columns < smallest_frame)
    throw InputError(clips.name + ": " + size_text(clips.frames, clips.rows, clips.columns)
                     + ", at least 16 x 16 are needed");
  for (std::size_t i = 0; i < clips.count; ++i) {
    const float* const begin = clips.pixels.data() + i * clips.clip_size();
    if (!std::all_of(begin, begin + clips.clip_size(), [](float v) { return std::isfinite(v); }))
      throw InputError(clips.name + ": clip " + clips.name_of(i) + " has values that are not finite");
  }
}

Clips read_array(const std::filesystem::path& path) {
  const data::NpyArray array = data::read_npy(path);
  if (array.shape.size() != 4)
    throw InputError(path.string() + ": an array of " + std::to_string(array.shape.size())
                     + " dimensions; clips x frames x rows x columns would be right");
  Clips clips{.count = array.shape[0],
              .frames = static_cast<int>(array.shape[1]),
              .rows = static_cast<int>(array.shape[2]),
              .columns = static_cast<int>(array.shape[3]),
              .name = path.string()};
  const double white = data::white_of(array);
  clips.pixels.resize(array.values.size());
  std::transform(array.values.begin(), array.values.end(), clips.pixels.begin(),
                 [white](double value) { return static_cast<float>(value / white); });
  return clips;
}

Clips read_folder(const std::filesystem::path& folder) {
  Clips clips{.name = folder.string()};
  std::string first, last;
  int frames = 0;
  const auto end_clip = [&] {
    if (last.empty()) return;
    if (clips.count == 1) {
      clips.frames = frames;
      first = last;
    }
    if (frames != clips.frames)
      throw InputError(clips.name + ": clip " + last + " has " + std::to_string(frames) + " frames, " + first
                       + " has " + std::to_string(clips.frames) + "; they must be as many");
    frames = 0;
  };
  for (const auto& file : data::files_by_class(folder, {".png"}, "PNG frames")) {
    if (file.label.empty())
      throw InputError(clips.name + ": frames in the folder itself; one folder for each clip would be right");
    if (file.label != last) {
      end_clip();
      last = file.label;
      clips.names.push_back(last);
      ++clips.count;
    }
    const data::RowMatrix levels = data::grey_levels(data::read_png(file.path), file.path.string());
    if (clips.rows == 0) {
      clips.rows = static_cast<int>(levels.rows());
      clips.columns = static_cast<int>(levels.cols());
    }
    if (levels.rows() != clips.rows || levels.cols() != clips.columns)
      throw InputError(file.path.string() + ": a frame of " + std::to_string(levels.rows()) + " x "
                       + std::to_string(levels.cols()) + " pixels, the first has "
                       + std::to_string(clips.rows) + " x " + std::to_string(clips.columns));
    for (Eigen::Index k = 0; k < levels.size(); ++k)
      clips.pixels.push_back(static_cast<float>(levels.data()[k]));
    ++frames;
  }
  end_clip();
  return clips;
}

class ClipNumbers {
public:
  explicit ClipNumbers(const Clips& clips) : clips_(clips) {
    for (std::size_t i = 0; i < clips.count; ++i) numbers_.emplace(clips.name_of(i), i);
  }
  std::size_t operator()(const data::CsvTable& table, std::size_t row, const std::string& file) const {
    const std::string& name = table.text(row, "clip");
    const auto at = numbers_.find(name);
    if (at == numbers_.end())
      throw InputError(file + ", line " + std::to_string(row + 2) + ": clip " + name + " is not in "
                       + clips_.name);
    return at->second;
  }

private:
  const Clips& clips_;
  std::map<std::string, std::size_t> numbers_;
};

} // namespace

Clips read_films(const std::filesystem::path& path) {
  Clips clips = std::filesystem::is_directory(path) ? read_folder(path) : read_array(path);
  check(clips);
  return clips;
}

Clips resampled(const Clips& clips, int frames) {
  Clips other{.count = clips.count,
              .frames = frames,
              .rows = clips.rows,
              .columns = clips.columns,
              .names = clips.names,
              .name = clips.name};
  other.pixels.reserve(clips.count * other.clip_size());
  for (std::size_t i = 0; i < clips.count; ++i)
    for (int t = 0; t < frames; ++t) {
      const auto nearest =
          frames > 1
              ? static_cast<int>(std::lround(static_cast<double>(t) * (clips.frames - 1) / (frames - 1)))
              : 0;
      const float* const from = clips.frame(i, nearest).pixels;
      other.pixels.insert(other.pixels.end(), from, from + clips.frame_size());
    }
  return other;
}

ClipLabels read_clip_labels(const std::filesystem::path& path, const Clips& clips) {
  const data::CsvTable table = data::read_csv(path);
  const std::string file = path.string();
  const ClipNumbers numbers(clips);
  std::vector<std::string> words(clips.count);
  for (std::size_t i = 0; i < table.rows(); ++i) {
    std::string& word = words[numbers(table, i, file)];
    if (!word.empty()) throw InputError(file + ": clip " + table.text(i, "clip") + " comes twice");
    word = table.text(i, "label");
  }
  for (std::size_t i = 0; i < clips.count; ++i)
    if (words[i].empty())
      throw InputError(file + ": no label for clip " + clips.name_of(i) + " of " + clips.name);
  data::Dataset rows;
  rows.features.resize(static_cast<Eigen::Index>(clips.count), 1);
  data::set_labels(rows, words, file);
  if (rows.classes() < 2)
    throw InputError(file + ": one class, " + rows.class_names[0] + "; two at least are needed");
  return {std::move(rows.labels), std::move(rows.class_names), file};
}

std::vector<ClipBox> read_clip_boxes(const std::filesystem::path& path, const Clips& clips) {
  const data::CsvTable table = data::read_csv(path);
  const std::string file = path.string();
  const ClipNumbers numbers(clips);
  std::vector<ClipBox> boxes;
  std::vector<bool> has(clips.count);
  for (std::size_t i = 0; i < table.rows(); ++i) {
    ClipBox box{numbers(table, i, file), 0, table.number(i, "x"), table.number(i, "y"),
                table.number(i, "size")};
    const auto fail = [&](const std::string& what) {
      throw InputError(file + ", line " + std::to_string(i + 2) + ": " + what);
    };
    const double frame = table.number(i, "frame");
    if (!(frame >= 1 && frame <= clips.frames && frame == std::floor(frame)))
      fail("frame " + table.text(i, "frame") + ", a whole number from 1 to " + std::to_string(clips.frames)
           + " would be right");
    box.frame = static_cast<int>(frame) - 1;
    if (!(box.x >= 0 && box.x <= clips.columns - 1 && box.y >= 0 && box.y <= clips.rows - 1))
      fail("a box at x " + table.text(i, "x") + ", y " + table.text(i, "y") + ", outside the frame of "
           + std::to_string(clips.columns) + " x " + std::to_string(clips.rows) + " pixels");
    if (!(box.size > 0 && box.size <= std::max(clips.rows, clips.columns)))
      fail("size " + table.text(i, "size") + ", half the target's larger side in pixels would be right");
    has[box.clip] = true;
    boxes.push_back(box);
  }
  for (std::size_t i = 0; i < clips.count; ++i)
    if (!has[i]) throw InputError(file + ": no box for clip " + clips.name_of(i) + ", on one frame at least");
  return boxes;
}

} // namespace raphson::optim::tools
