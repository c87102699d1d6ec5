#include "optim/tools/signals/attsets_demo.h"

#include "optim/data/digits.h"
#include "optim/data/image_transforms.h"
#include "optim/engine/parallel.h"
#include "optim/engine/rank_correlation.h"
#include "optim/tools/signals/attsets_report.h"
#include "optim/tools/signals/attsets_training.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace raphson::optim::tools {
namespace {

using data::Dataset;
using data::RowMatrix;

constexpr int side = 14, window = 8;
constexpr Index most_views = 24, trained_views = 8;
constexpr std::array<Index, 6> numbers = {1, 2, 4, 8, 16, 24};

using Curve = std::array<double, numbers.size()>;

/// A window on a digit; returns the level of its noise.
double draw_window(const double* digit, RandomStream& random, float* view) {
  const double level = std::exp(random.uniform(std::log(0.05), std::log(0.8)));
  const std::size_t top = random.index(side - window + 1), left = random.index(side - window + 1);
  std::fill_n(view, side * side, 0.0f);
  for (std::size_t r = top; r < top + window; ++r)
    for (std::size_t c = left; c < left + window; ++c)
      view[r * side + c] = static_cast<float>(digit[r * side + c] + level * random.normal());
  return level;
}

/// Pixels that a stroke covers.
RowMatrix occupancy(const RowMatrix& digits) { return (digits.array() > 0.4).cast<double>(); }

struct Experiment {
  std::size_t training = 8000, held_out = 500;
  std::int64_t base_steps = 2500, attention_steps = 800, joint_steps = 1200;
  bool pooled_jointly = true; ///< mean and maximum trained jointly as well
};

struct Digits {
  Dataset training, held_out;
};

Digits read_digits(const Experiment& e, std::uint64_t seed) {
  const auto split = data::digits_split(e.training, e.held_out, seed);
  return {data::pool(split.training, side, side), data::pool(split.held_out, side, side)};
}

struct Trained {
  const char* name;
  Aggregation aggregation;
  bool joint;
  SetParameters parameters = {};
  Curve iou = {};
};

constexpr std::size_t faset = 2, joint_attention = 3, joint_mean = 4, joint_maximum = 5, joint_gru = 6;

std::vector<Trained> models_of(const Experiment& e) {
  std::vector<Trained> models{
      {"base + mean", Aggregation::mean, false}, {"base + max", Aggregation::maximum, false},
      {"FASet", Aggregation::attention, false},  {"joint AttSets", Aggregation::attention, true},
      {"joint mean", Aggregation::mean, true},   {"joint max", Aggregation::maximum, true},
      {"joint GRU", Aggregation::gru, true}};
  if (!e.pooled_jointly) models.erase(models.begin() + joint_mean, models.begin() + joint_maximum + 1);
  return models;
}

SetNetwork network_of(Aggregation aggregation) {
  return SetNetwork({.inputs = side * side, .outputs = side * side, .aggregation = aggregation});
}

/// The first job makes the base and, on it, FASet; each of the others a joint training. What is pooled on the
/// base gets it as stage 1 left it, so that a stage 2 that changes it shows.
void train_models(std::vector<Trained>& models, const Experiment& e, const Dataset& digits,
                  std::uint64_t seed, const DemoOptions& options) {
  const SetSource source = windowed_source(digits, trained_views);
  const RowMatrix occupied = occupancy(digits.features);
  const SetTask task{source, occupied};
  const auto training = [&](std::int64_t steps) {
    return SetTraining{.steps = steps, .views = trained_views, .seed = seed};
  };
  parallel_for(models.size() - faset, default_threads(), [&](std::size_t job, std::size_t thread) {
    Trained& model = models[faset + job];
    const SetNetwork network = network_of(model.aggregation);
    if (thread == 0) options.say("seed " + std::to_string(seed) + ", training " + model.name);
    if (model.joint) {
      model.parameters = train_jointly(network, task, training(e.joint_steps));
      return;
    }
    const Vector base = train_base(network, task, training(e.base_steps));
    models[0].parameters.base = models[1].parameters.base = base;
    model.parameters = {base, train_aggregation(network, base, task, training(e.attention_steps))};
  });
}

void measure(std::vector<Trained>& models, const WindowedDigits& views, const RowMatrix& truth) {
  for (Trained& model : models) {
    const SetNetwork network = network_of(model.aggregation);
    const SetPredictor<float> predictor(network, model.parameters);
    const auto features = predictor.features(views.sets.views);
    for (std::size_t k = 0; k < numbers.size(); ++k)
      model.iou[k] = mean_iou(predictor.results(features, views.sets.bounds, numbers[k]), truth);
  }
}

/// The largest change of a logit over 20 orders of 8 views, in double.
double change_by_order(const Trained& model, const ViewSets& sets) {
  std::vector<std::size_t> some(50);
  std::iota(some.begin(), some.end(), std::size_t{0});
  const ViewSets chosen = select_sets(sets, some);
  const SetNetwork network = network_of(model.aggregation);
  const SetPredictor<double> predictor(network, model.parameters);
  const auto results = [&](const ViewSets& views) {
    return predictor.results(predictor.features(views.views), views.bounds, views.bounds.most());
  };
  ViewSets eight{.bounds = {}};
  eight.views.resize(std::ssize(some) * trained_views, chosen.views.cols());
  for (std::size_t i = 0; i < some.size(); ++i) {
    eight.views.middleRows(static_cast<Index>(i) * trained_views, trained_views) =
        chosen.views.middleRows(chosen.bounds.first[i], trained_views);
    eight.bounds.add(trained_views);
  }
  const RowMatrix reference = results(eight);
  double most = 0;
  for (std::uint64_t order = 1; order <= 20; ++order)
    most = std::max(most, (results(shuffled_views(eight, order)) - reference).cwiseAbs().maxCoeff());
  return most;
}

/// Spearman's correlation of the share of a view among 8 and its noise.
double share_and_noise(const Trained& model, const WindowedDigits& views) {
  const SetNetwork network = network_of(model.aggregation);
  const SetPredictor<float> predictor(network, model.parameters);
  const Vector shares =
      predictor.shares(predictor.features(views.sets.views), views.sets.bounds, trained_views);
  std::vector<double> share, level;
  for (Index i = 0; i < shares.size(); ++i) {
    if (!std::isfinite(shares[i])) continue;
    share.push_back(shares[i]);
    level.push_back(views.levels[static_cast<std::size_t>(i)]);
  }
  return spearman_correlation(Eigen::Map<Vector>(share.data(), std::ssize(share)),
                              Eigen::Map<Vector>(level.data(), std::ssize(level)));
}

/// The card's; the brief form has less to learn from.
struct Limits {
  double base_over_joint = 0.04, falls = -0.005, over_max = 0.05;
  double joint_over_mean = 0.005, joint_over_max = 0.015, joint_further = 0.015, over_gru = 0.05;
};

void claim_curves(const std::vector<Trained>& m, const Limits& limits, const std::string& seed,
                  report::ToolReport& report) {
  const auto least = [&](const std::string& what, double value, double limit) {
    report.claims.push_back(report::at_least(what + seed, value, limit));
  };
  const Curve &mean = m[0].iou, &maximum = m[1].iou, &fa = m[faset].iou, &joint = m[joint_attention].iou,
              &gru = m.back().iou;
  least("FASet less joint AttSets, 1 view", fa[0] - joint[0], limits.base_over_joint);
  double rise = 1, over_mean = 1;
  for (std::size_t k = 1; k < numbers.size(); ++k) {
    rise = std::min(rise, fa[k] - fa[k - 1]);
    over_mean = std::min(over_mean, fa[k] - mean[k]);
  }
  least("FASet from one number of views to the next, least gain", rise, limits.falls);
  least("FASet less base + mean, least of all numbers above 1", over_mean, 0);
  least("FASet less base + max, 24 views", fa[5] - maximum[5], limits.over_max);
  least("joint AttSets, 24 views less 8", joint[5] - joint[3], limits.joint_further);
  least("joint GRU, 8 views less 24", gru[3] - gru[5], 0);
  least("joint AttSets less joint GRU, 24 views", joint[5] - gru[5], limits.over_gru);
  if (m.size() <= joint_gru) return;
  least("joint AttSets less joint mean, 24 views", joint[5] - m[joint_mean].iou[5], limits.joint_over_mean);
  least("joint AttSets less joint max, 24 views", joint[5] - m[joint_maximum].iou[5], limits.joint_over_max);
}

/// One view: base alone against FASet, bit by bit; and the order of 8 views.
void claim_exactness(const std::vector<Trained>& m, const WindowedDigits& views, const std::string& seed,
                     report::ToolReport& report) {
  const auto single = [&](const Trained& model) {
    const SetNetwork network = network_of(model.aggregation);
    const SetPredictor<float> predictor(network, model.parameters);
    return predictor.results(predictor.features(views.sets.views), views.sets.bounds, 1);
  };
  const auto differ = (single(m[faset]).array() != single(m[0]).array()).count();
  report.claims.push_back(report::at_most("logits of 1 view that FASet changed" + seed, double(differ), 0));
  for (const std::size_t k : {faset, joint_attention})
    report.claims.push_back(
        report::at_most(std::string(m[k].name) + ", change of a logit by the order of views" + seed,
                        change_by_order(m[k], views.sets), 1e-5));
  report.claims.push_back(report::at_least("joint GRU, change of a logit by the order of views" + seed,
                                           change_by_order(m.back(), views.sets), 0.1));
}

report::NamedImage picture_of(const Trained& model, const WindowedDigits& views, const RowMatrix& truth) {
  SetModel whole;
  whole.spec = {.inputs = side * side, .outputs = side * side};
  whole.parameters = model.parameters;
  return set_picture(
      {views.sets, whole(views.sets, trained_views), &truth, {side, side}},
      "Eight views of held-out digits, under each its share (half full: as much as all others), what FASet "
      "makes of them, and the digit");
}

report::Figure figure_of(const std::vector<Trained>& models) {
  report::Plot plot{"", {"Views", "", report::Scale::logarithmic}, {"Intersection over union"}, {}};
  const auto colour = [](Aggregation aggregation) {
    constexpr report::Colour colours[] = {report::Colour::blue, report::Colour::orange, report::Colour::green,
                                          report::Colour::purple};
    return colours[static_cast<std::size_t>(aggregation)];
  };
  for (const Trained& model : models)
    plot.series.push_back({.name = model.name,
                           .x = {numbers.begin(), numbers.end()},
                           .y = {model.iou.begin(), model.iou.end()},
                           .style = {.colour = colour(model.aggregation),
                                     .dash = model.joint ? report::Dash::dashed : report::Dash::solid}});
  return {{plot}, {880, 380}, "All were trained on at most 8 views; dashed: all weights at once"};
}

} // namespace

