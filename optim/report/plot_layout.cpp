#include "optim/report/plot_layout.h"

#include "dsp/error.h"
#include "optim/report/text.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace raphson::optim::report {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct Bounds {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;

  void include(double value) {
    if (std::isnan(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  bool empty() const { return low > high; }
};

double placeable(Scale scale, double value) {
  return scale == Scale::logarithmic && !(value > 0) ? nan : drawable(value);
}

void check(const Series& series) {
  const bool band = series.style.mark == Mark::band;
  if (series.x.size() == series.y.size() && series.y_low.size() == (band ? series.x.size() : 0)) return;
  throw InputError("plot series '" + valid_utf8(series.name) + "': x has " + std::to_string(series.x.size())
                   + " values, y " + std::to_string(series.y.size()) + ", y_low "
                   + std::to_string(series.y_low.size()) + "; x and y must be equally long, and y_low "
                   + (band ? "as well" : "empty"));
}

void check(const Axis& axis) {
  if (!axis.range) return;
  const auto [low, high] = *axis.range;
  const bool positive = axis.scale != Scale::logarithmic || low > 0;
  if (positive && low < high && std::isfinite(drawable(low)) && std::isfinite(drawable(high))) return;
  throw InputError("plot axis '" + valid_utf8(axis.label) + "': range " + format_exact(low) + " to "
                   + format_exact(high) + "; it must be finite, ascending"
                   + (axis.scale == Scale::logarithmic ? " and above 0" : ""));
}

// A range that arithmetic can divide by, around data that may be absent or all equal.
Range usable(const Bounds& bounds, Scale scale) {
  if (bounds.empty()) return scale == Scale::logarithmic ? Range{1, 10} : Range{0, 1};
  const double largest = std::max(std::abs(bounds.low), std::abs(bounds.high));
  if (bounds.high - bounds.low > std::max(1e-300, 1e-9 * largest)) return {bounds.low, bounds.high};
  if (scale == Scale::logarithmic) return {bounds.low / 2, bounds.high * 2};
  const double margin = scale == Scale::linear && largest > 0 ? std::max(0.1 * largest, 1e-290) : 0.5;
  return {bounds.low - std::max(margin, 1e-6 * largest), bounds.high + std::max(margin, 1e-6 * largest)};
}

// Ranges of both axes; y over the points that x shows.
void find_ranges(Panel& panel, int y_labels) {
  const Axis &x_axis = panel.plot->x_axis, &y_axis = panel.plot->y_axis;
  Bounds x_bounds, y_bounds;
  for (const Series& series : panel.plot->series)
    for (std::size_t i = 0; i < series.x.size(); ++i) {
      const double x = placeable(x_axis.scale, series.x[i]);
      if (std::isnan(x) || (x_axis.range && (x < x_axis.range->low || x > x_axis.range->high))) continue;
      const double y = placeable(y_axis.scale, series.y[i]);
      const double y_low = series.y_low.empty() ? y : placeable(y_axis.scale, series.y_low[i]);
      if (std::isnan(y) || std::isnan(y_low)) continue;
      x_bounds.include(x);
      y_bounds.include(y);
      y_bounds.include(y_low);
    }
  panel.empty = y_bounds.empty();
  panel.x = x_axis.range ? *x_axis.range : usable(x_bounds, x_axis.scale);
  panel.y =
      y_axis.range ? *y_axis.range : widen_to_ticks(y_axis.scale, usable(y_bounds, y_axis.scale), y_labels);
}

void place_legend(Panel& panel, double& y) {
  constexpr double row = 21, gap = 20;
  const double right = outer_margin + panel.text_room;
  const auto& series = panel.plot->series;
  double x = outer_margin;
  for (std::size_t i = 0; series.size() > 1 && i < series.size(); ++i) {
    if (series[i].name.empty()) continue;
    const std::string name =
        fit_text(series[i].name, legend_font, panel.text_room - swatch_width - swatch_gap);
    const double width = swatch_width + swatch_gap + text_width(name, legend_font);
    const bool first = panel.legend.empty();
    if (first || x + width > right) {
      x = outer_margin;
      y += row;
    }
    panel.legend.push_back({&series[i], i, name, x, y});
    x += width + gap;
  }
}

bool labels_fit(const Panel& panel) {
  constexpr double gap = 12;
  double end = -std::numeric_limits<double>::infinity();
  for (const Tick& tick : panel.x_ticks) {
    if (tick.label.empty()) continue;
    const double middle = panel.width * axis_position(panel.plot->x_axis.scale, panel.x, tick.value);
    const double half = text_width(tick.label, tick_font) / 2;
    if (middle - half < end + gap) return false;
    end = middle + half;
  }
  return true;
}

void place_x_ticks(Panel& panel) {
  for (int labels = std::max(1, static_cast<int>(panel.width / 50)); labels >= 1; --labels) {
    panel.x_ticks = make_ticks(panel.plot->x_axis.scale, panel.x, labels);
    if (labels_fit(panel)) break;
  }
}

double widest_label(const std::vector<Tick>& ticks) {
  double widest = 0;
  for (const Tick& tick : ticks) widest = std::max(widest, text_width(tick.label, tick_font));
  return widest;
}

Panel lay_out_heights(const Plot& plot, double top, double bottom, double width) {
  for (const Series& series : plot.series) check(series);
  check(plot.x_axis);
  check(plot.y_axis);
  Panel panel{.plot = &plot};
  panel.text_room = width - 2 * outer_margin;
  double y = top + 8;
  if (!plot.title.empty()) panel.title_y = y += 18;
  place_legend(panel, y += plot.title.empty() ? -4 : 3);
  const bool y_title = !axis_title(plot.y_axis, panel.y).empty();
  panel.top = y + (y_title ? 40 : 16);
  panel.height = std::max(20.0, bottom - panel.top - (axis_title(plot.x_axis, panel.x).empty() ? 32 : 52));
  const int y_labels = std::max(2, static_cast<int>(panel.height / 38));
  find_ranges(panel, y_labels);
  panel.y_ticks = make_ticks(plot.y_axis.scale, panel.y, y_labels);
  return panel;
}

} // namespace

double drawable(double value) { return std::abs(value) <= 1e300 ? value : nan; }

std::vector<Panel> lay_out(std::span<const Plot> plots, Size size) {
  std::vector<Panel> panels;
  const double width = std::max(size.width, 160), height = std::max(size.height, 120);
  const double step = height / static_cast<double>(std::max<std::size_t>(plots.size(), 1));
  for (std::size_t i = 0; i < plots.size(); ++i)
    panels.push_back(
        lay_out_heights(plots[i], step * static_cast<double>(i), step * static_cast<double>(i + 1), width));
  double left = 0;
  for (const Panel& panel : panels) left = std::max(left, outer_margin + widest_label(panel.y_ticks) + 9);
  for (Panel& panel : panels) {
    panel.left = left;
    panel.width = std::max(20.0, width - left - outer_margin - 8);
    place_x_ticks(panel);
  }
  return panels;
}

} // namespace raphson::optim::report
