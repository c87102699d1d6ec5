// All that reads an action from a clip: detector, zoom and recogniser, as a file model.aztr.json.
#pragma once

#include "optim/tools/signals/aztr_recogniser.h"

#include <filesystem>
#include <string>
#include <vector>

namespace raphson::optim::tools {

enum class Zoom { learned, motion };

struct ZoomSettings {
  Zoom zoom = Zoom::learned;
  int every = 2;          ///< K, frames from one key frame to the next
  double min_score = 0;   ///< of key frames that are used
  double motion_size = 6; ///< half a side of the target, pixels, where the zoom is not learned
};

struct AztrModel {
  ZoomSettings zoom = {};
  PixelScale scale = {};
  int pool = 2;         ///< of the detector
  Vector detector = {}; ///< empty where the zoom is not learned
  RecogniserSpec recogniser = {};
  Vector parameters = {}; ///< of the recogniser
  std::vector<std::string> classes = {};
};

/// The path of every clip, from its pixels alone; `threads` at most.
std::vector<ZoomPath> zoom_paths(const AztrModel& model, const Clips& clips, std::size_t threads);

/// Of every class, from clips with as many frames as the model's.
data::RowMatrix probabilities_of(const AztrModel& model, const Clips& clips, std::span<const ZoomPath> paths);

/// Multiply-adds for a clip.
double cost_of(const ZoomSettings& zoom, const Detector& detector, const Recogniser& recogniser, int rows,
               int columns);

std::string to_json(const AztrModel& model);

/// Throws InputError, one line with the file's name and the field.
AztrModel read_aztr_model(const std::filesystem::path& path);

} // namespace raphson::optim::tools
