#include "optim/tools/solvers/completion_measures.h"

#include "dsp/error.h"
#include "optim/autodiff/operations/reduction.h"
#include "optim/autodiff/operations/softmax.h"
#include "optim/engine/batches.h"
#include "optim/engine/gaussian_divergence.h"
#include "optim/tools/solvers/image_to_image_unlearning.h"

#include <limits>

namespace raphson::optim::tools {

using Eigen::Index;

namespace {

constexpr Index feature_count = 32;
constexpr int epochs = 8;

} // namespace

ImageClassifier::ImageClassifier(const data::RowMatrix& images, const std::vector<int>& labels, int classes,
                                 std::uint64_t seed)
    : body_({images.cols(), feature_count}, "features"),
      head_({feature_count, std::max(classes, 2)}, "head") {
  if (images.rows() != std::ssize(labels) || labels.empty())
    throw InputError("classifier: " + std::to_string(labels.size()) + " classes for "
                     + std::to_string(images.rows()) + " images");
  body_.initialise(seed);
  head_.initialise(seed);
  const FloatRows all = images.cast<float>();
  PartsTrainer trainer({&body_, &head_}, 3e-3);
  Batches batches(labels.size(), 50, seed, "completion classifier");
  std::vector<int> of_batch;
  while (batches.epoch() < epochs) {
    const auto rows = batches.next();
    const FloatRows x = rows_of(all, rows);
    of_batch.clear();
    for (const std::size_t row : rows) of_batch.push_back(labels[row]);
    trainer.step([&](Tape<float>& tape, const PartsWeights& w) {
      return mean(
          cross_entropy(head_(w[1], relu(body_(w[0], on_tape(tape, x)))), std::span<const int>(of_batch)));
    });
  }
}

FloatRows ImageClassifier::features(const data::RowMatrix& images) const {
  return body_(images.cast<float>()).cwiseMax(0.0F);
}

std::vector<int> ImageClassifier::classes(const data::RowMatrix& images) const {
  const FloatRows logits = head_(features(images));
  std::vector<int> result(static_cast<std::size_t>(logits.rows()));
  for (Index i = 0; i < logits.rows(); ++i) logits.row(i).maxCoeff(&result[static_cast<std::size_t>(i)]);
  return result;
}

double ImageClassifier::accuracy(const data::RowMatrix& images, const std::vector<int>& labels) const {
  const auto said = classes(images);
  int right = 0;
  for (std::size_t i = 0; i < said.size(); ++i) right += said[i] == labels[i];
  return static_cast<double>(right) / static_cast<double>(said.size());
}

CompletionFigures judge_completions(const JudgedImages& judged, const data::RowMatrix& completions,
                                    const HiddenRegion& region, const ImageClassifier& classifier) {
  const data::RowMatrix completed = region.filled(judged.images, completions, judged.places);
  CompletionFigures figures;
  figures.error = (completed - judged.images).squaredNorm()
                  / (static_cast<double>(judged.images.rows()) * static_cast<double>(region.pixels()));
  figures.recognised = classifier.accuracy(completed, judged.labels);
  const auto features = [&](const data::RowMatrix& images) {
    return gaussian_of_rows(Matrix(classifier.features(images).cast<double>()));
  };
  figures.frechet = judged.images.rows() < 2 ? std::numeric_limits<double>::quiet_NaN()
                                             : gaussian_frechet(features(completed), features(judged.images));
  return figures;
}

data::RowMatrix complete_all(const CompletionModel& model, const JudgedImages& judged) {
  return model.completions(model.region.masked(judged.images, judged.places));
}

data::RowMatrix noise_images_like(const JudgedImages& judged, std::uint64_t seed) {
  RandomStream random(seed, "noise completions");
  return noise_images(judged.images.cast<float>(), NoiseKind::normal, random).cast<double>();
}

data::RowMatrix noise_completions(const CompletionModel& original, const JudgedImages& judged,
                                  std::uint64_t seed) {
  return original.completions(original.region.masked(noise_images_like(judged, seed), judged.places));
}

} // namespace raphson::optim::tools
