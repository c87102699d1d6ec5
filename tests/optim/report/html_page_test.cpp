#include "catch.h"

#include "optim/report/html_page.h"
#include "optim/report/html_style.h"
#include "optim/report/plot_palette.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <string_view>

using namespace raphson::optim::report;

namespace {

// Relative luminance and contrast ratio as WCAG 2.1 defines them.
double luminance(const std::string& hex) {
  double channel[3];
  for (int i = 0; i < 3; ++i) {
    const double c = std::stoi(hex.substr(1 + 2 * i, 2), nullptr, 16) / 255.0;
    channel[i] = c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  }
  return 0.2126 * channel[0] + 0.7152 * channel[1] + 0.0722 * channel[2];
}

double contrast(const std::string& a, const std::string& b) {
  const double la = luminance(a), lb = luminance(b);
  return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

std::map<std::string, std::string> properties(const std::string& css, std::size_t from) {
  std::map<std::string, std::string> out;
  const std::string block = css.substr(from, css.find('}', from) - from);
  for (std::size_t at = block.find("--"); at != block.npos; at = block.find("--", at + 2)) {
    const std::size_t colon = block.find(':', at);
    out[block.substr(at + 2, colon - at - 2)] = block.substr(colon + 1, 7); // "#rrggbb"
  }
  return out;
}

} // namespace

TEST_CASE("base64 of RFC 4648's test vectors", "[report]") {
  const std::map<std::string, std::string> vectors{{"", ""},
                                                   {"f", "Zg=="},
                                                   {"fo", "Zm8="},
                                                   {"foo", "Zm9v"},
                                                   {"foob", "Zm9vYg=="},
                                                   {"fooba", "Zm9vYmE="},
                                                   {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) CHECK(base64(bytes) == text);
  CHECK(base64(std::string("\xFF\xFE\x00", 3)) == "//4A");
}

TEST_CASE("text and plots contrast with their ground, light and dark", "[report]") {
  const std::string css = page_css();
  const std::size_t light = css.find(":root"), dark = css.find(":root", light + 1);
  for (const std::size_t theme : {light, dark}) {
    auto colour = properties(css, theme);
    REQUIRE(colour.size() >= 9);
    for (const char* ink : {"ink", "muted", "good", "warning-ink"})
      for (const char* ground : {"page", "card"}) {
        INFO(ink << " on " << ground);
        CHECK(contrast(colour[ink], colour[ground]) >= 4.5);
      }
    CHECK(contrast(colour["warning-ink"], colour["warning-ground"]) >= 4.5);
  }
  for (const Ink& ink : series_inks) {
    INFO(ink.css_class);
    CHECK(contrast(ink.light, ground_ink.light) >= 3);
    CHECK(contrast(ink.dark, ground_ink.dark) >= 3);
  }
  for (const Ink& ink : {title_ink, label_ink}) {
    CHECK(contrast(ink.light, ground_ink.light) >= 4.5);
    CHECK(contrast(ink.dark, ground_ink.dark) >= 4.5);
  }
}

TEST_CASE("a page escapes its texts and loads nothing", "[report]") {
  const std::string nasty = "<script>alert(1)</script> & \"x\"";
  HtmlPage page(nasty, nasty);
  page.heading(nasty).paragraph(nasty).warnings({nasty}).warnings({nasty, nasty});
  page.tiles({{nasty, nasty, nasty, nasty, Tone::warning}}).table({{{nasty}}, {{nasty}}}, nasty);
  page.figures(
      {{{{nasty, {nasty, nasty}, {nasty, nasty}, {{nasty, {0, 1}, {0, 1}}, {nasty}}}}, {900, 300}, nasty}});
  page.audio({{nasty, "audio/flac\" onerror=\"x", "fLaC", nasty}});
  const std::string html = page.html();
  CHECK(html.find("<script>alert") == html.npos);
  CHECK(html.find("\" onerror=") == html.npos);
  CHECK(html.find("src=\"data:audio/flac&quot; onerror=&quot;x;base64,ZkxhQw==\"") != html.npos);
  CHECK(html.find("default-src 'none'") != html.npos);
  for (const std::string_view loads : {"src=", "href=", "url(", "@import", "http:", "https:"})
    for (std::size_t at = html.find(loads); at != html.npos; at = html.find(loads, at + 1)) {
      const std::string found = html.substr(at, 40);
      INFO(found);
      CHECK((found.starts_with("src=\"data:") || found.starts_with("url(#clip-")
             || found.starts_with("http://www.w3.org/2000/svg\"")));
    }
}

TEST_CASE("a page without players has no script, without warnings no box", "[report]") {
  const std::string html = HtmlPage("t").warnings({}).audio({}).html();
  CHECK(html.find("<script") == html.npos);
  CHECK(html.find("<div class=\"warnings\"") == html.npos);
}
