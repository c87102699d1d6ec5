#include "optim/tools/signals/rankseg_files.h"

#include "dsp/error.h"
#include "optim/data/csv.h"
#include "optim/data/folder.h"
#include "optim/data/npy.h"
#include "optim/data/png_image.h"
#include "optim/report/text.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace raphson::optim::tools {
namespace {

using Source = ProbabilityMaps::Source;

/// Probabilities that miss their range by rounding alone are put back into it.
constexpr double rounding = 1e-6;

Source source_of(const Paths& files) {
  const std::string extension = data::lower_case_extension(files.front());
  if (extension == ".npy" && files.size() == 1) return Source::npy;
  if (extension == ".csv" && files.size() == 1) return Source::csv;
  if (std::all_of(files.begin(), files.end(),
                  [](const auto& file) { return data::lower_case_extension(file) == ".png"; }))
    return Source::png;
  throw InputError(files.back().string() + (std::filesystem::is_directory(files.back()) ? " is a folder" : "")
                   + ": probability maps are one .npy, one .csv, or a .png for each class");
}

/// Where a value lies, as the user's file counts it.
std::string place_of(const ProbabilityMaps& maps, std::size_t index) {
  const auto pixels = static_cast<std::size_t>(maps.pixels()), classes = maps.class_names.size();
  const std::size_t pixel = index % pixels, c = index / pixels % classes, sample = index / pixels / classes;
  if (maps.source == Source::csv)
    return "row " + std::to_string(pixel + 1) + ", column " + maps.class_names[c];
  std::string place = maps.has_samples ? std::to_string(sample) + ", " : "";
  place += std::to_string(c) + ", ";
  if (maps.are_images()) place += std::to_string(pixel / maps.shape[1]) + ", ";
  return "[" + place + std::to_string(maps.are_images() ? pixel % maps.shape[1] : pixel) + "]";
}

void check(ProbabilityMaps& maps) {
  const auto [low, high] = std::minmax_element(maps.values.begin(), maps.values.end());
  for (std::size_t i = 0; i < maps.values.size(); ++i) {
    double& value = maps.values[i];
    if (value >= 0 && value <= 1) continue;
    if (value >= -rounding && value <= 1 + rounding) {
      value = std::clamp(value, 0.0, 1.0);
      continue;
    }
    const std::string what = maps.name + ": " + report::format_significant(value, 6) + " at "
                             + place_of(maps, i) + " is no probability, numbers from 0 to 1 are needed";
    if (!std::isfinite(value)) throw InputError(what);
    throw InputError(what
                     + (*low < -rounding ? "; these look like logits: apply a sigmoid or softmax first"
                        : *high > 1 && value == std::floor(value) && *high <= 255
                            ? "; divide levels up to 255 by 255 first"
                            : ""));
  }
}

ProbabilityMaps from_npy(const std::filesystem::path& file, PixelAxes axes) {
  data::NpyArray array = data::read_npy(file);
  std::vector<std::size_t> shape = array.shape;
  ProbabilityMaps maps{.source = Source::npy, .name = file.string()};
  if (shape.empty() || shape.size() > 4)
    throw InputError(
        maps.name + ": an array of " + std::to_string(shape.size())
        + " axes; (classes, rows, columns), (samples, classes, rows, columns), (classes, pixels) "
          "or (pixels) is needed");
  if (axes == PixelAxes::samples && shape.size() != 3)
    throw InputError(maps.name + ": an array of " + std::to_string(shape.size())
                     + " axes; --axes ncd asks for (samples, classes, pixels)");
  if (shape.size() == 1) shape.insert(shape.begin(), 1);
  maps.has_samples = shape.size() == 4 || axes == PixelAxes::samples;
  if (!maps.has_samples) shape.insert(shape.begin(), 1);
  maps.samples = shape[0];
  if (shape[1] > most_classes)
    throw InputError(maps.name + ": " + std::to_string(shape[1]) + " classes, at most "
                     + std::to_string(most_classes)
                     + " can be told apart; is the axis of classes where it should be?");
  for (std::size_t c = 0; c < shape[1]; ++c) maps.class_names.push_back(std::to_string(c));
  maps.shape.assign(shape.begin() + 2, shape.end());
  maps.values = std::move(array.values);
  return maps;
}

ProbabilityMaps from_png(const Paths& files) {
  ProbabilityMaps maps{.source = Source::png, .name = files.front().string()};
  if (files.size() > 254)
    throw InputError(std::to_string(files.size())
                     + " images: of more than 254 classes a grey PNG cannot hold the labels; give an .npy");
  for (const auto& file : files) {
    if (data::read_png(file).channels > 2)
      throw InputError(file.string() + " has colours: a grey PNG is needed, 1 at white");
    const data::RowMatrix levels = data::read_grey_levels(file);
    const std::vector<std::size_t> shape{static_cast<std::size_t>(levels.rows()),
                                         static_cast<std::size_t>(levels.cols())};
    if (maps.shape.empty()) maps.shape = shape;
    if (shape != maps.shape)
      throw InputError(file.string() + ": " + std::to_string(shape[0]) + " x " + std::to_string(shape[1])
                       + " pixels, " + maps.name + " has " + std::to_string(maps.shape[0]) + " x "
                       + std::to_string(maps.shape[1]));
    const std::string name = file.stem().string();
    if (std::count(maps.class_names.begin(), maps.class_names.end(), name) > 0)
      throw InputError(file.string() + ": another class's image is called " + name + " as well");
    maps.class_names.push_back(name);
    maps.values.insert(maps.values.end(), levels.data(), levels.data() + levels.size());
  }
  return maps;
}

ProbabilityMaps from_csv(const std::filesystem::path& file) {
  const data::CsvTable table = data::read_csv(file);
  ProbabilityMaps maps{.source = Source::csv, .name = file.string(), .class_names = table.columns()};
  if (table.rows() == 0) throw InputError(maps.name + ": no rows, one a frame is needed");
  if (table.columns().size() > most_classes)
    throw InputError(maps.name + ": more than " + std::to_string(most_classes) + " columns of classes");
  maps.shape = {table.rows()};
  for (const std::string& column : table.columns()) {
    const std::vector<double> values = table.numbers(column);
    maps.values.insert(maps.values.end(), values.begin(), values.end());
  }
  return maps;
}

std::vector<std::size_t> label_shape(const ProbabilityMaps& maps) {
  std::vector<std::size_t> shape = maps.shape;
  if (maps.has_samples) shape.insert(shape.begin(), maps.samples);
  return shape;
}

std::vector<std::size_t> mask_shape(const ProbabilityMaps& maps) {
  std::vector<std::size_t> shape = maps.shape;
  shape.insert(shape.begin(), maps.class_names.size());
  if (maps.has_samples) shape.insert(shape.begin(), maps.samples);
  return shape;
}

} // namespace

