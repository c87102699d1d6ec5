#include "optim/report/scene_panels.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/report/xml_checker.h"

#include <limits>

using namespace raphson;
using namespace raphson::optim::report;

namespace {

ScenePanel panel() {
  ScenePanel p{.caption = "<one> & two", .x = {0, 10}, .y = {0, 5}};
  p.shapes.push_back({{2}, {1}, 1, {Colour::green, 0, 1, true}});
  p.shapes.push_back({{0, 10, std::numeric_limits<double>::quiet_NaN(), 5, 5}, {0, 5, 0, 0, 5}});
  p.shapes.push_back(rectangle(1, 2, 3, 1, {}));
  return p;
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

} // namespace

TEST_CASE("Panels: one scale, y upwards or downwards, lines broken at NaN, captions escaped") {
  const std::vector<ScenePanel> one{panel()};
  const std::string svg = panels_svg(one, 200, 3);
  REQUIRE_NOTHROW(raphson::tests::XmlChecker(svg).read());
  CHECK(svg == panels_svg(one, 200, 3));
  const SceneLegendEntry legend[] = {{"here & there", Colour::green},
                                     {"a name so long that it takes a row", {}}};
  const std::string explained = panels_svg(one, 200, 3, legend);
  REQUIRE_NOTHROW(raphson::tests::XmlChecker(explained).read());
  CHECK(holds(explained, "here &amp; there"));
  CHECK(holds(explained, "height=\"164.0\"")); // 128 and two rows
  CHECK(holds(svg, "&lt;one&gt; &amp; two"));
  // 20 pixels a unit; the panel lies 10 from the left and 18 from the top, 100 high.
  CHECK(holds(svg, "cx=\"50.0\" cy=\"98.0\" r=\"20.0\""));
  CHECK(holds(svg, "d=\"M10.0 118.0L210.0 18.0M110.0 118.0L110.0 18.0\""));
  CHECK(holds(svg, "Z\""));
  std::vector<ScenePanel> down = one;
  down[0].y_up = false;
  CHECK(holds(panels_svg(down, 200, 3), "cx=\"50.0\" cy=\"38.0\""));
}

TEST_CASE("Panels go on in the next row; what has no extent or unequal coordinates is refused") {
  const std::vector<ScenePanel> three(3, panel());
  const std::string svg = panels_svg(three, 200, 2);
  REQUIRE_NOTHROW(raphson::tests::XmlChecker(svg).read());
  CHECK(holds(svg, "viewBox=\"0 0 430.0 256.0\"")); // 18 + 100 + 28 + 100 + 10 high
  std::vector<ScenePanel> flat{panel()};
  flat[0].x = {1, 1};
  CHECK_THROWS_AS(panels_svg(flat, 200, 2), InputError);
  std::vector<ScenePanel> unequal{panel()};
  unequal[0].shapes[1].y.pop_back();
  CHECK_THROWS_AS(panels_svg(unequal, 200, 2), InputError);
}
