// RankSEG-RMA for several classes: a mask each (rankseg.h), and where a pixel has one class alone, which of
// those that chose it. A pixel is safe if exactly one class chose it. With n the number of a class's safe
// pixels, s the sum of their p and mu that of all its p, giving it pixel j gains
//   Dice: 2 [(s + p_j) / (n + mu + 2) - s / (n + mu + 1)]
//   IoU:  (s + p_j) / (n + mu - s - p_j + 1) - s / (n + mu - s),     0/0 is 0,
// and a contested pixel goes to the class that gains most, by these figures of the safe pixels alone.
#pragma once

#include "optim/data/dataset.h"
#include "optim/tools/signals/rankseg.h"

#include <cstdint>
#include <vector>

namespace raphson::optim::tools {

/// Probabilities and masks, [class][pixel].
using Probabilities = Eigen::Ref<const data::RowMatrix>;
using ClassMasks = Eigen::Matrix<std::uint8_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

std::span<const double> row_of(const Probabilities& p, Eigen::Index c); ///< the pixels of one class

/// What becomes of pixels that no class chose: the largest gain among the classes with a mask (of all where
/// none has one), class 0 as in the authors' code, or no label.
enum class Unclaimed { score, zero, nothing };

inline constexpr int no_label = -1;          ///< of a pixel without a class
inline constexpr std::uint8_t ignored = 255; ///< in the masks of a truth: the pixel does not count

struct RankSegOptions {
  OverlapMetric metric = OverlapMetric::dice;
  double prune = default_prune;
  Unclaimed unclaimed = Unclaimed::score;
};

struct ChosenMasks {
  std::vector<TopSet> sets = {}; ///< one a class
  ClassMasks masks = {};
};

/// Every class by itself (mode overlap).
ChosenMasks choose_masks(const Probabilities& p, const RankSegOptions& options);

/// A class's safe pixels.
struct SafePixels {
  double count = 0, sum = 0, total = 0; ///< n, s, mu
};
double gain_of(OverlapMetric metric, const SafePixels& safe, double p);

/// One class a pixel (mode exclusive), from at least two. Of two classes the mask of class 1 decides. Ties go
/// to the lowest class. chosen_masks: those of choose_masks with the same options.
std::vector<int> exclusive_labels(const Probabilities& p, const ChosenMasks& chosen,
                                  const RankSegOptions& options);

/// The rules that are compared with: the largest probability, and p > 0.5.
std::vector<int> most_probable(const Probabilities& p);
ClassMasks above_half(const Probabilities& p);

/// A mask a class from labels.
ClassMasks masks_of(const std::vector<int>& labels, Eigen::Index classes);

/// What a mask reaches against the truth: 2 |M & T| / (|M| + |T|) or |M & T| / |M or T|.
struct Achieved {
  double chosen = 0, truth = 0, both = 0; ///< pixels that count
  double score(OverlapMetric metric) const;
};
/// Rows of pixels; ignored ones of the truth are left out.
Achieved compare(const std::uint8_t* mask, const std::uint8_t* truth, Eigen::Index pixels);

/// The mean over the classes that the truth has; NaN where it has none.
double mean_over_classes(const ClassMasks& masks, const ClassMasks& truth, OverlapMetric metric);

} // namespace raphson::optim::tools
