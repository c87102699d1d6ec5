#include "optim/report/svg_plot.h"

#include "optim/report/decimate.h"
#include "optim/report/plot_layout.h"
#include "optim/report/plot_palette.h"
#include "optim/report/text.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace raphson::optim::report {
namespace {

constexpr const char* font_family =
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif";

std::string coordinate(double pixels, int decimals) {
  std::string text = format_fixed(std::clamp(pixels, -1e5, 1e5), decimals);
  if (text.find('.') != text.npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text;
}

std::string px(double pixels) { return coordinate(pixels, 2); }

std::string attribute(const char* name, const std::string& value) {
  return std::string(" ") + name + "=\"" + value + "\"";
}

std::string text_element(double x, double y, const char* anchor, std::string_view text) {
  std::string out = "<text x=\"" + px(x) + "\" y=\"" + px(y) + "\"";
  if (std::string_view(anchor) != "start") out += attribute("text-anchor", anchor);
  return out + ">" + escape_markup(text) + "</text>\n";
}

std::string line_element(double x1, double y1, double x2, double y2) {
  return "M" + px(x1) + " " + px(y1) + "L" + px(x2) + " " + px(y2);
}

std::string text_group(const Ink& ink, double size, const char* weight) {
  return std::string("<g class=\"") + ink.css_class + "\" fill=\"" + ink.light + "\" font-size=\"" + px(size)
         + "\"" + (*weight ? attribute("font-weight", weight) : "") + ">\n";
}

std::string stroke_of(const Style& style) {
  std::string out = " stroke=\"currentColor\" stroke-linecap=\"round\" stroke-linejoin=\"round\"";
  out += attribute("stroke-width", px(style.width));
  if (style.opacity < 1) out += attribute("stroke-opacity", px(std::max(style.opacity, 0.0)));
  const double w = std::max(style.width, 1.0);
  if (style.mark == Mark::line && style.dash == Dash::dashed)
    out += attribute("stroke-dasharray", px(4 * w) + " " + px(3 * w));
  if (style.mark == Mark::line && style.dash == Dash::dotted)
    out += attribute("stroke-dasharray", px(0.1) + " " + px(2.5 * w));
  return out;
}

std::string fill_of(const Style& style) {
  return " fill=\"currentColor\"" + attribute("fill-opacity", px(std::clamp(0.2 * style.opacity, 0.0, 1.0)));
}

std::string coloured(const Ink& ink, const std::string& content) {
  return std::string("<g class=\"") + ink.css_class + "\" color=\"" + ink.light + "\">" + content + "</g>\n";
}

// Maps data to the pixels of a panel; NaN where there is no place.
struct Mapping {
  const Panel& panel;

  double x(double value) const {
    return panel.left + panel.width * axis_position(panel.plot->x_axis.scale, panel.x, drawable(value));
  }
  double y(double value) const {
    return panel.top + panel.height * (1 - axis_position(panel.plot->y_axis.scale, panel.y, drawable(value)));
  }
};

std::string line_path(const Series& series, const Mapping& map, int decimals) {
  const Panel& panel = map.panel;
  LineDecimator decimator(panel.left, panel.left + panel.width);
  for (std::size_t i = 0; i < series.x.size(); ++i) decimator.add({map.x(series.x[i]), map.y(series.y[i])});
  std::string path;
  for (const Polyline& part : decimator.take()) {
    char separator = 'M';
    for (const Point& point : part) {
      path += separator + coordinate(point.x, decimals) + " " + coordinate(point.y, decimals);
      separator = ' ';
    }
    if (part.size() == 1) path += "h.01"; // a round cap makes it a dot
  }
  return path;
}

std::string band_path(const Series& series, const Mapping& map, int decimals) {
  const Panel& panel = map.panel;
  BandDecimator decimator(panel.left, panel.left + panel.width);
  for (std::size_t i = 0; i < series.x.size(); ++i)
    decimator.add({map.x(series.x[i]), map.y(series.y_low[i]), map.y(series.y[i])});
  std::string path;
  for (const auto& part : decimator.take()) {
    char separator = 'M';
    const auto put = [&](double x, double y) {
      path += separator + coordinate(x, decimals) + " " + coordinate(y, decimals);
      separator = ' ';
    };
    for (auto point = part.begin(); point != part.end(); ++point) put(point->x, point->low);
    for (auto point = part.rbegin(); point != part.rend(); ++point) put(point->x, point->high);
    path += 'Z';
  }
  return path;
}

std::string marker_path(const Series& series, const Mapping& map) {
  MarkerDecimator decimator(std::max(1.0, series.style.width / 3));
  const Panel& panel = map.panel;
  const double margin = series.style.width;
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    const Point point{map.x(series.x[i]), map.y(series.y[i])};
    if (point.x >= panel.left - margin && point.x <= panel.left + panel.width + margin
        && point.y >= panel.top - margin && point.y <= panel.top + panel.height + margin)
      decimator.add(point);
  }
  std::string path;
  for (const Point& point : decimator.take())
    path += "M" + coordinate(point.x, 1) + " " + coordinate(point.y, 1) + "h.01";
  return path;
}

std::string draw_series(const Series& series, const Ink& ink, const Mapping& map) {
  const int decimals = static_cast<double>(series.x.size()) > 2 * map.panel.width ? 1 : 2;
  const Mark mark = series.style.mark;
  const std::string path = mark == Mark::line   ? line_path(series, map, decimals)
                           : mark == Mark::band ? band_path(series, map, decimals)
                                                : marker_path(series, map);
  if (path.empty()) return {};
  const std::string paint =
      mark == Mark::band ? fill_of(series.style) : " fill=\"none\"" + stroke_of(series.style);
  return coloured(ink, "<path" + paint + attribute("d", path) + "/>");
}

std::string draw_grid(const Panel& panel, const Mapping& map) {
  const double right = panel.left + panel.width, bottom = panel.top + panel.height;
  std::string minor, grid, axis = line_element(panel.left, bottom, right, bottom), labels;
  for (const Tick& tick : panel.x_ticks) {
    const double x = map.x(tick.value);
    (tick.label.empty() ? minor : grid) += line_element(x, panel.top, x, bottom);
    if (tick.label.empty()) continue;
    axis += line_element(x, bottom, x, bottom + 5);
    labels += text_element(x, bottom + 19, "middle", tick.label);
  }
  for (const Tick& tick : panel.y_ticks) {
    const double y = map.y(tick.value);
    (tick.label.empty() ? minor : grid) += line_element(panel.left, y, right, y);
    if (!tick.label.empty()) labels += text_element(panel.left - 9, y + 4.2, "end", tick.label);
  }
  const auto strokes = [](const Ink& ink, const std::string& path, const char* opacity) {
    if (path.empty()) return std::string();
    return std::string("<path class=\"") + ink.css_class + "\" stroke=\"" + ink.light + "\" fill=\"none\""
           + (*opacity ? attribute("stroke-opacity", opacity) : "") + attribute("d", path) + "/>\n";
  };
  return strokes(grid_ink, minor, "0.55") + strokes(grid_ink, grid, "") + strokes(axis_ink, axis, "")
         + text_group(label_ink, tick_font, "") + labels + "</g>\n";
}

std::string draw_legend(const Panel& panel) {
  std::string out;
  for (const LegendEntry& entry : panel.legend) {
    const Style& style = entry.series->style;
    const double middle = entry.y - 4.2, end = entry.x + swatch_width;
    std::string swatch;
    if (style.mark == Mark::band)
      swatch = "<rect x=\"" + px(entry.x) + "\" y=\"" + px(middle - 6) + "\" width=\"" + px(swatch_width)
               + "\" height=\"12\" rx=\"2\"" + fill_of(style) + "/>";
    else if (style.mark == Mark::markers)
      swatch = "<path" + stroke_of({.mark = Mark::markers, .width = std::max(style.width, 5.0)})
               + attribute("d", "M" + px((entry.x + end) / 2) + " " + px(middle) + "h.01") + "/>";
    else
      swatch = "<path fill=\"none\"" + stroke_of(style)
               + attribute("d", line_element(entry.x, middle, end, middle)) + "/>";
    out += coloured(ink_of(style.colour, entry.order), swatch);
  }
  if (out.empty()) return out;
  out += text_group(title_ink, legend_font, "");
  for (const LegendEntry& entry : panel.legend)
    out += text_element(entry.x + swatch_width + swatch_gap, entry.y, "start", entry.name);
  return out + "</g>\n";
}

std::string draw_titles(const Panel& panel) {
  const Plot& plot = *panel.plot;
  std::string out;
  if (!plot.title.empty())
    out += text_group(title_ink, title_font, "600")
           + text_element(outer_margin, panel.title_y, "start",
                          fit_text(plot.title, title_font * 1.05, panel.text_room))
           + "</g>\n";
  out += text_group(label_ink, label_font, "");
  const auto title = [&](const Axis& axis, Range range) {
    return fit_text(axis_title(axis, range), label_font, panel.text_room);
  };
  out += text_element(outer_margin, panel.top - 12, "start", title(plot.y_axis, panel.y));
  out += text_element(panel.left + panel.width / 2, panel.top + panel.height + 40, "middle",
                      title(plot.x_axis, panel.x));
  if (panel.empty)
    out += text_element(panel.left + panel.width / 2, panel.top + panel.height / 2, "middle", "no data");
  return out + "</g>\n";
}

// A name for the clip path that other plots on the same page do not share, unless they are the same.
std::string fingerprint(std::string_view content) {
  std::uint64_t hash = 14695981039346656037u; // FNV-1a
  for (const char c : content) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  constexpr const char* digits = "0123456789abcdef";
  std::string out = "clip-";
  for (int shift = 60; shift >= 0; shift -= 4) out += digits[(hash >> shift) & 15];
  return out;
}

std::string draw_panel(const Panel& panel) {
  const Mapping map{panel};
  std::string series;
  for (std::size_t i = 0; i < panel.plot->series.size(); ++i)
    series += draw_series(panel.plot->series[i], ink_of(panel.plot->series[i].style.colour, i), map);
  std::string out = draw_grid(panel, map);
  if (!series.empty()) {
    constexpr double beside = 3, above = 1.2; // markers and lines on the edge stay whole
    const std::string rectangle = "<rect x=\"" + px(panel.left - beside) + "\" y=\"" + px(panel.top - above)
                                  + "\" width=\"" + px(panel.width + 2 * beside) + "\" height=\""
                                  + px(panel.height + 2 * above) + "\"/>";
    const std::string id = fingerprint(rectangle + series);
    out += "<clipPath id=\"" + id + "\">" + rectangle + "</clipPath>\n";
    out += "<g clip-path=\"url(#" + id + ")\">\n" + series + "</g>\n";
  }
  return out + draw_legend(panel) + draw_titles(panel);
}

} // namespace

