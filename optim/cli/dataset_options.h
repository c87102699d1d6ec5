// The options of every tool that learns from a user's own data, so that all of them take the same kinds of
// file by the same names (optim/data/read_dataset.h):
//
//   DATA             a table, an array, images, or sounds
//   --target COLUMN  of a table or an index of clips
//   --labels FILE    where the target is in another file
//   --leave-out A,B  columns of a table that are no features
//   --sounds KIND    what becomes of sounds: mfcc, simple, log-mel, log-spectrum
//   --frames N       sounds as frames of N samples, a row each, instead
//   --pool N         images averaged down to N x N pixels
#pragma once

#include "optim/data/read_dataset.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>
#include <string>

namespace raphson::cli {

/// What a trained model needs of rows.
struct ModelColumns {
  std::vector<std::string> inputs = {}; ///< columns of a table; empty where they have no names
  Eigen::Index features = 0;
  std::string target = {};               ///< where the options name none
  std::vector<std::string> classes = {}; ///< known ones; empty: any
};

struct DatasetArguments {
  std::filesystem::path path = {};
  optim::data::DatasetOptions options = {}; ///< set its task, features and classes where a tool knows them
  std::string sounds = "mfcc";
  std::size_t frame_length = 0; ///< 0: by `sounds`
  int pool = 0;                 ///< 0: as they are

  /// Throws InputError as read_dataset does, and for an option that cannot be.
  optim::data::Dataset read() const;

  /// As a model takes them. Throws InputError also where they have another number of features.
  optim::data::Dataset read(const ModelColumns& model) const;
};

/// Adds them. What they hold is valid once the command line was parsed.
std::shared_ptr<DatasetArguments> add_dataset_options(CLI::App& app);

} // namespace raphson::cli
