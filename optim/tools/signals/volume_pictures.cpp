#include "optim/tools/signals/volume_pictures.h"

#include "optim/data/png_image.h"
#include "optim/report/scene_panels.h"
#include "optim/report/text.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {

using data::RowMatrix;

namespace {

constexpr int panel_width = 280, tallest = 560; // pixels

/// Between neighbours; a single one is as wide as those of the other axis.
double pitch(const std::vector<double>& axis, const std::vector<double>& other) {
  const std::vector<double>& given = axis.size() > 1 ? axis : other;
  return given.size() > 1 ? (given.back() - given.front()) / static_cast<double>(given.size() - 1) : 1e-3;
}

/// From edge to edge of the voxels, mm.
report::Range edges(const std::vector<double>& axis, double pitch) {
  return {1e3 * (axis.front() - 0.5 * pitch), 1e3 * (axis.back() + 0.5 * pitch)};
}

/// White 1, black 0, the last row on top, with so many black columns on either side.
RowMatrix grey_levels(const RowMatrix& magnitudes, Eigen::Index margin, double floor_db) {
  RowMatrix levels = RowMatrix::Zero(magnitudes.rows(), magnitudes.cols() + 2 * margin);
  const double largest = magnitudes.maxCoeff();
  if (!(largest > 0)) return levels;
  for (Eigen::Index r = 0; r < magnitudes.rows(); ++r)
    for (Eigen::Index c = 0; c < magnitudes.cols(); ++c) {
      const double db = 20 * std::log10(std::max(1e-12, magnitudes(r, c) / largest));
      levels(magnitudes.rows() - 1 - r, margin + c) = std::max(0.0, 1 - db / floor_db);
    }
  return levels;
}

void add_marks(report::ScenePanel& panel, double step) {
  constexpr report::ShapeStyle style{.colour = report::Colour::orange};
  const double length = 0.02 * (panel.x.high - panel.x.low);
  const auto size = [&](double i) { return i == 0 ? 2 * length : length; };
  for (double i = std::ceil(panel.x.low / step); i * step <= panel.x.high; ++i)
    panel.shapes.push_back(
        {.x = {i * step, i * step}, .y = {panel.y.low, panel.y.low + size(i)}, .style = style});
  for (double i = std::ceil(panel.y.low / step); i * step <= panel.y.high; ++i)
    panel.shapes.push_back(
        {.x = {panel.x.low, panel.x.low + size(i)}, .y = {i * step, i * step}, .style = style});
}

double width_of(const Section& s) {
  const report::Range range = edges(s.right, pitch(s.right, s.up));
  return range.high - range.low;
}

} // namespace

report::NamedImage decibel_sections(const std::string& name, const std::string& caption,
                                    const std::vector<Section>& sections, double floor_db) {
  double width = 0, height = 0;
  for (const Section& s : sections) width = std::max(width, width_of(s));
  const auto ticks = report::make_ticks(report::Scale::linear, {0, width}, 8);
  const double step = ticks.at(1).value - ticks.at(0).value;
  std::vector<report::ScenePanel> panels;
  for (const Section& s : sections) {
    const double right = pitch(s.right, s.up), up = pitch(s.up, s.right);
    const auto margin = static_cast<Eigen::Index>(std::floor((width - width_of(s)) / (2e3 * right)));
    report::ScenePanel panel{.caption = s.caption, .x = edges(s.right, right), .y = edges(s.up, up)};
    const double added = 1e3 * right * static_cast<double>(margin);
    panel.x = {panel.x.low - added, panel.x.high + added};
    panel.png = data::png_bytes(data::grey_image(grey_levels(s.magnitudes, margin, floor_db)));
    add_marks(panel, step);
    height = std::max(height, panel.y.high - panel.y.low);
    panels.push_back(std::move(panel));
  }
  const int pixels = std::max(40, std::min(panel_width, static_cast<int>(tallest * width / height)));
  return {name, report::panels_svg(panels, pixels, static_cast<int>(panels.size())),
          caption + ": white at the largest, black at " + report::format_significant(floor_db, 3)
              + " dB; marks every " + report::format_significant(step, 3) + " mm, the long ones at 0"};
}

void add_projections(report::ToolReport& report, std::span<const std::complex<double>> volume,
                     const std::vector<double>& x, const std::vector<double>& y, const std::vector<double>& z,
                     const std::string& caption) {
  const auto zero = [](const std::vector<double>& up, const std::vector<double>& right) {
    return RowMatrix(RowMatrix::Zero(std::ssize(up), std::ssize(right)));
  };
  const auto named = [](const char* view, const char* right, const std::vector<double>& columns,
                        const char* up, const std::vector<double>& rows) {
    const auto range = [](const std::vector<double>& axis) {
      return report::format_fixed(1e3 * axis.front(), 0) + " to "
             + report::format_fixed(1e3 * axis.back(), 0);
    };
    return std::string(view) + ": " + right + " " + range(columns) + ", " + up + " " + range(rows) + " mm";
  };
  Section front{named("front", "x", x, "y", y), zero(y, x), x, y},
      side{named("side", "z", z, "y", y), zero(y, z), z, y},
      above{named("above", "x", x, "z", z), zero(z, x), x, z};
  std::size_t i = 0;
  for (Eigen::Index h = 0; h < std::ssize(y); ++h)
    for (Eigen::Index a = 0; a < std::ssize(x); ++a)
      for (Eigen::Index d = 0; d < std::ssize(z); ++d) {
        const double value = std::abs(volume[i++]);
        front.magnitudes(h, a) = std::max(front.magnitudes(h, a), value);
        side.magnitudes(h, d) = std::max(side.magnitudes(h, d), value);
        above.magnitudes(d, a) = std::max(above.magnitudes(d, a), value);
      }
  report.images.push_back(decibel_sections(
      "projections", caption + ", the first axis to the right, the second up", {front, side, above}));
}

} // namespace raphson::optim::tools
