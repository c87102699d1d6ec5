// A model that completes images with a hidden region: h = D o E, perceptrons, E from the image with its
// hidden region at 0 to an embedding, D from there to the logits of every pixel. And its file,
// *.completion.json:
//
//   {"format": "raphson completion model", "version": 1, "image": [14, 14], "mask": "centre:6",
//    "encoder": {"widths": [196, 128, 32], "parameters": [...]}, "decoder": {...},
//    "decoder_fingerprint": "...", "scale": 1, "sounds": false}
#pragma once

#include "optim/tools/solvers/hidden_region.h"
#include "optim/tools/solvers/network_parts.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace raphson::optim::tools {

struct CompletionModel {
  CompletionModel(const HiddenRegion& region, const std::vector<Eigen::Index>& hidden,
                  Eigen::Index embedding);

  HiddenRegion region;
  Part encoder, decoder;
  double scale = 1;    ///< that pixels were divided by
  bool sounds = false; ///< images are log-mel patches, brought into [0, 1]

  Eigen::Index embedding() const { return encoder.widths().back(); }
  std::string decoder_fingerprint() const;

  /// Of images with their hidden region at 0.
  FloatRows embeddings(const data::RowMatrix& masked) const { return encoder(masked.cast<float>()); }
  /// All pixels, in [0, 1].
  data::RowMatrix completions(const data::RowMatrix& masked) const;
};

struct CompletionTraining {
  std::vector<Eigen::Index> hidden = {128};
  Eigen::Index embedding = 32;
  std::size_t batch_size = 100;
  int epochs = 30;
  double learning_rate = 2e-3; ///< of Adam
  std::uint64_t seed = 1;
  std::function<void(int epoch, double loss)> observer = {};
};

/// Cross-entropy of all pixels. Throws InputError for pixels outside [0, 1].
CompletionModel train_completion(const data::RowMatrix& images, const HiddenRegion& region,
                                 const CompletionTraining& options);

std::string to_json(const CompletionModel& model);

/// Throws InputError, one line naming the file and the field; also where the decoder is not the one that the
/// fingerprint is of.
CompletionModel read_completion_model(const std::filesystem::path& path);

/// Throws InputError, naming `name` and the range, where a pixel is outside [0, 1].
void check_pixels(const data::RowMatrix& images, const std::string& name);

} // namespace raphson::optim::tools
