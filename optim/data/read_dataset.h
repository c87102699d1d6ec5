// A user's own data, whatever it is kept in, as a Dataset.
//
//   table.csv                every column a feature but the target's and those left out; numbers all
//   features.npy             [example], [example][feature] or [example][row][column] (images)
//   images.idx, *-ubyte, .gz images of bytes, scaled to [0, 1]
//   a folder of PNG          images of one size, grey levels in [0, 1]; classes are sub-folders
//   a folder of recordings,  features of each clip (Sounds); classes are sub-folders
//   an index of clips (.csv with a column `file`, or `speaker` and `start_sample`), or one recording
//
// Where the target is not in the file itself, it comes from a labels file: NPY, IDX or CSV. Words are
// classes, sorted; numbers are a target, or classes where the task is classification (NPY and IDX: where they
// are whole numbers).
//
// Throws InputError, one line naming the file, the line and column or the row, and what would be right: a
// cell that is no finite number, a missing column (with those there are), labels that are not as many as
// examples, an image of another size (the first), no examples, no features, a file of another kind.
#pragma once

#include "optim/data/audio_features.h"
#include "optim/data/dataset.h"

#include <filesystem>
#include <string>
#include <vector>

namespace raphson::optim::data {

/// What becomes of sounds: a row a clip, or with `frames` a row a frame.
struct Sounds {
  enum class Features { mfcc, simple, log_mel, log_spectrum, frames } features = Features::mfcc;
  LogMelPatch patch = {};         ///< of log_mel
  CepstralStatistics mfcc = {};   ///< of mfcc
  std::size_t frame_length = 512; ///< samples, of log_spectrum and frames
};

/// "mfcc", "simple", "log-mel", "log-spectrum", "frames". Throws InputError with the list of them.
Sounds::Features sound_features_of(const std::string& name);

enum class Task { by_content, regression, classification };

struct DatasetOptions {
  std::string target = {};           ///< column of a CSV; empty: none, of an index of clips: `label` if there
  std::filesystem::path labels = {}; ///< where the target is in another file
  Task task = Task::by_content;
  std::vector<std::string> features =
      {}; ///< columns of a CSV in this order, as a trained model needs them; empty: all
  std::vector<std::string> leave_out =
      {}; ///< columns of a CSV that are no features, such as a cluster's number
  std::vector<std::string> classes = {}; ///< known already: others are refused
  Sounds sounds = {};
};

Dataset read_dataset(const std::filesystem::path& path, const DatasetOptions& options = {});

/// Features from the columns of a table that was read already; `name` stands for it in messages.
class CsvTable;
Dataset dataset_of(const CsvTable& table, const DatasetOptions& options, const std::string& name);

/// The images of a folder of PNG files.
Dataset read_png_folder(const std::filesystem::path& folder);

} // namespace raphson::optim::data
