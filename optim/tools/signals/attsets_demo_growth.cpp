#include "optim/engine/processor_time.h"
#include "optim/tools/growth.h"
#include "optim/tools/signals/attsets.h"
#include "optim/tools/signals/attsets_demo.h"

#include <array>

namespace raphson::optim::tools {
namespace {

constexpr Index width = 64;

/// Seconds to merge one set of these views' features, no gradient.
double merging_seconds(Aggregation aggregation, const Eigen::MatrixXf& features) {
  nn::Layout layout;
  const Aggregator aggregator(layout, aggregation, width);
  const Eigen::VectorXf weights = layout.initial(1).cast<float>();
  Tape<float> tape;
  return least_processor_seconds([&] {
    tape.clear();
    aggregator(nn::Weights<float>(tape, weights.data()),
               tape.constant({1, features.cols(), width}, features.data()));
  });
}

} // namespace

void attsets_growth(report::ToolReport& report, const DemoOptions& options) {
  constexpr std::array merged{Aggregation::attention, Aggregation::mean, Aggregation::gru};
  std::vector<Growth> growths{{"AttSets"}, {"mean"}, {"GRU"}};
  report::Table table{{{"views"}, {"AttSets (us)"}, {"mean (us)"}, {"GRU (us)"}}, {}};
  RandomStream random(1, "features");
  for (const Index views : {10, 30, 100, 300, 1000, 3000, 10000}) {
    options.say("growth, " + std::to_string(views) + " views");
    Eigen::MatrixXf features(width, views);
    for (float& value : features.reshaped()) value = static_cast<float>(random.normal());
    table.rows.push_back({views});
    for (std::size_t k = 0; k < merged.size(); ++k) {
      growths[k].add(static_cast<double>(views), merging_seconds(merged[k], features));
      table.rows.back().push_back(report::Cell::significant(1e6 * growths[k].cost.back(), 3));
    }
  }
  report.tables.push_back({"growth", "Time to merge one set of 64 features a view", table});
  report.figures.push_back(
      growth_figure("growth", "Merging one set of 64 features a view, by its views", "Views", growths));
  report.claims.push_back(
      report::at_most("exponent of AttSets' time by the views of a set", growths[0].exponent(), 1.1));
}

} // namespace raphson::optim::tools
