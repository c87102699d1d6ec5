#include "optim/tools/signals/deep_lk_training_report.h"

#include <cmath>

namespace raphson::optim::tools {
namespace {

/// Estimates nothing.
class Still final : public MotionEstimator {
public:
  void set_template(const Crop&) override {}
  BoxMotion estimate(const Crop&) override { return {}; }
  double residual() const override { return 0; }
  double condition() const override { return 0; }
};

constexpr std::size_t window = 10, fewest_averaged = 50; // steps

} // namespace

report::Series loss_series(const std::string& name, const std::vector<double>& losses) {
  report::Series series{.name = name};
  const std::size_t each = losses.size() < fewest_averaged ? 1 : window;
  for (std::size_t k = 0; k + each <= losses.size(); k += each) {
    double mean = 0;
    for (std::size_t j = 0; j < each; ++j) mean += losses[k + j] / static_cast<double>(each);
    series.x.push_back(static_cast<double>(k + each));
    series.y.push_back(mean);
  }
  return series;
}

report::NamedFigure loss_figure(std::vector<report::Series> losses) {
  const bool averaged = !losses.front().x.empty() && losses.front().x.front() > 1;
  return {"loss",
          {{{"",
             {"Step", "", report::Scale::count},
             {"Loss", "", report::Scale::logarithmic},
             std::move(losses)}},
           {880, 300},
           averaged ? "Training loss, means of ten steps" : "Training loss"}};
}

double step_error(MotionEstimator& estimator, const MotionPairs& pairs) {
  constexpr std::ptrdiff_t size = crop_side * crop_side;
  double sum = 0;
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    const auto at = static_cast<std::ptrdiff_t>(k) * size;
    estimator.set_template(Crop(pairs.templates.begin() + at, pairs.templates.begin() + at + size));
    const BoxMotion dp =
        estimator.estimate(Crop(pairs.images.begin() + at, pairs.images.begin() + at + size));
    const float* const wanted = pairs.motions.data() + 3 * k;
    sum += std::hypot(dp.tx - wanted[0], dp.ty - wanted[1], dp.s - wanted[2]);
  }
  return sum / static_cast<double>(pairs.size());
}

report::ToolReport training_report(const std::vector<data::Picture>& pictures, const MotionTraining& training,
                                   const std::string& name) {
  const MotionPairs pairs = picture_pairs(
      pictures, static_cast<std::size_t>(training.steps) * static_cast<std::size_t>(training.batch),
      training.seed);
  const TrainedMotion trained = train_features(pairs, training);
  const MotionPairs others = picture_pairs(pictures, 500, training.seed + 1);
  const auto learned = lucas_kanade(learned_features(trained.parameters)),
             grey = lucas_kanade(normalised_features);
  Still still;
  report::ToolReport result{.title = "Features learned from the pictures of " + name};
  result.values = {{"pictures", pictures.size()}, {"pairs trained on", pairs.size()}};
  result.tables.push_back({"step-error",
                           "Error of one step on 500 further pairs, in half-sizes of the box",
                           {{{"estimate"}, {"mean error"}},
                            {{"learned features", step_error(*learned, others)},
                             {"grey levels, normalised", step_error(*grey, others)},
                             {"no motion", step_error(still, others)}}}});
  result.figures.push_back(loss_figure({loss_series("", trained.losses)}));
  result.files.push_back(
      {"deep-lk.network.json",
       to_json({trained.parameters,
                {{"made by", "raphson deep-lk train, seed " + std::to_string(training.seed)},
                 {"pictures", name},
                 {"training", std::to_string(training.steps) + " steps of Adam, "
                                  + std::to_string(training.batch) + " pairs each"}}})});
  return result;
}

} // namespace raphson::optim::tools
