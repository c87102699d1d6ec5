#include "catch.h"

#include "dsp/error.h"
#include "optim/report/plot_layout.h"
#include "optim/report/svg_plot.h"
#include "tests/optim/report/xml_checker.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <locale>
#include <string>
#include <vector>

using namespace raphson::optim::report;
using raphson::InputError;
using raphson::tests::XmlChecker;

namespace {

Plot long_plot(std::size_t n, double spike) {
  Plot plot{"Gain & <level>", {"Time", "s", Scale::time}, {"Gain", "dB", Scale::decibel, Range{-12, 0}}};
  Series series{"take \"3\" <final> & 'mix'.wav"};
  for (std::size_t i = 0; i < n; ++i) {
    series.x.push_back(static_cast<double>(i) / 1000);
    series.y.push_back(i == n / 3 ? spike : -12.0);
  }
  plot.series = {series, {"b", {0, 1}, {-3, -6}}};
  return plot;
}

// The y coordinates of the first path of a series of this colour.
std::vector<double> drawn_y(const std::string& svg, const std::string& css_class) {
  std::vector<double> out;
  const std::size_t group = svg.find("class=\"" + css_class);
  std::size_t at = svg.find(" d=\"M", group) + 5;
  while (svg[at] != '"') {
    std::size_t used = 0;
    std::stod(svg.substr(at, 30), &used);
    at += used;
    out.push_back(std::stod(svg.substr(at, 30), &used));
    at += used;
  }
  return out;
}

int count(const std::string& text, const std::string& part) {
  int n = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
  return n;
}

// The message of the InputError that the action throws; empty where it throws none.
template <class Action> std::string refusal(Action action) {
  try {
    action();
  } catch (const raphson::InputError& error) {
    return error.what();
  }
  return {};
}

} // namespace

TEST_CASE("a plot is well-formed XML, whatever its names hold", "[report]") {
  Plot plot = long_plot(50, -1);
  plot.title += std::string("\x01\xFF]]>");
  plot.series.push_back({"band", {0, 1, 2}, {1, 2, 3}, {.mark = Mark::band}, {0, 1, 1}});
  plot.series.push_back(
      {"dots", {0, 1, 2}, {1, 2, 3}, {.mark = Mark::markers, .colour = Colour::neutral, .width = 4}});
  plot.series.push_back({"dash", {0, 1}, {1, 2}, {.dash = Dash::dashed, .opacity = 0.5}});
  const std::string svg = to_svg(plot, {700, 300});
  std::vector<std::string> names;
  REQUIRE_NOTHROW(names = XmlChecker(svg).read());
  CHECK(names.front() == "svg");
  CHECK(count(svg, "&lt;final&gt; &amp; &#39;mix&#39;.wav") == 1);
  CHECK(svg.find("<final>") == svg.npos);
}

TEST_CASE("the checker refuses what is not well-formed", "[report]") {
  for (const char* bad :
       {"<a>", "<a></b>", "<a b=\"1\" b=\"2\"/>", "<a>&nbsp;</a>", "<a b=1/>", "<a/><b/>", "<a b=\"<\"/>"})
    CHECK_THROWS(XmlChecker(bad).read());
}

TEST_CASE("the same plot gives the same bytes, in any locale", "[report]") {
  struct Comma : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
  };
  const std::string once = to_svg(long_plot(5000, -2), {});
  const std::locale before = std::locale::global(std::locale(std::locale::classic(), new Comma));
  const std::string again = to_svg(long_plot(5000, -2), {});
  std::locale::global(before);
  CHECK(once == again);
}

TEST_CASE("a million points make a small picture that keeps a single sample's peak", "[report]") {
  const Plot plot = long_plot(1000000, 0);
  const std::string svg = to_svg(plot, {960, 380});
  CHECK(svg.size() < 60000);
  const Panel panel = lay_out({&plot, 1}, {960, 380}).at(0);
  const std::vector<double> y = drawn_y(svg, "s-blue");
  CHECK(*std::min_element(y.begin(), y.end()) == Approx(panel.top).margin(0.06));
  CHECK(*std::max_element(y.begin(), y.end()) == Approx(panel.top + panel.height).margin(0.06));
}

