#include "optim/data/read_dataset.h"

#include "dsp/error.h"
#include "optim/data/csv.h"
#include "optim/data/folder.h"
#include "optim/data/idx.h"
#include "optim/data/labels.h"
#include "optim/data/npy.h"
#include "optim/data/png_image.h"
#include "optim/data/read_file.h"
#include "optim/data/set_target.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unistd.h>
#include <utility>

namespace raphson::optim::data {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> audio_extensions = {".wav", ".flac", ".aiff", ".aif", ".ogg"};

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// --- Tables

void check_columns(const CsvTable& table, const std::vector<std::string>& asked, const std::string& name) {
  for (const std::string& column : asked)
    if (!table.has_column(column))
      throw InputError(name + ": no column '" + column + "'; its columns are " + list_of(table.columns()));
}

bool is_index_of_clips(const CsvTable& table) {
  return table.has_column("file") || (table.has_column("speaker") && table.has_column("start_sample"));
}

// --- Arrays

/// [example][...] as rows; three dimensions are images.
Dataset dataset_of(const NpyArray& array, const std::string& name) {
  if (array.shape.size() > 3)
    throw InputError("cannot use " + name + " as features: NPY of " + std::to_string(array.shape.size())
                     + " dimensions, 1 to 3 expected (example, feature; or example, row, column)");
  Dataset dataset{.name = name};
  const auto rows = static_cast<Eigen::Index>(array.shape[0]);
  const auto columns = static_cast<Eigen::Index>(array.values.size() / array.shape[0]);
  const auto bad =
      std::find_if_not(array.values.begin(), array.values.end(), [](double x) { return std::isfinite(x); });
  if (bad != array.values.end()) {
    const auto at = static_cast<Eigen::Index>(bad - array.values.begin());
    throw InputError(name + ": row " + std::to_string(at / columns) + ", column "
                     + std::to_string(at % columns) + " (from 0) is "
                     + (std::isnan(*bad) ? "not a number (NaN)" : "infinite"));
  }
  dataset.features = Eigen::Map<const RowMatrix>(array.values.data(), rows, columns);
  if (array.shape.size() == 3) {
    dataset.image_rows = static_cast<int>(array.shape[1]);
    dataset.image_columns = static_cast<int>(array.shape[2]);
  }
  return dataset;
}

// --- Sounds

Dataset features_of(const std::vector<Clip>& clips, const Sounds& sounds) {
  switch (sounds.features) {
  case Sounds::Features::simple:
    return simple_features(clips);
  case Sounds::Features::log_mel:
    return log_mel_patches(clips, sounds.patch);
  case Sounds::Features::log_spectrum:
    return log_spectrum_means(clips, sounds.frame_length);
  case Sounds::Features::frames:
    return log_spectrum_frames(clips, sounds.frame_length);
  case Sounds::Features::mfcc:
    break;
  }
  return mfcc_statistics(clips, sounds.mfcc);
}

Dataset read_sounds(const fs::path& path, const DatasetOptions& options, const std::string& label) {
  Dataset dataset = features_of(read_clips(path, label), options.sounds);
  dataset.name = path.string();
  return dataset;
}

// --- What a file is

enum class Kind { csv, npy, idx, png_folder, sounds };

bool holds(const fs::path& folder, const std::vector<std::string>& extensions) {
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    if (at.depth() < 2 && contains(extensions, lower_case_extension(at->path()))) return true;
  return false;
}

Kind kind_of_folder(const fs::path& folder) {
  const bool images = holds(folder, {".png"}), sounds = holds(folder, audio_extensions);
  if (images && sounds)
    throw InputError("cannot use " + folder.string()
                     + ": it holds PNG images and recordings, one of them expected");
  if (!images && !sounds)
    throw InputError("cannot use " + folder.string()
                     + ": it holds neither PNG images nor recordings, in itself or in sub-folders");
  return images ? Kind::png_folder : Kind::sounds;
}

std::array<char, 4> first_bytes(const fs::path& path) {
  std::array<char, 4> bytes{};
  const int descriptor = open_for_reading(path); // says what is wrong with it
  const ssize_t count = read(descriptor, bytes.data(), bytes.size());
  close(descriptor);
  if (count < 4) bytes = {'?', '?', '?', '?'};
  return bytes;
}

Kind kind_of(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return kind_of_folder(path);
  const std::string extension = lower_case_extension(path);
  if (extension == ".csv") return Kind::csv;
  if (extension == ".npy") return Kind::npy;
  if (contains(audio_extensions, extension)) return Kind::sounds;
  const std::array<char, 4> head = first_bytes(path);
  const bool packed = head[0] == '\x1f' && head[1] == '\x8b',
             plain = head[0] == 0 && head[1] == 0 && head[2] == 8;
  if (packed || plain || extension.starts_with(".idx")) return Kind::idx;
  throw InputError("cannot use " + path.string()
                   + ": CSV, NPY, IDX, a recording, or a folder of PNG images or recordings expected");
}

Dataset read_features(const fs::path& path, const DatasetOptions& options) {
  switch (kind_of(path)) {
  case Kind::npy:
    return dataset_of(read_npy(path), path.string());
  case Kind::idx:
    return read_idx_images(path);
  case Kind::png_folder:
    return read_png_folder(path);
  case Kind::sounds:
    return read_sounds(path, options, "");
  case Kind::csv:
    break;
  }
  const CsvTable table = read_csv(path);
  if (!is_index_of_clips(table)) return dataset_of(table, options, path.string());
  const bool has_label = !options.target.empty() || table.has_column("label");
  const std::string label = !has_label ? "" : options.target.empty() ? "label" : options.target;
  return read_sounds(path, options, label);
}

} // namespace

