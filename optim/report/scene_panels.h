// Small pictures of plane scenes side by side, as one SVG: a raster with shapes over it, to one scale.
//
//   ScenePanel frame{.caption = "frame 1", .x = {0, 80}, .y = {0, 80}, .y_up = false, .png = bytes};
//   frame.shapes.push_back(rectangle(10, 20, 24, 24, {.colour = Colour::orange}));
//   panels_svg({frame, ...}, 180, 6);
//
// Coordinates are the scene's own. The same input gives the same bytes. Throws InputError where a panel has
// no extent or a shape's vectors differ in length.
#pragma once

#include "optim/report/svg_plot.h"

#include <span>
#include <string>
#include <vector>

namespace raphson::optim::report {

struct ShapeStyle {
  Colour colour = Colour::blue; ///< automatic is blue
  double width = 1.5;           ///< of its line, pixels; 0: none
  double opacity = 1;
  bool filled = false;
};

struct Shape {
  std::vector<double> x = {}, y = {}; ///< NaN breaks the line
  double radius = 0;                  ///< positive: discs about these points
  ShapeStyle style = {};
  bool closed = false;
};

Shape rectangle(double left, double low, double width, double height, const ShapeStyle& style);

struct ScenePanel {
  std::string caption = {};
  Range x = {}, y = {}; ///< what is shown
  bool y_up = true;     ///< or downwards, as pixels of an image are counted
  std::string png = {}; ///< the bytes of a picture that fills the panel, its pixels kept sharp
  std::vector<Shape> shapes = {};
};

struct SceneLegendEntry {
  std::string name = {};
  Colour colour = Colour::blue;
};

/// Each panel `width` pixels wide, its height by its extent, `across` in a row; under them the legend, in
/// rows as wide.
std::string panels_svg(std::span<const ScenePanel> panels, int width, int across,
                       std::span<const SceneLegendEntry> legend = {});

} // namespace raphson::optim::report