std::string to_svg(const Plot& plot, Size size) { return to_svg(std::span(&plot, 1), size); }

std::string to_svg(std::span<const Plot> plots, Size size) {
  std::string label;
  for (const Plot& plot : plots) label += (label.empty() || plot.title.empty() ? "" : ", ") + plot.title;
  const std::string width = std::to_string(size.width), height = std::to_string(size.height);
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" role=\"img\"";
  out +=
      attribute("aria-label", escape_markup(label)) + attribute("width", width) + attribute("height", height);
  out += attribute("viewBox", "0 0 " + width + " " + height) + attribute("font-family", font_family) + ">\n";
  out += std::string("<rect class=\"ground\" width=\"100%\" height=\"100%\" fill=\"") + ground_ink.light
         + "\"/>\n";
  for (const Panel& panel : lay_out(plots, size)) out += draw_panel(panel);
  return out + "</svg>\n";
}

std::string dark_plot_css() {
  std::string css;
  const auto rule = [&css](const Ink& ink, const char* property) {
    css += std::string(".plot .") + ink.css_class + "{" + property + ":" + ink.dark + "}";
  };
  for (const Ink& ink : series_inks) rule(ink, "color");
  for (const Ink* ink : {&ground_ink, &title_ink, &label_ink}) rule(*ink, "fill");
  for (const Ink* ink : {&grid_ink, &axis_ink}) rule(*ink, "stroke");
  return css;
}

} // namespace raphson::optim::report
