// A report as one HTML file that needs nothing else: style inline, plots inline, audio as data URIs.
//
//   HtmlPage page("Match report", "la2a-dry.flac → la2a-wet.flac");
//   page.tiles({{"ESR", "0.0051"}}).plots({{plot, {440, 400}}}).audio({{"dry", "audio/flac", bytes}});
//   write_file(path, page.html());
//
// Light or dark as the reader's system asks, light on paper; readable from 360 pixels up; text contrast at
// least 4.5:1. A content security policy in the page forbids it to load anything. All text is escaped. The
// only script belongs to the audio players: starting one stops the others and goes on from the same moment,
// to compare.
#pragma once

#include "optim/report/svg_plot.h"
#include "optim/report/table.h"

#include <string>
#include <string_view>
#include <vector>

namespace raphson::optim::report {

struct Tile {
  std::string label = {};
  std::string value = {};
  std::string unit = {};
  std::string note = {};
  Tone tone = Tone::normal; // good or warning tints the note
};

struct AudioClip {
  std::string label = {};
  std::string mime = "audio/flac";
  std::string bytes = {}; // the encoded file
  std::string note = {};
};

// A figure of one plot, or of several above each other. One wider than 600 pixels is drawn a second time for
// narrow windows, where it would shrink until nobody can read it.
struct Figure {
  std::vector<Plot> plots = {};
  Size size = {};
  std::string caption = {};
};

class HtmlPage {
public:
  explicit HtmlPage(std::string_view title, std::string_view subtitle = {});

  HtmlPage& heading(std::string_view text);
  HtmlPage& paragraph(std::string_view text);
  HtmlPage& warnings(const std::vector<std::string>& texts); // none: no box
  HtmlPage& tiles(const std::vector<Tile>& tiles);
  HtmlPage& table(const Table& table, std::string_view caption = {});
  HtmlPage& figures(const std::vector<Figure>& figures);                 // side by side where there is room
  HtmlPage& svg(std::string_view markup, std::string_view caption = {}); // trusted markup, inserted as it is
  HtmlPage& image(std::string_view mime, std::string_view bytes, std::string_view caption); // a data URI
  HtmlPage& audio(const std::vector<AudioClip>& clips);

  std::string html() const;

private:
  std::string title_, header_, body_;
  bool has_audio_ = false;
};

std::string base64(std::string_view bytes); // RFC 4648, padded

} // namespace raphson::optim::report
