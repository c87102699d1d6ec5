#include "optim/tools/signals/rankseg_exact.h"

#include "catch.h"
#include "optim/engine/random.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

using namespace raphson::optim;
using namespace raphson::optim::tools;

namespace {

constexpr OverlapMetric metrics[] = {OverlapMetric::dice, OverlapMetric::iou};

std::vector<double> random_map(RandomStream& random, std::size_t pixels) {
  const double power = random.uniform(0.3, 5);
  std::vector<double> p(pixels);
  for (double& value : p) value = std::pow(random.uniform(), power);
  return p;
}

/// The overlap of the first t pixels with an outcome (a bit a pixel), averaged over all 2^d outcomes.
double enumerated(const std::vector<double>& ranked, std::size_t t, OverlapMetric metric) {
  double mean = 0;
  for (std::uint32_t outcome = 0; outcome < 1u << ranked.size(); ++outcome) {
    double probability = 1, truth = 0, both = 0;
    for (std::size_t j = 0; j < ranked.size(); ++j) {
      const bool positive = (outcome >> j & 1) != 0;
      probability *= positive ? ranked[j] : 1 - ranked[j];
      truth += positive;
      both += positive && j < t;
    }
    const auto chosen = static_cast<double>(t);
    mean += probability
            * (metric == OverlapMetric::dice ? 2 * both / (chosen + truth) : both / (chosen + truth - both));
  }
  return mean;
}

double sum_of_first(const std::vector<double>& ranked, std::size_t t) {
  double sum = 0;
  for (std::size_t j = 0; j < t; ++j) sum += ranked[j];
  return sum;
}

} // namespace

TEST_CASE("RankSEG-RMA: Dice has a 1 in its denominator, which IoU has not") {
  const std::vector<double> p{0.9, 0.3};
  const auto dice = rma_curve(p, OverlapMetric::dice), iou = rma_curve(p, OverlapMetric::iou);
  CHECK(dice[0] == Approx(1.8 / 3.2).epsilon(1e-15));
  CHECK(dice[1] == Approx(2.4 / 4.2).epsilon(1e-15));
  CHECK(iou[0] == Approx(0.9 / 1.3).epsilon(1e-15));
  CHECK(iou[1] == Approx(0.6).epsilon(1e-15));
  for (const auto& best : {best_top_set, best_top_set_by_sorting}) {
    CHECK(best(p, OverlapMetric::dice, 0.1).count == 2);
    CHECK(best(p, OverlapMetric::iou, 0.1).count == 1);
  }
  // Without the approximation Dice keeps one as well: it is made for many pixels.
  const auto exact = exact_curve(p, OverlapMetric::dice);
  CHECK(exact[0] == Approx(0.81).epsilon(1e-13));
  CHECK(exact[1] == Approx(0.71).epsilon(1e-13));
  CHECK(best_count(exact) == 1);
}

TEST_CASE("RankSEG exact: the expected overlap over all outcomes") {
  RandomStream random(1, "rankseg test");
  for (const OverlapMetric metric : metrics)
    for (std::size_t d = 1; d <= 10; ++d) {
      std::vector<double> p = random_map(random, d);
      if (d > 3) p[0] = 1, p[1] = 0, p[2] = p[3] = 0.5;
      p = ranked(p);
      const auto curve = exact_curve(p, metric);
      for (std::size_t t = 1; t <= d; ++t)
        CHECK(curve[t - 1] == Approx(enumerated(p, t, metric)).epsilon(1e-12));
    }
}

TEST_CASE("RankSEG-RMA is below the exact score, by no more than the variance allows") {
  RandomStream random(2, "rankseg test");
  for (const std::size_t d : {2u, 7u, 60u, 300u}) {
    const std::vector<double> p = ranked(random_map(random, d));
    const double mu = sum_of_first(p, d);
    for (const OverlapMetric metric : metrics) {
      const auto w = rma_curve(p, metric), v = exact_curve(p, metric);
      for (std::size_t t = 1; t <= d; ++t) CHECK(w[t - 1] <= v[t - 1] * (1 + 1e-11));
    }
    const auto w = rma_curve(p, OverlapMetric::iou), v = exact_curve(p, OverlapMetric::iou);
    for (std::size_t t = 1; t <= d; ++t) {
      const double a = static_cast<double>(t), s = sum_of_first(p, t), outside = mu - s;
      double variance = 0;
      for (std::size_t j = t; j < d; ++j) variance += p[j] * (1 - p[j]);
      CHECK(v[t - 1] - w[t - 1] <= s * variance / (a * (a + outside) * (a + outside)) + 1e-12);
      const double n = static_cast<double>(d), below = a - 1 + (n + 1) / n * outside;
      if (below > 1e-9) CHECK(v[t - 1] <= s / below * (1 + 1e-11));
    }
  }
}

