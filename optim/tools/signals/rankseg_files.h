// Probability maps and truths as users keep them, and masks in the same kind of file.
//
//   .npy   (classes, rows, columns), (samples, classes, rows, columns), (classes, pixels), (pixels), or by
//          PixelAxes::samples (samples, classes, pixels)
//   .png   a grey image a class, 8 or 16 bits, 1 at white
//   .csv   a row a frame, a column a class
//
// A truth holds class indices from 0 in the shape of the maps without the axis of classes (one grey PNG; a
// CSV with a column `label`), or where classes overlap masks of 0 and 1 in the shape of the maps (PNG: 0 and
// 255, an image a class). What does not count has the label that ignored_label() says.
//
// Throws InputError, one line that names the file, the place and what would be right.
#pragma once

#include "optim/report/tool_report.h"
#include "optim/tools/signals/rankseg_classes.h"

#include <filesystem>
#include <string>
#include <vector>

namespace raphson::optim::tools {

using Paths = std::vector<std::filesystem::path>;

/// What the first of three axes of an NPY array counts.
enum class PixelAxes { classes, samples };

struct ProbabilityMaps {
  enum class Source { npy, png, csv } source = Source::npy;
  std::string name = {};                     ///< the file, or the first
  std::vector<std::string> class_names = {}; ///< one a class
  std::vector<std::size_t> shape = {};       ///< of a sample's pixels
  bool has_samples = false;                  ///< an axis of samples, which may be one
  std::size_t samples = 1;
  std::vector<double> values = {}; ///< [sample][class][pixel]

  Eigen::Index classes() const { return std::ssize(class_names); }
  Eigen::Index pixels() const;
  Eigen::Map<const data::RowMatrix> sample(std::size_t index) const;
  bool are_images() const { return shape.size() == 2; }
};

inline constexpr std::size_t most_classes = 65535;

/// In files: 255, or 65535 where there are so many classes that 255 is one.
int ignored_label(Eigen::Index classes);

ProbabilityMaps read_probabilities(const Paths& files, PixelAxes axes = PixelAxes::classes);

/// [sample], masks of 0, 1 and `ignored`.
std::vector<ClassMasks> read_truth(const Paths& files, const ProbabilityMaps& maps);

/// labels.npy, labels.png or labels.csv; `labels` are [sample][pixel].
report::ResultFile label_file(const ProbabilityMaps& maps, const std::vector<std::vector<int>>& labels);

/// masks.npy, masks.csv, or mask-CLASS.png.
std::vector<report::ResultFile> mask_files(const ProbabilityMaps& maps, const std::vector<ClassMasks>& masks);

} // namespace raphson::optim::tools
