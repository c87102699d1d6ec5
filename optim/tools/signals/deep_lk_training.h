// Training of Deep-LK's features through the regressor, and of the network with constant weights on the same
// pairs; and the features' file.
#pragma once

#include "optim/tools/signals/deep_lk_network.h"
#include "optim/tools/signals/deep_lk_scenes.h"

#include <filesystem>
#include <string>
#include <utility>

namespace raphson::optim::tools {

struct MotionTraining {
  int steps = 400;
  int batch = 32;
  double rate = 2e-3; ///< of Adam, half a cosine to 0
  std::uint64_t seed = 1;
  std::size_t threads = 1;
  std::function<void(int step, double loss)> observer = {}; ///< may throw to stop
};

struct TrainedMotion {
  Vector parameters = {};
  std::vector<double> losses = {}; ///< of each step's batch
};

/// The loss is the mean over pairs and components of Huber(dp - dp*, 0.05), one step of the regression a
/// pair, its gradient's norm cut at 1.
TrainedMotion train_features(const MotionPairs& pairs, const MotionTraining& training);
TrainedMotion train_regression(const MotionPairs& pairs, const MotionTraining& training);

/// Huber's loss of each pair, mean of its components, {batch}: r^2 / 2 up to delta, linear beyond.
template <class T> Var<T> huber(Var<T> difference, std::type_identity_t<T> delta);

/// Features as a file, NAME.network.json, with how they were made.
struct FeatureFile {
  Vector parameters = {};
  std::vector<std::pair<std::string, std::string>> recipe = {};
};

std::string to_json(const FeatureFile& features);

/// Throws InputError naming the file and the field.
FeatureFile read_features(const std::filesystem::path& path);

} // namespace raphson::optim::tools
