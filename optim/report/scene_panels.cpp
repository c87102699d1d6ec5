#include "optim/report/scene_panels.h"

#include "dsp/error.h"
#include "optim/report/html_page.h"
#include "optim/report/plot_palette.h"
#include "optim/report/text.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::report {
namespace {

constexpr double gap = 10, caption_height = 18;

std::string pixels(double value) { return format_fixed(value, 1); }

class Placed { // a panel at its place on the sheet
public:
  Placed(const ScenePanel& panel, double left, double top, double width, double height)
      : panel_(panel), left_(left), top_(top), width_(width), height_(height) {}

  std::string svg(std::size_t number) const {
    const std::string clip = "panel" + std::to_string(number);
    std::string out = "<clipPath id=\"" + clip + "\"><rect" + box() + "/></clipPath>";
    out += "<text x=\"" + pixels(left_) + "\" y=\"" + pixels(top_ - 5)
           + "\" font-family=\"sans-serif\" font-size=\"11\" fill=\"" + label_ink.light + "\">"
           + escape_markup(fit_text(panel_.caption, 11, width_)) + "</text>";
    out += "<g clip-path=\"url(#" + clip + ")\">";
    if (!panel_.png.empty())
      out += "<image" + box() + " preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\""
             + " href=\"data:image/png;base64," + base64(panel_.png) + "\"/>";
    for (const Shape& shape : panel_.shapes) out += drawn(shape);
    return out + "</g><rect" + box() + " fill=\"none\" stroke=\"" + axis_ink.light
           + "\" stroke-width=\"1\"/>\n";
  }

private:
  std::string box() const {
    return " x=\"" + pixels(left_) + "\" y=\"" + pixels(top_) + "\" width=\"" + pixels(width_)
           + "\" height=\"" + pixels(height_) + "\"";
  }
  double scale() const { return width_ / (panel_.x.high - panel_.x.low); }
  std::string across(double x) const { return pixels(left_ + (x - panel_.x.low) * scale()); }
  std::string down(double y) const {
    return pixels(top_ + (panel_.y_up ? panel_.y.high - y : y - panel_.y.low) * scale());
  }

  static std::string ink(const Shape& shape) {
    const std::string colour = ink_of(shape.style.colour, 0).light;
    std::string out = " fill=\"" + (shape.style.filled ? colour : "none") + "\"";
    if (shape.style.width > 0)
      out += " stroke=\"" + colour + "\" stroke-width=\"" + pixels(shape.style.width)
             + "\" stroke-linejoin=\"round\"";
    if (shape.style.opacity < 1) out += " opacity=\"" + format_fixed(shape.style.opacity, 2) + "\"";
    return out;
  }

  std::string drawn(const Shape& shape) const {
    std::string out;
    if (shape.radius > 0) {
      for (std::size_t i = 0; i < shape.x.size(); ++i)
        out += "<circle cx=\"" + across(shape.x[i]) + "\" cy=\"" + down(shape.y[i]) + "\" r=\""
               + pixels(shape.radius * scale()) + "\"" + ink(shape) + "/>";
      return out;
    }
    bool pen_down = false;
    for (std::size_t i = 0; i < shape.x.size(); ++i) {
      const bool there = std::isfinite(shape.x[i]) && std::isfinite(shape.y[i]);
      if (there) out += (pen_down ? "L" : "M") + across(shape.x[i]) + " " + down(shape.y[i]);
      pen_down = there;
    }
    return "<path d=\"" + out + (shape.closed ? "Z" : "") + "\"" + ink(shape) + "/>";
  }

  const ScenePanel& panel_;
  double left_, top_, width_, height_;
};

void check(const ScenePanel& panel) {
  if (!(panel.x.low < panel.x.high && panel.y.low < panel.y.high))
    throw InputError("panel '" + panel.caption + "' has no extent");
  for (const Shape& shape : panel.shapes)
    if (shape.x.size() != shape.y.size())
      throw InputError("panel '" + panel.caption + "' has a shape of unequal coordinates");
}

/// From `bottom` on, which it moves down.
std::string legend_svg(std::span<const SceneLegendEntry> legend, double width, double& bottom) {
  constexpr double dash = 18, size = 11, between = 16;
  std::string out;
  double x = gap;
  for (const SceneLegendEntry& entry : legend) {
    const double wide = dash + 6 + text_width(entry.name, size);
    if (out.empty() || x + wide > width - gap) {
      x = gap;
      bottom += caption_height;
    }
    const std::string middle = pixels(bottom - caption_height / 2);
    out += "<path d=\"M" + pixels(x) + " " + middle + "H" + pixels(x + dash) + "\" stroke=\""
           + ink_of(entry.colour, 0).light + "\" stroke-width=\"3\"/><text x=\"" + pixels(x + dash + 6)
           + "\" y=\"" + pixels(bottom - caption_height / 2 + 4)
           + "\" font-family=\"sans-serif\" font-size=\"11\" fill=\"" + label_ink.light + "\">"
           + escape_markup(entry.name) + "</text>\n";
    x += wide + between;
  }
  return out;
}

} // namespace

Shape rectangle(double left, double low, double width, double height, const ShapeStyle& style) {
  return {{left, left + width, left + width, left}, {low, low, low + height, low + height}, 0, style, true};
}

std::string panels_svg(std::span<const ScenePanel> panels, int width, int across,
                       std::span<const SceneLegendEntry> legend) {
  double top = caption_height, row_height = 0;
  std::string body;
  for (std::size_t k = 0; k < panels.size(); ++k) {
    const ScenePanel& panel = panels[k];
    check(panel);
    const auto column = static_cast<int>(k) % across;
    if (column == 0 && k > 0) {
      top += row_height + caption_height + gap;
      row_height = 0;
    }
    const double height = width * (panel.y.high - panel.y.low) / (panel.x.high - panel.x.low);
    row_height = std::max(row_height, height);
    body += Placed(panel, gap + column * (width + gap), top, width, height).svg(k);
  }
  const int columns = std::min(across, static_cast<int>(panels.size()));
  const double sheet = gap + columns * (width + gap);
  double bottom = top + row_height + gap;
  body += legend_svg(legend, sheet, bottom);
  const std::string w = pixels(sheet), h = pixels(bottom);
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + w + " " + h + "\" width=\"" + w
         + "\" height=\"" + h + "\"><rect width=\"100%\" height=\"100%\" fill=\"" + ground_ink.light
         + "\"/>\n" + body + "</svg>\n";
}

} // namespace raphson::optim::report
