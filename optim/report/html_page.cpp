#include "optim/report/html_page.h"

#include "optim/report/html_style.h"
#include "optim/report/text.h"

#include <algorithm>
#include <cstdint>

namespace raphson::optim::report {
namespace {

constexpr int narrow_width = 460;      // drawn size of a plot in a narrow window, pixels
constexpr int widest_for_narrow = 600; // a figure up to this width serves there too

constexpr const char* player_script =
    R"(document.addEventListener("play",function(e){document.querySelectorAll("audio").forEach(function(a){)"
    R"(if(a!==e.target&&!a.paused){a.pause();e.target.currentTime=Math.min(a.currentTime,e.target.duration||0)}})},true);)";

std::string element(const char* tag, const char* css_class, std::string_view text) {
  std::string out = std::string("<") + tag;
  if (*css_class) out += std::string(" class=\"") + css_class + "\"";
  return out + ">" + escape_markup(text) + "</" + tag + ">";
}

std::string caption_element(std::string_view caption) {
  return caption.empty() ? "" : element("figcaption", "", caption) + "\n";
}

std::string figure_markup(const Figure& figure) {
  std::string out = "<figure class=\"card\">\n";
  const std::string svg = to_svg(figure.plots, figure.size);
  if (figure.size.width <= widest_for_narrow) { // not blown up where it stands alone
    const int widest = figure.size.width * 5 / 4;
    out += "<div style=\"max-width:" + std::to_string(widest) + "px;width:100%;margin:0 auto\">" + svg
           + "</div>\n";
  } else {
    const Size narrow{narrow_width,
                      std::min(figure.size.height, 320 * static_cast<int>(figure.plots.size()))};
    out += "<div class=\"wide\">" + svg + "</div>\n<div class=\"narrow\">" + to_svg(figure.plots, narrow)
           + "</div>\n";
  }
  return out + caption_element(figure.caption) + "</figure>\n";
}

std::string tile_markup(const Tile& tile) {
  const char* note_class = tile.tone == Tone::good      ? "note good"
                           : tile.tone == Tone::warning ? "note warning"
                                                        : "note";
  std::string out = "<div class=\"tile card\">" + element("span", "name", tile.label);
  out += "<span class=\"value\">" + escape_markup(tile.value);
  if (!tile.unit.empty()) out += element("span", "unit", tile.unit);
  out += "</span>";
  if (!tile.note.empty()) out += element("span", note_class, tile.note);
  return out + "</div>\n";
}

std::string clip_markup(const AudioClip& clip) {
  std::string out = "<div class=\"clip\"><span class=\"name\">" + escape_markup(clip.label);
  if (!clip.note.empty()) out += " " + element("span", "note", clip.note);
  out += "</span><audio controls preload=\"metadata\" aria-label=\"" + escape_markup(clip.label)
         + "\" src=\"data:";
  return out + escape_markup(clip.mime) + ";base64," + base64(clip.bytes) + "\"></audio></div>\n";
}

} // namespace

HtmlPage::HtmlPage(std::string_view title, std::string_view subtitle) : title_(title) {
  header_ = element("h1", "", title) + "\n";
  if (!subtitle.empty()) header_ += element("p", "subtitle", subtitle) + "\n";
}

HtmlPage& HtmlPage::heading(std::string_view text) {
  body_ += element("h2", "", text) + "\n";
  return *this;
}

HtmlPage& HtmlPage::paragraph(std::string_view text) {
  body_ += element("p", "", text) + "\n";
  return *this;
}

HtmlPage& HtmlPage::warnings(const std::vector<std::string>& texts) {
  if (texts.empty()) return *this;
  body_ += "<div class=\"warnings\" role=\"note\"><strong>Please note</strong>";
  if (texts.size() == 1) {
    body_ += escape_markup(texts[0]);
  } else {
    body_ += "<ul>";
    for (const std::string& text : texts) body_ += element("li", "", text);
    body_ += "</ul>";
  }
  body_ += "</div>\n";
  return *this;
}

HtmlPage& HtmlPage::tiles(const std::vector<Tile>& tiles) {
  body_ += "<div class=\"tiles\">\n";
  for (const Tile& tile : tiles) body_ += tile_markup(tile);
  body_ += "</div>\n";
  return *this;
}

HtmlPage& HtmlPage::table(const Table& table, std::string_view caption) {
  std::string markup = to_html(table);
  if (!caption.empty()) markup.insert(std::string_view("<table>").size(), element("caption", "", caption));
  body_ += "<div class=\"table card\">\n" + markup + "</div>\n";
  return *this;
}

HtmlPage& HtmlPage::figures(const std::vector<Figure>& figures) {
  body_ += "<div class=\"figures\">\n";
  for (const Figure& figure : figures) body_ += figure_markup(figure);
  body_ += "</div>\n";
  return *this;
}

HtmlPage& HtmlPage::svg(std::string_view markup, std::string_view caption) {
  body_ += "<div class=\"figures\">\n<figure class=\"card\">\n" + std::string(markup)
           + caption_element(caption) + "</figure>\n</div>\n";
  return *this;
}

HtmlPage& HtmlPage::image(std::string_view mime, std::string_view bytes, std::string_view caption) {
  return svg("<img alt=\"" + escape_markup(caption) + "\" src=\"data:" + escape_markup(mime) + ";base64,"
                 + base64(bytes) + "\">\n",
             caption);
}

HtmlPage& HtmlPage::audio(const std::vector<AudioClip>& clips) {
  if (clips.empty()) return *this;
  body_ += "<div class=\"clips card\">\n";
  for (const AudioClip& clip : clips) body_ += clip_markup(clip);
  body_ += "</div>\n";
  if (clips.size() > 1)
    body_ +=
        element("p", "hint", "Starting a player stops the one that plays and goes on from the same moment.")
        + "\n";
  has_audio_ = true;
  return *this;
}

std::string HtmlPage::html() const {
  std::string out = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out +=
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "script-src 'unsafe-inline'; media-src data:; img-src data:\">\n";
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  out += element("title", "", title_) + "\n<style>\n" + page_css() + "</style>\n</head>\n<body>\n<main>\n";
  out += "<header>\n" + header_ + "</header>\n" + body_ + "</main>\n";
  if (has_audio_) out += std::string("<script>") + player_script + "</script>\n";
  return out + "</body>\n</html>\n";
}

std::string base64(std::string_view bytes) {
  constexpr const char* alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k)
      out += i + k <= bytes.size() ? alphabet[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

} // namespace raphson::optim::report