WindowedDigits windowed_digits(const Dataset& digits, Index views, RandomStream& random) {
  WindowedDigits result{{.rows = side, .columns = side, .name = "windows on digits"}, {}};
  const Index count = digits.features.rows();
  result.sets.views.resize(count * views, side * side);
  std::array<float, side * side> view;
  for (Index i = 0; i < count; ++i) {
    for (Index n = 0; n < views; ++n) {
      result.levels.push_back(draw_window(digits.features.row(i).data(), random, view.data()));
      for (Index k = 0; k < side * side; ++k)
        result.sets.views(i * views + n, k) = static_cast<double>(view[static_cast<std::size_t>(k)]);
    }
    result.sets.bounds.add(views);
  }
  return result;
}

SetSource windowed_source(const Dataset& digits, Index most) {
  const auto draw = [&digits](std::size_t object, Index views, RandomStream& random, float* rows) {
    for (Index n = 0; n < views; ++n)
      draw_window(digits.features.row(static_cast<Index>(object)).data(), random, rows + n * side * side);
    return views;
  };
  return {digits.size(), side * side, most, draw};
}

report::ToolReport attsets_demo(const DemoOptions& options) {
  const Seeds seeds = options.seeds_or({0, 1, 2});
  Experiment e;
  Limits limits;
  if (options.brief) {
    e = {.training = 4000,
         .held_out = 300,
         .base_steps = 1200,
         .attention_steps = 500,
         .joint_steps = 300,
         .pooled_jointly = false};
    limits = {.base_over_joint = 0.02, .over_max = 0.03, .joint_further = 0.005, .over_gru = 0.02};
  }
  report::ToolReport report{.title = "AttSets: more views than were trained on, and no harm to a single one"};
  report::Table table{{{"seed"}, {"network"}}, {}};
  for (const Index n : numbers) table.columns.push_back({"N = " + std::to_string(n)});
  double over_mean = 0;
  for (const std::uint64_t seed : seeds) {
    const std::string name = ", seed " + std::to_string(seed);
    const Digits digits = read_digits(e, seed);
    std::vector<Trained> models = models_of(e);
    train_models(models, e, digits.training, seed, options);
    options.say("measuring" + name);
    RandomStream random(seed, "held-out views");
    const WindowedDigits views = windowed_digits(digits.held_out, most_views, random);
    measure(models, views, digits.held_out.features);
    for (const Trained& model : models) {
      table.rows.push_back({seed, model.name});
      for (const double iou : model.iou) table.rows.back().push_back(report::Cell::fixed(iou, 3));
    }
    claim_curves(models, limits, name, report);
    over_mean += (models[faset].iou[2] - models[0].iou[2]) / static_cast<double>(seeds.size());
    claim_exactness(models, views, name, report);
    report.claims.push_back(report::at_most("FASet, rank correlation of a view's share and its noise" + name,
                                            share_and_noise(models[faset], views), -0.05));
    if (seed != seeds.front()) continue;
    report.figures = {{"overlap-by-views", figure_of(models)}};
    report.images = {picture_of(models[faset], views, digits.held_out.features)};
  }
  // The card has it of every seed, where these three gain 0.015, 0.002 and 0.014.
  report.claims.push_back(
      report::at_least("FASet less base + mean, 4 views, mean of the seeds", over_mean, 0.005));
  report.tables = {
      {"overlap", "Mean intersection over union of held-out digits, by the number of views", table}};
  if (!options.brief) attsets_growth(report, options);
  return report;
}

} // namespace raphson::optim::tools
