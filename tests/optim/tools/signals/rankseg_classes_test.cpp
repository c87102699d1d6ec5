#include "optim/tools/signals/rankseg_classes.h"

#include "catch.h"
#include "optim/engine/random.h"
#include "optim/tools/signals/rankseg_map_scores.h"

#include <cmath>

using namespace raphson::optim;
using namespace raphson::optim::tools;

namespace {

/// 40 pixels of class 1, two of class 2, one that both have a claim on, 17 of class 0.
data::RowMatrix contested_map() {
  data::RowMatrix p(3, 60);
  const Eigen::Vector3d one(0.05, 0.95, 0), two(0.1, 0, 0.9), contested(0.05, 0.5, 0.45),
      none(0.98, 0.01, 0.01);
  for (Eigen::Index j = 0; j < 60; ++j) p.col(j) = j < 40 ? one : j < 42 ? two : j == 42 ? contested : none;
  return p;
}

} // namespace

TEST_CASE("RankSEG-RMA: what a pixel gains a class is how its score of the safe pixels grows") {
  for (const OverlapMetric metric : {OverlapMetric::dice, OverlapMetric::iou})
    for (const double p : {0.0, 0.2, 0.9}) {
      const SafePixels safe{.count = 7, .sum = 5.5, .total = 9.25};
      CHECK(gain_of(metric, safe, p)
            == Approx(rma_score(metric, 8, 5.5 + p, 9.25) - rma_score(metric, 7, 5.5, 9.25)).margin(1e-15));
    }
  CHECK(gain_of(OverlapMetric::iou, {}, 0.5) == 1); // 0/0 counts as 0, 0.5 / (1 - 0.5) as it is
  CHECK(gain_of(OverlapMetric::iou, {}, 1) == 0);
}

TEST_CASE("RankSEG-RMA: a contested pixel goes where it gains most, not where it is most probable") {
  const data::RowMatrix p = contested_map();
  for (const OverlapMetric metric : {OverlapMetric::dice, OverlapMetric::iou}) {
    const RankSegOptions options{.metric = metric};
    const ChosenMasks chosen = choose_masks(p, options);
    REQUIRE(chosen.masks(1, 42) == 1);
    REQUIRE(chosen.masks(2, 42) == 1);
    const std::vector<int> labels = exclusive_labels(p, chosen, options);
    CHECK(labels[42] == 2);
    CHECK(most_probable(p)[42] == 1);
    CHECK(contests_by_probability(p, chosen)[42] == 1);
    for (const std::size_t j : {0u, 41u, 59u}) CHECK(labels[j] == (j < 40 ? 1 : j < 42 ? 2 : 0));
  }
}

TEST_CASE("RankSEG-RMA: gains are of the safe pixels, counted once") {
  // Many contested pixels: were each given away counted in, the small class would not go on winning.
  data::RowMatrix p = contested_map();
  for (Eigen::Index j = 43; j < 49; ++j) p.col(j) = p.col(42);
  const ChosenMasks chosen = choose_masks(p, {});
  const std::vector<int> labels = exclusive_labels(p, chosen, {});
  for (Eigen::Index j = 42; j < 49; ++j) {
    REQUIRE(chosen.masks.col(j) == Eigen::Matrix<std::uint8_t, 3, 1>(0, 1, 1));
    const SafePixels one{40, 38, p.row(1).sum()}, two{2, 1.8, p.row(2).sum()};
    const bool second =
        gain_of(OverlapMetric::dice, two, p(2, j)) > gain_of(OverlapMetric::dice, one, p(1, j));
    CHECK(labels[static_cast<std::size_t>(j)] == (second ? 2 : 1));
  }
  CHECK(labels[42] == labels[48]);
}

TEST_CASE("RankSEG-RMA: pixels that no class chose") {
  data::RowMatrix p(3, 5);
  p << 0.9, 0.9, 0.9, 0.2, 0.05, // class 0
      0.05, 0.05, 0.05, 0.2, 0.05, 0, 0, 0, 0, 0;
  RankSegOptions options{.prune = 0.3};
  const ChosenMasks chosen = choose_masks(p, options);
  REQUIRE(chosen.sets[1].count == 0);
  REQUIRE(chosen.masks(0, 4) == 0);
  CHECK(exclusive_labels(p, chosen, options)[4] == 0); // the one class that has a mask, though 1 gains more
  options.unclaimed = Unclaimed::zero;
  CHECK(exclusive_labels(p, chosen, options)[4] == 0);
  options.unclaimed = Unclaimed::nothing;
  CHECK(exclusive_labels(p, chosen, options)[4] == no_label);
  CHECK(exclusive_labels(p, chosen, options)[0] == 0);

  options = {.prune = 1};
  const ChosenMasks none = choose_masks(p, options);
  const std::vector<int> labels = exclusive_labels(p, none, options);
  CHECK(labels[0] == 0); // no class is active: the largest gain of all
  CHECK(labels[3] == 1); // the smaller class gains more by an equal p
  p.row(1) = p.row(0);
  CHECK(exclusive_labels(p, choose_masks(p, options), options)[3] == 0); // ties: the lowest
}

TEST_CASE("RankSEG-RMA: of two exclusive classes the mask of class 1 is the label") {
  RandomStream random(1, "rankseg classes");
  data::RowMatrix p(2, 300);
  for (Eigen::Index j = 0; j < 300; ++j) {
    p(1, j) = 0.6 * random.uniform();
    p(0, j) = 1 - p(1, j);
  }
  const ChosenMasks chosen = choose_masks(p, {});
  const std::vector<int> labels = exclusive_labels(p, chosen, {});
  for (Eigen::Index j = 0; j < 300; ++j)
    CHECK(labels[static_cast<std::size_t>(j)] == (p(1, j) > chosen.sets[1].score / 2));
  CHECK(chosen.sets[1].cut_off < 0.4); // argmax would have kept fewer
}

TEST_CASE("RankSEG-RMA: achieved overlap, pixels that do not count and classes that are not there") {
  ClassMasks masks(2, 4), truth(2, 4);
  masks << 1, 1, 0, 1, 0, 0, 1, 0;
  truth << 1, 0, 1, ignored, 0, 0, 0, ignored;
  const Achieved a = compare(masks.row(0).data(), truth.row(0).data(), 4);
  CHECK(a.score(OverlapMetric::dice) == 0.5);
  CHECK(a.score(OverlapMetric::iou) == Approx(1.0 / 3));
  CHECK(mean_over_classes(masks, truth, OverlapMetric::dice) == 0.5); // class 1 is not in the truth
  truth.setZero();
  CHECK(std::isnan(mean_over_classes(masks, truth, OverlapMetric::dice)));
}
