// Line, marker and band plots as SVG: a string of XML that stands alone as a file and sits inline in a page.
//
//   to_svg({"Transfer curve", {"Input", "dB", Scale::decibel}, {"Output", "dB", Scale::decibel},
//           {{"fit", input_db, output_db}}}, {440, 440})
//
// The same input gives the same bytes, whatever the locale. Long series shrink to what their pixels show
// (decimate.h). NaN, infinities and values that the scale has no place for break a line. The legend sits
// above the data, never over it. Colours are a palette's names, so that a dark page can redraw them
// (dark_plot_css); a file of its own has a white ground.
// Throws InputError where a series' vectors differ in length or an axis has an impossible range.
#pragma once

#include "optim/report/axis.h"

#include <span>
#include <string>
#include <vector>

namespace raphson::optim::report {

enum class Mark { line, markers, band };
enum class Dash { solid, dashed, dotted };
enum class Colour {
  automatic,
  blue,
  orange,
  green,
  purple,
  red,
  teal,
  neutral
}; // automatic: by order, from blue

struct Style {
  Mark mark = Mark::line;
  Colour colour = Colour::automatic;
  Dash dash = Dash::solid;
  double width = 1.8; // of a line, or a marker's diameter, pixels
  double opacity = 1; // a band is a fifth as opaque
};

struct Series {
  std::string name = {}; // in the legend unless empty
  std::vector<double> x = {};
  std::vector<double> y = {};
  Style style = {};
  std::vector<double> y_low = {}; // a band's lower edge, y the upper; empty otherwise
};

struct Plot {
  std::string title = {};
  Axis x_axis = {};
  Axis y_axis = {};
  std::vector<Series> series = {};
};

struct Size {
  int width = 880; // pixels, at least 160
  int height = 340;
};

std::string to_svg(const Plot& plot, Size size);

// Plots one above the other, in equal heights with their plot areas aligned; size is that of the whole.
std::string to_svg(std::span<const Plot> plots, Size size);

// CSS rules that redraw inline plots for a dark page, to stand inside a media query of the page's style.
std::string dark_plot_css();

} // namespace raphson::optim::report
