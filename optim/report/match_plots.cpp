#include "optim/report/match_report.h"

#include "optim/report/text.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::report {
namespace {

// The share of the values below, between 0 and 1; of the finite ones.
double quantile(std::vector<double> values, double share) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  if (values.empty()) return std::nan("");
  const auto nth =
      values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

// The target's gain is a quotient, wild where the signal is faint: the range holds all of the fit but only
// the bulk of the target, lest one sample near silence flattens the picture.
std::optional<Range> gain_range(const GainReduction& gain) {
  const double low = std::fmin(quantile(gain.fit_db, 0), quantile(gain.target_db, 0.005));
  const double high = std::fmax(quantile(gain.fit_db, 1), quantile(gain.target_db, 0.995));
  if (std::isnan(low)) return {};
  const double margin = std::max(0.5, 0.06 * (high - low));
  return Range{low - margin, std::max(high, 0.0) + margin};
}

bool all_positive(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(),
                     [](double value) { return value > 0 || !std::isfinite(value); });
}

Plot trace(std::string title, std::vector<double> iteration, std::vector<double> value, Colour colour) {
  const Scale scale = all_positive(value) ? Scale::logarithmic : Scale::linear;
  Plot plot{std::move(title), {"Iteration", "", Scale::count}, {"", "", scale}};
  plot.series.push_back({"", iteration, value, {.colour = colour, .width = 1.8}});
  plot.series.push_back(
      {"", std::move(iteration), std::move(value), {Mark::markers, colour, Dash::solid, 5.5}});
  return plot;
}

} // namespace

Plot gain_reduction_plot(const MatchReportData& data) {
  const GainReduction& gain = data.gain_reduction;
  Plot plot{"Gain reduction", {"Time", "s", Scale::time}, {"Gain", "dB", Scale::decibel, gain_range(gain)}};
  // A long recording's curves fill the picture: the fit lets the target through.
  const double opacity = gain.time_s.size() > 10000 ? 0.65 : 1;
  plot.series.push_back(
      {"Target", gain.time_s, gain.target_db, {.colour = Colour::neutral, .width = 2.6, .opacity = 0.75}});
  plot.series.push_back(
      {"Fit", gain.time_s, gain.fit_db, {.colour = Colour::blue, .width = 1.5, .opacity = opacity}});
  return plot;
}

Plot transfer_curve_plot(const MatchReportData& data) {
  const TransferCurve& curve = data.transfer;
  Plot plot{"Transfer curve", {"Input", "dB", Scale::decibel}, {"Output", "dB", Scale::decibel}};
  if (!curve.measured_input_db.empty())
    plot.series.push_back({"Recording",
                           curve.measured_input_db,
                           curve.measured_output_db,
                           {Mark::markers, Colour::neutral, Dash::solid, 3, 0.6}});
  if (!curve.input_db.empty()) {
    const auto [low, high] = std::minmax_element(curve.input_db.begin(), curve.input_db.end());
    if (std::isfinite(*low) && *low < *high && std::isfinite(*high)) {
      plot.x_axis.range = Range{*low, *high};
      plot.y_axis.range = Range{*low, std::fmax(*high, quantile(curve.output_db, 1))};
    }
    plot.series.push_back({"Unchanged",
                           {*low, *high},
                           {*low, *high},
                           {.colour = Colour::neutral, .dash = Dash::dashed, .width = 1.3}});
  }
  plot.series.push_back({"Fit", curve.input_db, curve.output_db, {.colour = Colour::blue, .width = 2.4}});
  return plot;
}

std::vector<Plot> convergence_plots(const MatchReportData& data) {
  std::vector<double> iteration, loss, gradient_norm;
  for (const ConvergenceStep& step : data.convergence) {
    iteration.push_back(step.iteration);
    loss.push_back(step.loss);
    gradient_norm.push_back(step.gradient_norm);
  }
  Plot above = trace("Convergence: loss", iteration, loss, Colour::blue);
  above.x_axis.label.clear();
  return {above, trace("Gradient norm", iteration, gradient_norm, Colour::orange)};
}

Plot attribution_plot(const MatchReportData& data) {
  Plot plot{"Pull of each stretch on the fit", {"Time", "s", Scale::time}, {"Pull", "standard errors"}};
  plot.y_axis.range = Range{0, 0};
  Series steps;
  for (const AttributedStretch& s : data.attribution)
    for (const double at : {s.begin_s, s.end_s}) {
      steps.x.push_back(at);
      steps.y.push_back(s.pull);
      plot.y_axis.range->high = std::max(plot.y_axis.range->high, 1.08 * s.pull);
    }
  if (!(plot.y_axis.range->high > 0)) plot.y_axis.range.reset();
  steps.style = {.colour = Colour::blue, .width = 1.8};
  plot.series.push_back(std::move(steps));
  return plot;
}

} // namespace raphson::optim::report