Sounds::Features sound_features_of(const std::string& name) {
  using enum Sounds::Features;
  constexpr std::pair<const char*, Sounds::Features> known[] = {{"mfcc", mfcc},
                                                                {"simple", simple},
                                                                {"log-mel", log_mel},
                                                                {"log-spectrum", log_spectrum},
                                                                {"frames", frames}};
  for (const auto& [text, features] : known)
    if (name == text) return features;
  throw InputError("no features of sounds '" + name
                   + "'; there are mfcc, simple, log-mel, log-spectrum and frames");
}

Dataset dataset_of(const CsvTable& table, const DatasetOptions& options, const std::string& name) {
  if (table.rows() == 0) throw InputError(name + ": no examples, its header alone");
  check_columns(table, options.features, name);
  check_columns(table, options.leave_out, name);
  if (!options.target.empty()) check_columns(table, {options.target}, name);
  Dataset dataset{.name = name};
  for (const std::string& column : options.features.empty() ? table.columns() : options.features)
    if (column != options.target && !contains(options.leave_out, column))
      dataset.feature_names.push_back(column);
  if (dataset.feature_names.empty()) throw InputError(name + ": no column of features beside the target");
  dataset.features.resize(static_cast<Eigen::Index>(table.rows()),
                          static_cast<Eigen::Index>(dataset.feature_names.size()));
  for (std::size_t c = 0; c < dataset.feature_names.size(); ++c) {
    const std::vector<double> values = table.numbers(dataset.feature_names[c]);
    dataset.features.col(static_cast<Eigen::Index>(c)) =
        Eigen::Map<const Vector>(values.data(), static_cast<Eigen::Index>(values.size()));
  }
  if (!options.target.empty()) set_target(dataset, table, options.target, options.task, name);
  return dataset;
}

Dataset read_png_folder(const fs::path& folder) {
  const std::vector<ClassFile> files = files_by_class(folder, {".png"}, "PNG images");
  Dataset dataset{.name = folder.string()};
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const RowMatrix image = grey_levels(read_png(files[i].path), files[i].path.string());
    if (i == 0) {
      dataset.image_rows = static_cast<int>(image.rows());
      dataset.image_columns = static_cast<int>(image.cols());
      dataset.features.resize(static_cast<Eigen::Index>(files.size()), image.size());
    }
    if (image.rows() != dataset.image_rows || image.cols() != dataset.image_columns)
      throw InputError(files[i].path.string() + ": " + std::to_string(image.rows()) + " x "
                       + std::to_string(image.cols()) + " pixels, but " + files[0].path.string() + " has "
                       + std::to_string(dataset.image_rows) + " x " + std::to_string(dataset.image_columns)
                       + "; all must be of one size");
    dataset.features.row(static_cast<Eigen::Index>(i)) =
        Eigen::Map<const Eigen::RowVectorXd>(image.data(), image.size());
    if (!files[i].label.empty()) labels.push_back(files[i].label);
  }
  if (!labels.empty()) set_labels(dataset, labels, folder.string());
  return dataset;
}

Dataset read_dataset(const fs::path& path, const DatasetOptions& options) {
  DatasetOptions of_features = options;
  if (!options.labels.empty()) of_features.target.clear();
  Dataset dataset = read_features(path, of_features);
  if (!options.labels.empty()) {
    if (!dataset.labels.empty())
      throw InputError(options.labels.string() + ": labels are given, but " + path.string()
                       + " has classes of its own");
    read_target(dataset, options.labels, options.target, options.task);
  }
  if (!options.classes.empty() && !dataset.labels.empty()) {
    std::vector<std::string> words;
    for (const int label : dataset.labels)
      words.push_back(dataset.class_names[static_cast<std::size_t>(label)]);
    set_labels(dataset, words, dataset.name, options.classes);
  }
  return dataset;
}

} // namespace raphson::optim::data
