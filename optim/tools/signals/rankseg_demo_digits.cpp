#include "optim/data/digits.h"
#include "optim/data/png_image.h"
#include "optim/engine/random.h"
#include "optim/tools/signals/patch_network.h"
#include "optim/tools/signals/rankseg_demo_parts.h"
#include "optim/tools/signals/rankseg_exact.h"
#include "optim/tools/signals/rankseg_map_scores.h"
#include "optim/tools/signals/rankseg_report.h"

#include <algorithm>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;

constexpr double noise = 1; ///< its deviation

data::RowMatrix image_of(const data::Dataset& digits, Index row) {
  return Eigen::Map<const data::RowMatrix>(digits.features.row(row).data(), digits.image_rows,
                                           digits.image_columns);
}

void add_noise(data::RowMatrix& image, RandomStream& random) {
  for (double& value : image.reshaped<Eigen::RowMajor>()) value += noise * random.normal();
}

/// A digit is where its pixels are above half.
std::vector<LabelledMap> noisy_digits(const data::Dataset& digits, RandomStream& random) {
  std::vector<LabelledMap> maps;
  for (Index i = 0; i < digits.features.rows(); ++i) {
    LabelledMap map{image_of(digits, i), {}};
    for (const double value : map.values.reshaped<Eigen::RowMajor>()) map.labels.push_back(value > 0.5);
    add_noise(map.values, random);
    maps.push_back(std::move(map));
  }
  return maps;
}

/// A bright digit (class 1) and in front of it a dark one (class 2), six pixels aside, on grey (class 0).
std::vector<LabelledMap> noisy_pairs(const data::Dataset& digits, RandomStream& random) {
  constexpr Index aside = 6;
  std::vector<LabelledMap> maps;
  for (Index i = 0; i + 1 < digits.features.rows(); i += 2) {
    const data::RowMatrix bright = image_of(digits, i), dark = image_of(digits, i + 1);
    LabelledMap map{data::RowMatrix::Zero(bright.rows(), bright.cols() + aside), {}};
    map.values.leftCols(bright.cols()) = bright;
    auto front = map.values.rightCols(dark.cols());
    front = (front.array() * (1 - dark.array()) - dark.array()).matrix().eval();
    for (const double value : map.values.reshaped<Eigen::RowMajor>())
      map.labels.push_back(value > 0.5 ? 1 : value < -0.5 ? 2 : 0);
    add_noise(map.values, random);
    maps.push_back(std::move(map));
  }
  return maps;
}

struct Maps {
  std::vector<LabelledMap> training, held_out;
};

template <class Make>
Maps maps_of(const Make& make, std::size_t training, std::size_t held_out, std::uint64_t seed) {
  const auto digits = data::digits_split(training, held_out, seed);
  RandomStream random(seed, "pixel noise");
  Maps maps;
  maps.training = make(digits.training, random);
  maps.held_out = make(digits.held_out, random);
  return maps;
}

PatchNetwork trained(const Maps& maps, Index hidden, Index classes, std::uint64_t seed, const char* what,
                     const DemoOptions& options) {
  PatchNetwork network(hidden, classes);
  PatchTraining training{.epochs = options.brief ? 6 : 8};
  training.observer = [&](int epoch) {
    options.say(std::string(what) + ", seed " + std::to_string(seed) + ", epoch " + std::to_string(epoch));
  };
  network.train(maps.training, training, seed);
  return network;
}

/// The mean gap of achieved overlap to the masks that the exact rule chooses.
double below_exact(const PatchNetwork& network, const std::vector<LabelledMap>& maps, OverlapMetric metric) {
  double gap = 0;
  for (const LabelledMap& map : maps) {
    const data::RowMatrix p = network.probabilities(map.values);
    const std::vector<double> order = ranked({p.data(), static_cast<std::size_t>(p.size())});
    const double lowest = order[best_count(exact_curve(order, metric)) - 1];
    const ClassMasks truth = truth_of(map, 1), exact = (p.array() >= lowest).cast<std::uint8_t>().matrix();
    gap += mean_over_classes(exact, truth, metric)
           - mean_over_classes(choose_masks(p, {.metric = metric}).masks, truth, metric);
  }
  return gap / static_cast<double>(maps.size());
}