TEST_CASE("RankSEG-RMA: passes find what sorting finds, and no other set is better") {
  RandomStream random(3, "rankseg test");
  int most = 0;
  for (int i = 0; i < 300; ++i) {
    std::vector<double> p = random_map(random, 1 + random.index(3000));
    if (i % 3 == 0) // ties
      for (double& value : p) value = std::round(20 * value) / 20;
    for (const OverlapMetric metric : metrics) {
      const TopSet passes = best_top_set(p, metric), sorting = best_top_set_by_sorting(p, metric);
      CHECK(passes.score == Approx(sorting.score).epsilon(1e-12));
      if (i % 3 != 0) CHECK(passes.count == sorting.count);
      CHECK(passes.total == Approx(sorting.total).epsilon(1e-12));
      most = std::max(most, passes.passes);
    }
  }
  CHECK(most <= 12);
  for (int i = 0; i < 20; ++i) {
    const std::vector<double> p = random_map(random, 10);
    for (const OverlapMetric metric : metrics) {
      double best = 0;
      for (unsigned set = 1; set < 1u << 10; ++set) {
        double kept = 0, sum = 0;
        for (std::size_t j = 0; j < 10; ++j)
          if ((set >> j & 1) != 0) {
            kept += 1;
            sum += p[j];
          }
        best = std::max(best, rma_score(metric, kept, sum, sum_of_first(p, 10)));
      }
      CHECK(best_top_set(p, metric, 0).score == Approx(best).epsilon(1e-12));
    }
  }
}

TEST_CASE("RankSEG-RMA: the cut-off follows each map, half its own score, and is never above 1/2") {
  RandomStream random(4, "rankseg test");
  std::vector<double> sharp(400), blurred(400);
  for (std::size_t j = 0; j < 400; ++j) {
    const double logit = (j < 100 ? 1 : -1) + 0.5 * random.normal();
    sharp[j] = 1 / (1 + std::exp(-6 * logit));
    blurred[j] = 1 / (1 + std::exp(-0.7 * logit + 1));
  }
  const TopSet a = best_top_set(sharp, OverlapMetric::dice), b = best_top_set(blurred, OverlapMetric::dice);
  CHECK(a.cut_off == a.score / 2);
  CHECK(b.cut_off == b.score / 2);
  CHECK(a.cut_off > 0.45);
  CHECK(b.cut_off < 0.25); // far from one another, and from any fixed threshold
  for (const auto& [p, set] : {std::pair(sharp, a), std::pair(blurred, b)}) {
    const auto curve = rma_curve(ranked(p), OverlapMetric::dice);
    CHECK(set.count == best_count(curve));
    CHECK(set.score == Approx(*std::max_element(curve.begin(), curve.end())).epsilon(1e-13));
  }
  for (int i = 0; i < 50; ++i) {
    const std::vector<double> p = random_map(random, 500);
    for (const OverlapMetric metric : metrics) {
      const TopSet set = best_top_set(p, metric, 0);
      CHECK(set.cut_off <= 0.5);
      const auto kept = [&](double from) {
        return static_cast<std::size_t>(
            std::count_if(p.begin(), p.end(), [&](double value) { return value > from; }));
      };
      CHECK(kept(set.cut_off) == set.count);
      CHECK(kept(0.5) <= set.count);
    }
    const TopSet iou = best_top_set(p, OverlapMetric::iou, 0);
    CHECK(iou.cut_off == iou.score / (1 + iou.score));
  }
}

TEST_CASE("RankSEG-RMA: the IoU score is r / (1 - r) of r = S / (t + mu), and certain pixels are the mask") {
  RandomStream random(5, "rankseg test");
  const std::vector<double> p = ranked(random_map(random, 40));
  const auto curve = rma_curve(p, OverlapMetric::iou);
  for (std::size_t t = 1; t <= 40; ++t) {
    const double r = sum_of_first(p, t) / (static_cast<double>(t) + sum_of_first(p, 40));
    CHECK(curve[t - 1] == Approx(r / (1 - r)).epsilon(1e-12));
  }
  const std::vector<double> certain{0, 1, 1, 0, 0, 1, 0};
  for (const OverlapMetric metric : metrics) {
    CHECK(best_top_set(certain, metric).count == 3);
    CHECK(best_top_set(certain, metric).score == (metric == OverlapMetric::iou ? 1 : 6.0 / 7));
  }
}

TEST_CASE(
    "RankSEG-RMA: of equal scores the smallest set, by either way, and the prune that is not given is 0.1") {
  const std::vector<double> p{0.5, 0.25, 0.25};
  const auto curve = rma_curve(p, OverlapMetric::iou);
  for (const double w : curve) CHECK(w == Approx(1.0 / 3).epsilon(1e-15));
  CHECK(best_top_set(p, OverlapMetric::iou).count == 1);
  CHECK(best_top_set_by_sorting(p, OverlapMetric::iou).count == 1);
  const std::vector<double> above{0.3, 0.2, 0.2}, below{0.1, 0.05};
  for (const OverlapMetric metric : metrics) {
    CHECK(best_top_set(above, metric).count > 0);
    CHECK(best_top_set_by_sorting(above, metric).count > 0);
    CHECK(best_top_set(below, metric).count == 0);
    CHECK(best_top_set_by_sorting(below, metric).count == 0);
  }
}

TEST_CASE("RankSEG-RMA: nothing probable, nothing kept") {
  for (const OverlapMetric metric : metrics)
    for (const auto& best : {best_top_set, best_top_set_by_sorting}) {
      CHECK(best(std::vector<double>(5, 0.0), metric, 0).count == 0);
      CHECK(best(std::vector<double>(5, 0.0), metric, 0).score == 0);
      CHECK(best({}, metric, 0).count == 0);
      CHECK(best(std::vector<double>{0.1, 0.05}, metric, 0.1).count == 0);
      CHECK(best(std::vector<double>{0.1, 0.05}, metric, 0.05).count > 0);
      CHECK(best(std::vector<double>(7, 0.2), metric, 0.1).count == 7);
    }
  CHECK(exact_curve({}, OverlapMetric::dice).empty());
}
