// How good completions are: squared error in the hidden region, the Frechet distance between features of
// completed and true images, and the share that a classifier still recognises. Features are the last hidden
// layer of that small classifier, which stands in for Inception's.
#pragma once

#include "optim/tools/solvers/completion_model.h"

#include <vector>

namespace raphson::optim::tools {

class ImageClassifier {
public:
  /// Learns the classes, numbered from 0, of whole images. Throws InputError where sizes do not agree.
  ImageClassifier(const data::RowMatrix& images, const std::vector<int>& labels, int classes,
                  std::uint64_t seed);

  FloatRows features(const data::RowMatrix& images) const;
  std::vector<int> classes(const data::RowMatrix& images) const;
  double accuracy(const data::RowMatrix& images, const std::vector<int>& labels) const;

private:
  Part body_, head_;
};

/// Images that a model is judged by, with the places of their hidden regions.
struct JudgedImages {
  data::RowMatrix images;
  std::vector<int> labels; ///< of the classifier
  std::vector<Eigen::Index> places;
};

struct CompletionFigures {
  double error = 0;      ///< mean square, hidden pixels alone
  double frechet = 0;    ///< of completed against true images
  double recognised = 0; ///< share whose completion has the class of the image
};

/// Of completions of every pixel, of which the hidden ones count. The Frechet distance is NaN for fewer than
/// two images.
CompletionFigures judge_completions(const JudgedImages& judged, const data::RowMatrix& completions,
                                    const HiddenRegion& region, const ImageClassifier& classifier);

/// What the model makes of the images.
data::RowMatrix complete_all(const CompletionModel& model, const JudgedImages& judged);

/// Noise with the mean and deviation of the images, one for each.
data::RowMatrix noise_images_like(const JudgedImages& judged, std::uint64_t seed);

/// What the original makes of noise in the place of each image.
data::RowMatrix noise_completions(const CompletionModel& original, const JudgedImages& judged,
                                  std::uint64_t seed);

} // namespace raphson::optim::tools
