#include "dsp/error.h"
#include "optim/data/csv.h"
#include "optim/data/folder.h"
#include "optim/data/npy.h"
#include "optim/data/png_image.h"
#include "optim/report/text.h"
#include "optim/tools/signals/rankseg_files.h"

#include <algorithm>

namespace raphson::optim::tools {
namespace {

/// Labels or masks as a file has them, [sample][pixel] or [sample][class][pixel].
struct TruthValues {
  std::string name;
  std::vector<double> values;
  bool are_masks = false;
};

std::string shape_text(const std::vector<std::size_t>& shape) {
  std::string text;
  for (const std::size_t size : shape) text += (text.empty() ? "(" : ", ") + std::to_string(size);
  return text + ")";
}

TruthValues from_npy(const std::filesystem::path& file, const ProbabilityMaps& maps) {
  data::NpyArray array = data::read_npy(file);
  std::vector<std::size_t> labels = maps.shape, masks = maps.shape;
  masks.insert(masks.begin(), maps.class_names.size());
  if (maps.has_samples)
    for (auto* shape : {&labels, &masks}) shape->insert(shape->begin(), maps.samples);
  if (array.shape != labels && array.shape != masks)
    throw InputError(file.string() + ": an array " + shape_text(array.shape) + "; the truth of " + maps.name
                     + " is labels " + shape_text(labels) + " or masks " + shape_text(masks));
  return {file.string(), std::move(array.values), array.shape == masks};
}

/// `file` has an image of the maps' size; its grey levels from 0 to 255.
std::vector<double> grey_bytes(const std::filesystem::path& file, const ProbabilityMaps& maps) {
  const data::PngImage image = data::read_png(file);
  if (image.channels != 1)
    throw InputError(file.string() + ": a grey PNG is needed, whose levels are class indices or a mask");
  const std::vector<std::size_t> shape{static_cast<std::size_t>(image.rows),
                                       static_cast<std::size_t>(image.columns)};
  if (shape != maps.shape)
    throw InputError(file.string() + ": " + shape_text(shape) + " pixels, " + maps.name + " has "
                     + shape_text(maps.shape));
  return {image.bytes.begin(), image.bytes.end()};
}

TruthValues from_png(const Paths& files, const ProbabilityMaps& maps) {
  const bool are_masks = static_cast<Eigen::Index>(files.size()) == maps.classes();
  if (!are_masks && files.size() != 1)
    throw InputError("--truth: " + std::to_string(files.size()) + " images for "
                     + std::to_string(maps.classes()) + " classes; one of labels, or one mask a class");
  TruthValues truth{files.front().string(), {}, are_masks};
  for (const auto& file : files)
    for (const double level : grey_bytes(file, maps)) {
      if (are_masks && level != 0 && level != 1 && level != 255)
        throw InputError(file.string() + ": level " + report::format_significant(level, 3)
                         + " in a mask, which has 0 and 255");
      truth.values.push_back(are_masks ? (level > 0 ? 1 : 0) : level);
    }
  return truth;
}

TruthValues from_csv(const std::filesystem::path& file, const ProbabilityMaps& maps) {
  const data::CsvTable table = data::read_csv(file);
  if (static_cast<Eigen::Index>(table.rows()) != maps.pixels())
    throw InputError(file.string() + ": " + std::to_string(table.rows()) + " rows, " + maps.name + " has "
                     + std::to_string(maps.pixels()));
  if (table.has_column("label")) return {file.string(), table.numbers("label"), false};
  TruthValues truth{file.string(), {}, true};
  for (const std::string& name : maps.class_names) {
    if (!table.has_column(name))
      throw InputError(file.string() + ": no column label, and none called " + name + " as in " + maps.name);
    const auto values = table.numbers(name);
    truth.values.insert(truth.values.end(), values.begin(), values.end());
  }
  return truth;
}

[[noreturn]] void refuse(const TruthValues& truth, std::size_t index, std::size_t pixels,
                         const std::string& expected) {
  const std::size_t sample = index / pixels;
  throw InputError(truth.name + ": " + report::format_significant(truth.values[index], 6) + " at pixel "
                   + std::to_string(index % pixels)
                   + (sample > 0 ? " of map " + std::to_string(sample) : std::string()) + " (from 0); "
                   + expected);
}

std::vector<ClassMasks> masks_from(const TruthValues& truth, const ProbabilityMaps& maps) {
  const auto classes = static_cast<std::size_t>(maps.classes()),
             pixels = static_cast<std::size_t>(maps.pixels());
  std::vector<ClassMasks> masks(maps.samples, ClassMasks(maps.classes(), maps.pixels()));
  for (std::size_t i = 0; i < truth.values.size(); ++i) {
    const double value = truth.values[i];
    if (value != 0 && value != 1 && value != ignored)
      refuse(truth, i, pixels, "a mask has 0 and 1, and 255 where a pixel does not count");
    masks[i / pixels / classes].data()[i % (pixels * classes)] = static_cast<std::uint8_t>(value);
  }
  return masks;
}

// What an editor and this tool write as a mask is no picture of labels: all that is 255 in it would be left
// out.
void refuse_mask_for_labels(const TruthValues& truth, const ProbabilityMaps& maps) {
  if (maps.source != ProbabilityMaps::Source::png) return;
  const auto has = [&](double level) {
    return std::find(truth.values.begin(), truth.values.end(), level) != truth.values.end();
  };
  const bool levels_of_mask = std::all_of(truth.values.begin(), truth.values.end(),
                                          [](double level) { return level == 0 || level == 255; });
  if (levels_of_mask && has(0) && has(255))
    throw InputError(
        truth.name + ": levels 0 and 255 alone, which looks like a mask; labels are class indices, 0 to "
        + std::to_string(maps.classes() - 1) + ", and 255 does not count. Give a mask for each class");
}

std::vector<ClassMasks> masks_from_labels(const TruthValues& truth, const ProbabilityMaps& maps) {
  refuse_mask_for_labels(truth, maps);
  const auto pixels = static_cast<std::size_t>(maps.pixels());
  const int left_out = ignored_label(maps.classes());
  std::vector<ClassMasks> masks(maps.samples, ClassMasks::Zero(maps.classes(), maps.pixels()));
  for (std::size_t i = 0; i < truth.values.size(); ++i) {
    const double value = truth.values[i];
    const auto pixel = static_cast<Eigen::Index>(i % pixels);
    if (value == left_out)
      masks[i / pixels].col(pixel).setConstant(ignored);
    else if (value >= 0 && value < static_cast<double>(maps.classes()) && value == std::floor(value))
      masks[i / pixels](static_cast<Eigen::Index>(value), pixel) = 1;
    else
      refuse(truth, i, pixels,
             "labels are class indices from 0 to " + std::to_string(maps.classes() - 1) + ", and "
                 + std::to_string(left_out) + " where a pixel does not count");
  }
  return masks;
}

} // namespace

std::vector<ClassMasks> read_truth(const Paths& files, const ProbabilityMaps& maps) {
  const std::string extension = data::lower_case_extension(files.front());
  if ((extension != ".npy" && extension != ".csv" && extension != ".png")
      || (extension != ".png" && files.size() > 1))
    throw InputError(files.front().string() + ": a truth is one .npy, one .csv, or .png images");
  if (extension == ".csv" && maps.source != ProbabilityMaps::Source::csv)
    throw InputError(files.front().string() + ": a CSV is the truth of frames; " + maps.name
                     + " has another kind of truth, .npy or .png");
  TruthValues truth = extension == ".npy"   ? from_npy(files.front(), maps)
                      : extension == ".csv" ? from_csv(files.front(), maps)
                                            : from_png(files, maps);
  // Of one class, what looks like labels is its mask.
  return truth.are_masks || maps.classes() == 1 ? masks_from(truth, maps) : masks_from_labels(truth, maps);
}

} // namespace raphson::optim::tools