TEST_CASE("points land where the axis says", "[report]") {
  const Plot plot{"",
                  {"", "Hz", Scale::logarithmic, Range{10, 1000}},
                  {"", "dB", Scale::decibel, Range{-10, 10}},
                  {{"", {10, 100, 1000}, {-10, 0, 5}}}};
  const Panel panel = lay_out({&plot, 1}, {600, 300}).at(0);
  const std::string svg = to_svg(plot, {600, 300});
  const std::vector<double> y = drawn_y(svg, "s-blue");
  REQUIRE(y.size() == 3);
  CHECK(y[0] == Approx(panel.top + panel.height).margin(0.01));
  CHECK(y[1] == Approx(panel.top + panel.height / 2).margin(0.01));
  CHECK(y[2] == Approx(panel.top + panel.height / 4).margin(0.01));
}

TEST_CASE("hostile numbers draw something or nothing, never NaN", "[report]") {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
  const std::vector<std::vector<double>> values{{},
                                                {nan, nan},
                                                {inf, -inf},
                                                {3},
                                                {5, 5, 5},
                                                {0, 0},
                                                {1e308, -1e308},
                                                {1e-320, 2e-320},
                                                {1e9, 1e9 + 1e-6},
                                                {-1, 0, 1, nan, 2}};
  for (const auto& y : values)
    for (const auto& x : values)
      for (const Scale scale : {Scale::linear, Scale::logarithmic, Scale::decibel, Scale::time, Scale::count})
        for (const Mark mark : {Mark::line, Mark::markers, Mark::band}) {
          if (x.size() != y.size()) continue;
          const Plot plot{"t",
                          {"x", "", scale},
                          {"y", "", scale},
                          {{"s", x, y, {.mark = mark}, mark == Mark::band ? y : std::vector<double>{}}}};
          const std::string svg = to_svg(plot, {400, 300});
          REQUIRE_NOTHROW(XmlChecker(svg).read());
          CHECK(svg.find("nan") == svg.npos);
          CHECK(svg.find("inf") == svg.npos);
        }
  CHECK(to_svg(Plot{}, {}).find("no data") != std::string::npos);
}

TEST_CASE("what cannot be drawn is refused by name", "[report]") {
  CHECK_THROWS_AS(to_svg({"", {}, {}, {{"gain", {1, 2}, {1}}}}, {}), InputError);
  CHECK_THROWS_AS(to_svg({"", {}, {}, {{"gain", {1}, {1}, {.mark = Mark::band}}}}, {}), InputError);
  CHECK_THROWS_AS(to_svg({"", {"f", "Hz", Scale::logarithmic, Range{0, 10}}, {}}, {}), InputError);
  CHECK_THROWS_AS(to_svg({"", {"f", "Hz", Scale::linear, Range{5, 5}}, {}}, {}), InputError);
  const std::string message = refusal([] { to_svg(Plot{"", {}, {}, {{"gain", {1, 2}, {1}}}}, {}); });
  CHECK(message.find("'gain'") != message.npos);
  CHECK(message.find('\n') == message.npos);
}

TEST_CASE("legend and labels keep clear of the data and of each other", "[report]") {
  Plot plot = long_plot(100, -3);
  for (int i = 0; i < 12; ++i)
    plot.series.push_back({"a series with a rather long name " + std::to_string(i), {0, 1}, {0, 1}});
  const Panel panel = lay_out({&plot, 1}, {480, 500}).at(0);
  REQUIRE(panel.legend.size() == 14);
  for (const LegendEntry& entry : panel.legend) CHECK(entry.y < panel.top - 12);
  CHECK(panel.legend.back().y > panel.legend.front().y);
  CHECK(panel.x_ticks.size() >= 2);
}

TEST_CASE("stacked plots share their left edge", "[report]") {
  const std::vector<Plot> plots{{"a", {}, {}, {{"", {0, 1}, {0, 1e-9}}}},
                                {"b", {}, {}, {{"", {0, 1}, {0, 1}}}}};
  const auto panels = lay_out(plots, {400, 400});
  CHECK(panels[0].left == panels[1].left);
  CHECK(panels[0].top + panels[0].height < panels[1].top);
  REQUIRE_NOTHROW(XmlChecker(to_svg(plots, {400, 400})).read());
}
