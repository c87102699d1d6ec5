#include "optim/tools/signals/rankseg_classes.h"

#include "catch.h"
#include "optim/engine/random.h"
#include "optim/tools/signals/rankseg_map_scores.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace raphson::optim;
using namespace raphson::optim::tools;

namespace {

/// Pixels of class 1, two of class 2, some that both have a claim on, the rest of 60 of class 0.
data::RowMatrix contested_map(Eigen::Index of_one, Eigen::Index of_both) {
  data::RowMatrix p(3, 60);
  const Eigen::Vector3d one(0.05, 0.95, 0), two(0.1, 0, 0.9), contested(0.05, 0.5, 0.45),
      none(0.98, 0.01, 0.01);
  for (Eigen::Index j = 0; j < 60; ++j)
    p.col(j) = j < of_one ? one : j < of_one + 2 ? two : j < of_one + 2 + of_both ? contested : none;
  return p;
}

struct ByTheCard {
  std::vector<int> labels;
  int contested = 0, unclaimed = 0, pruned = 0;
};

/// Steps 2, 3 and 5 of the algorithm by sorting, with plain loops, for three classes or more.
ByTheCard labels_by_the_card(const data::RowMatrix& p, OverlapMetric metric) {
  const Eigen::Index classes = p.rows(), pixels = p.cols();
  const bool dice = metric == OverlapMetric::dice;
  ByTheCard out;
  ClassMasks masks = ClassMasks::Zero(classes, pixels);
  std::vector<bool> active(static_cast<std::size_t>(classes), false);
  for (Eigen::Index c = 0; c < classes; ++c) {
    if (p.row(c).maxCoeff() <= 0.1) {
      ++out.pruned;
      continue;
    }
    active[static_cast<std::size_t>(c)] = true;
    std::vector<Eigen::Index> order(static_cast<std::size_t>(pixels));
    std::iota(order.begin(), order.end(), Eigen::Index{0});
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return p(c, a) > p(c, b); });
    double sum = 0, best = 0;
    const double mu = p.row(c).sum();
    std::size_t best_t = 0;
    for (std::size_t t = 1; t <= order.size(); ++t) {
      sum += p(c, order[t - 1]);
      const double n = static_cast<double>(t), w = dice ? 2 * sum / (n + mu + 1) : sum / (n + mu - sum);
      if (w > best) {
        best = w;
        best_t = t;
      }
    }
    for (std::size_t t = 0; t < best_t; ++t) masks(c, order[t]) = 1;
  }
  const Eigen::VectorXi claims = masks.cast<int>().colwise().sum().transpose();
  const auto gain = [&](Eigen::Index c, Eigen::Index pixel) {
    double n = 0, s = 0;
    const double mu = p.row(c).sum(), extra = p(c, pixel);
    for (Eigen::Index j = 0; j < pixels; ++j)
      if (claims[j] == 1 && masks(c, j) == 1) {
        n += 1;
        s += p(c, j);
      }
    if (dice) return 2 * ((s + extra) / (n + mu + 2) - s / (n + mu + 1));
    const double with = n + mu - s - extra + 1, without = n + mu - s;
    return (with > 0 ? (s + extra) / with : 0) - (without > 0 ? s / without : 0);
  };
  for (Eigen::Index j = 0; j < pixels; ++j) {
    out.contested += claims[j] > 1 ? 1 : 0;
    out.unclaimed += claims[j] == 0 ? 1 : 0;
    int label = -1;
    double most = 0;
    for (Eigen::Index c = 0; c < classes; ++c) {
      const bool may =
          claims[j] > 0 ? masks(c, j) == 1 : static_cast<bool>(active[static_cast<std::size_t>(c)]);
      if (!may || (label >= 0 && gain(c, j) <= most)) continue;
      label = static_cast<int>(c);
      most = gain(c, j);
    }
    out.labels.push_back(label);
  }
  return out;
}

} // namespace

TEST_CASE("RankSEG-RMA: what a pixel gains a class is how its score of the safe pixels grows") {
  for (const OverlapMetric metric : {OverlapMetric::dice, OverlapMetric::iou})
    for (const double p : {0.0, 0.2, 0.9}) {
      const SafePixels safe{.count = 7, .sum = 5.5, .total = 9.25};
      CHECK(gain_of(metric, safe, p)
            == Approx(rma_score(metric, 8, 5.5 + p, 9.25) - rma_score(metric, 7, 5.5, 9.25)).margin(1e-15));
    }
  CHECK(gain_of(OverlapMetric::iou, {}, 0) == 0); // of a class of zeros 0/0, which counts as 0
}

TEST_CASE("RankSEG-RMA: a contested pixel goes where it gains most, not where it is most probable") {
  const data::RowMatrix p = contested_map(40, 1);
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
  // Twenty contested pixels, alike. Class 2, of two safe ones, gains more by each; were each counted in when
  // it is given away, class 1 would gain more from about the fifteenth on, and were contested ones safe, at
  // once.
  const data::RowMatrix p = contested_map(10, 20);
  const ChosenMasks chosen = choose_masks(p, {});
  const std::vector<int> labels = exclusive_labels(p, chosen, {});
  const auto gains_more = [&](double counted_in) {
    const SafePixels one{10, 9.5, chosen.sets[1].total};
    const SafePixels two{2 + counted_in, 1.8 + 0.45 * counted_in, chosen.sets[2].total};
    return gain_of(OverlapMetric::dice, two, 0.45) > gain_of(OverlapMetric::dice, one, 0.5);
  };
  REQUIRE(gains_more(0));
  REQUIRE_FALSE(gains_more(19));
  for (Eigen::Index j = 12; j < 32; ++j) {
    REQUIRE(chosen.masks.col(j) == Eigen::Matrix<std::uint8_t, 3, 1>(0, 1, 1));
    CHECK(labels[static_cast<std::size_t>(j)] == 2);
  }
}

TEST_CASE("RankSEG-RMA: labels of random maps are those of the card's steps, one after the other") {
  RandomStream random(2, "rankseg classes");
  int contested = 0, unclaimed = 0, pruned = 0;
  for (int map = 0; map < 60; ++map) {
    data::RowMatrix p(3, 60);
    for (Eigen::Index j = 0; j < 60; ++j) {
      for (Eigen::Index c = 0; c < 3; ++c)
        p(c, j) = std::exp(random.normal() - (c == 2 && map % 3 == 0 ? 6 : 0));
      p.col(j) /= p.col(j).sum() * (j % 7 == 0 ? 9 : 1); // some that no class is sure of
    }
    for (const OverlapMetric metric : {OverlapMetric::dice, OverlapMetric::iou}) {
      const ByTheCard card = labels_by_the_card(p, metric);
      contested += card.contested;
      unclaimed += card.unclaimed;
      pruned += card.pruned;
      const RankSegOptions options{.metric = metric};
      CHECK(exclusive_labels(p, choose_masks(p, options), options) == card.labels);
    }
  }
  CHECK(contested > 500);
  CHECK(unclaimed > 20);
  CHECK(pruned > 20);
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
