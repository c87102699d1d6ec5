// RankSEG-RMA for one class: from probabilities of pixels (or frames) to the mask whose expected overlap with
// the truth is largest. Z. Wang & B. Dai, "RankSEG-RMA: An efficient segmentation algorithm via reciprocal
// moment approximation", NeurIPS 2025, after B. Dai & C. Li, "RankSEG", JMLR 24 (2023).
//
// Pixels are independent, 1 with probability p_j. The best mask holds the t most probable pixels; with S(t)
// the sum of their p and mu that of all, the approximation E[1/(a + X)] ~ 1/(a + E X) makes its score
//   Dice: W(t) = 2 S(t) / (t + mu + 1)      IoU: W(t) = S(t) / (t + mu - S(t)),
// and t* is the smallest t of the largest W. A set is best where it holds exactly the pixels above
//   Dice: lambda / 2                        IoU: lambda / (1 + lambda),     lambda = W(t*),
// so that no sorting is needed: from the score lambda of all pixels, take those above the cut-off and their
// score again, until it does not grow (W. Dinkelbach, Management Science 13, 1967). Each pass is O(d).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace raphson::optim::tools {

enum class OverlapMetric { dice, iou };
const char* name_of(OverlapMetric metric); ///< "Dice", "IoU"

/// W of any set of `kept` pixels whose probabilities sum to `sum`, those of all pixels to `total`. 0/0 is 0.
double rma_score(OverlapMetric metric, double kept, double sum, double total);

/// The probability above which pixels belong to the best mask if that has this score.
double rma_cut_off(OverlapMetric metric, double score);

/// The best mask: the pixels with p > cut_off.
struct TopSet {
  double cut_off = 1;    ///< 1 where the mask is empty
  std::size_t count = 0; ///< t*
  double score = 0;      ///< W(t*)
  double total = 0;      ///< mu
  int passes = 0;        ///< over the pixels, of the linear search
};

inline constexpr double default_prune = 0.1;

/// By passes over the pixels. A class whose largest p is at most `prune` stays empty, as does one of zeros.
/// Probabilities are finite and in [0, 1]: the callers have looked.
TopSet best_top_set(std::span<const double> p, OverlapMetric metric, double prune = default_prune);

/// The same by sorting, O(d log d), as the authors' code has it.
TopSet best_top_set_by_sorting(std::span<const double> p, OverlapMetric metric, double prune = default_prune);

/// Probabilities, largest first.
std::vector<double> ranked(std::span<const double> p);

/// W(1) ... W(d) of ranked probabilities.
std::vector<double> rma_curve(std::span<const double> ranked, OverlapMetric metric);

} // namespace raphson::optim::tools