void add_picture(const PatchNetwork& network, const LabelledMap& map, report::ToolReport& report) {
  const data::RowMatrix p = network.probabilities(map.values);
  data::Dataset pictures{.features = data::RowMatrix(5, p.cols()),
                         .image_rows = static_cast<int>(map.values.rows()),
                         .image_columns = static_cast<int>(map.values.cols())};
  pictures.features.row(0) =
      map.values.reshaped<Eigen::RowMajor>().transpose() / 3 + Vector::Constant(p.cols(), 0.5).transpose();
  pictures.features.row(1) = p.row(0);
  pictures.features.row(2) = above_half(p).row(0).cast<double>();
  pictures.features.row(3) = choose_masks(p, {}).masks.row(0).cast<double>();
  pictures.features.row(4) = truth_of(map, 1).row(0).cast<double>();
  report.images.push_back({"digit",
                           data::png_bytes(data::grey_image(data::contact_sheet(pictures, 5, 2, 0.5), 5)),
                           "A digit in noise, its probability, p > 0.5, RankSEG-RMA for Dice, the truth"});
  report.figures.push_back(
      {"digit-overlap",
       {{rankseg_plot({p.data(), static_cast<std::size_t>(p.size())}, OverlapMetric::dice, true, "")},
        {640, 340},
        "Its expected Dice by how many of the most probable pixels are kept"}});
}

} // namespace

void rankseg_digits(report::ToolReport& report, const DemoOptions& options) {
  const std::size_t training = options.brief ? 80 : 300, held_out = options.brief ? 60 : 200, against = 60;
  report::Table table{{{"seed"}, {"metric"}, {"p > 0.5"}, {"RankSEG-RMA"}, {"gain"}, {"exact less RMA"}}, {}};
  SeedClaims claims(report);
  for (const std::uint64_t seed : rankseg_seeds(options)) {
    const Maps maps = maps_of(noisy_digits, training, held_out, seed);
    const PatchNetwork network = trained(maps, 24, 1, seed, "digits", options);
    for (const OverlapMetric metric : {OverlapMetric::dice, OverlapMetric::iou}) {
      const MapScores scores = score_maps(network, maps.held_out, 1, metric);
      const double gap =
          below_exact(network, {maps.held_out.begin(), maps.held_out.begin() + against}, metric);
      table.rows.push_back({seed, name_of(metric), scores.plain, scores.rma, scores.rma - scores.plain, gap});
      const std::string name = std::string(", each seed, ") + name_of(metric);
      claims.add(report::at_least("digits: RMA less p > 0.5" + name, scores.rma - scores.plain, 0.015));
      claims.add(report::at_most("digits: exact less RMA" + name, gap, 0.005));
    }
    if (seed == rankseg_seeds(options).front()) add_picture(network, maps.held_out.front(), report);
  }
  report.tables.push_back({"digits",
                           "Achieved overlap, mean of " + std::to_string(held_out)
                               + " handwritten digits in noise; exact on " + std::to_string(against),
                           table});
}

void rankseg_two_digits(report::ToolReport& report, const DemoOptions& options) {
  const std::size_t training = options.brief ? 160 : 600, held_out = options.brief ? 160 : 400;
  report::Table table{
      {{"seed"}, {"metric"}, {"argmax"}, {"RankSEG-RMA"}, {"contests by probability"}, {"gain"}}, {}};
  SeedClaims claims(report);
  for (const std::uint64_t seed : rankseg_seeds(options)) {
    const Maps maps = maps_of(noisy_pairs, training, held_out, seed);
    const PatchNetwork network = trained(maps, 32, 3, seed, "two digits", options);
    for (const OverlapMetric metric : {OverlapMetric::dice, OverlapMetric::iou}) {
      const MapScores scores = score_maps(network, maps.held_out, 3, metric);
      table.rows.push_back({seed, name_of(metric), scores.plain, scores.rma, scores.by_probability,
                            scores.rma - scores.plain});
      const std::string name = std::string(", each seed, ") + name_of(metric);
      claims.add(report::at_least("two digits: RMA less argmax" + name, scores.rma - scores.plain, 0.01));
      claims.add(report::at_least("two digits: RMA less contests by probability" + name,
                                  scores.rma - scores.by_probability, 0.01));
    }
  }
  report.tables.push_back({"two-digits",
                           "Achieved overlap of three classes, a bright and a dark digit on grey, mean of "
                               + std::to_string(held_out / 2) + " images",
                           table});
}

} // namespace raphson::optim::tools