Eigen::Index ProbabilityMaps::pixels() const {
  return static_cast<Eigen::Index>(
      std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>()));
}

Eigen::Map<const data::RowMatrix> ProbabilityMaps::sample(std::size_t index) const {
  return {values.data() + static_cast<Eigen::Index>(index) * classes() * pixels(), classes(), pixels()};
}

int ignored_label(Eigen::Index classes) { return classes <= 255 ? 255 : 65535; }

ProbabilityMaps read_probabilities(const Paths& files, PixelAxes axes) {
  const Source source = source_of(files);
  if (axes == PixelAxes::samples && source != Source::npy)
    throw InputError("--axes ncd is for an .npy; " + files.front().string() + " is none");
  ProbabilityMaps maps = source == Source::npy   ? from_npy(files.front(), axes)
                         : source == Source::csv ? from_csv(files.front())
                                                 : from_png(files);
  check(maps);
  return maps;
}

report::ResultFile label_file(const ProbabilityMaps& maps, const std::vector<std::vector<int>>& labels) {
  const auto in_file = [&](int label) { return label == no_label ? ignored_label(maps.classes()) : label; };
  if (maps.source == Source::csv) {
    report::Table table{{{"label"}}, {}};
    for (const int label : labels.front()) table.rows.push_back({in_file(label)});
    return {"labels.csv", report::to_csv(table)};
  }
  if (maps.source == Source::png) {
    data::PngImage image{.rows = static_cast<int>(maps.shape[0]), .columns = static_cast<int>(maps.shape[1])};
    for (const int label : labels.front()) image.bytes.push_back(static_cast<std::uint8_t>(in_file(label)));
    return {"labels.png", data::png_bytes(image)};
  }
  std::vector<std::int64_t> all;
  for (const auto& of_sample : labels)
    for (const int label : of_sample) all.push_back(in_file(label));
  return {"labels.npy", data::npy_bytes(label_shape(maps), std::span<const std::int64_t>(all))};
}

std::vector<report::ResultFile> mask_files(const ProbabilityMaps& maps,
                                           const std::vector<ClassMasks>& masks) {
  const ClassMasks& first = masks.front();
  if (maps.source == Source::csv) {
    report::Table table;
    for (const std::string& name : maps.class_names) table.columns.push_back({name});
    for (Eigen::Index j = 0; j < first.cols(); ++j) {
      auto& row = table.rows.emplace_back();
      for (Eigen::Index c = 0; c < first.rows(); ++c) row.push_back(int{first(c, j)});
    }
    return {{"masks.csv", report::to_csv(table)}};
  }
  if (maps.source == Source::png) {
    std::vector<report::ResultFile> files;
    for (Eigen::Index c = 0; c < first.rows(); ++c) {
      data::PngImage image{.rows = static_cast<int>(maps.shape[0]),
                           .columns = static_cast<int>(maps.shape[1])};
      for (Eigen::Index j = 0; j < first.cols(); ++j) image.bytes.push_back(first(c, j) != 0 ? 255 : 0);
      files.push_back(
          {"mask-" + maps.class_names[static_cast<std::size_t>(c)] + ".png", data::png_bytes(image)});
    }
    return files;
  }
  std::vector<std::int64_t> all;
  for (const ClassMasks& of_sample : masks)
    all.insert(all.end(), of_sample.data(), of_sample.data() + of_sample.size());
  return {{"masks.npy", data::npy_bytes(mask_shape(maps), std::span<const std::int64_t>(all))}};
}

} // namespace raphson::optim::tools
