// Where everything in a plot goes: ranges, ticks, legend and margins, in pixels, before anything is drawn.
#pragma once

#include "optim/report/svg_plot.h"

#include <span>
#include <string>
#include <vector>

namespace raphson::optim::report {

inline constexpr double title_font = 15, legend_font = 12.5, label_font = 12, tick_font = 12;
inline constexpr double outer_margin = 16, swatch_width = 22, swatch_gap = 7;

struct LegendEntry {
  const Series* series = nullptr;
  std::size_t order = 0; // of the series in its plot
  std::string name = {};
  double x = 0, y = 0; // left end of the swatch, baseline of the text
};

struct Panel {
  const Plot* plot = nullptr;
  bool empty = true; // nothing to draw
  Range x = {}, y = {};
  std::vector<Tick> x_ticks = {}, y_ticks = {};
  std::vector<LegendEntry> legend = {};
  double left = 0, top = 0, width = 0, height = 0; // the plot area
  double title_y = 0;                              // baseline
  double text_room = 0;                            // widest that a title may be
};

// The value, or NaN where it is too large for the arithmetic of a range.
double drawable(double value);

// Throws InputError as svg_plot.h says. The panels point into `plots`.
std::vector<Panel> lay_out(std::span<const Plot> plots, Size size);

} // namespace raphson::optim::report
