#include "catch.h"

#include "optim/report/tool_page.h"
#include "tests/optim/report/xml_checker.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

using namespace raphson::optim::report;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN(),
                 infinity = std::numeric_limits<double>::infinity();
const std::string png = std::string("\x89PNG\r\n\x1a\n") + std::string("\0\1", 2);

/// One of everything, its texts full of markup.
ToolReport full_report() {
  ToolReport report{.title = "A <tool> & \"its\" input"};
  report.paragraphs = {"It *found* <nothing>."};
  report.warnings = {"few rows_of_data"};
  report.values = {{"rows", 3}, {"ratio", 1.0 / 3}, {"none", not_a_number}, {"name", "x|y"}};
  const Table table{{{"solver"}, {"loss"}}, {{"a|b", 0.1}, {"<c>", not_a_number}, {"d", -infinity}}};
  report.tables = {{"losses", "Loss of each", table}, {"again", "", table}};
  const Plot plot{"Line", {"x"}, {"y"}, {{"s", {0, 1}, {2, 3}}}};
  report.figures = {{"wide", {{plot}, {}, "A wide one"}}, {"narrow", {{plot, plot}, {400, 500}, ""}}};
  report.images = {{"grid", png, "Pixels"},
                   {"drawing", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "Lines"}};
  report.claims = {at_most("ratio", 1.0 / 3, 0.5), at_least("gain", not_a_number, 1), at_least("gain", 2, 2)};
  report.files = {{"model.json", "{}\n"}};
  return report;
}

const ReportOrigin origin{"raphson adam", "raphson 1.2", {3, 4}};

std::string file(const std::vector<ResultFile>& files, const std::string& name) {
  const auto at =
      std::find_if(files.begin(), files.end(), [&](const ResultFile& f) { return f.name == name; });
  REQUIRE(at != files.end());
  return at->bytes;
}

} // namespace

TEST_CASE("a claim holds up to its limit, and not at all without a figure", "[report]") {
  CHECK(at_most("a", 1, 1).holds());
  CHECK_FALSE(at_most("a", std::nextafter(1.0, 2.0), 1).holds());
  CHECK(at_least("a", 1, 1).holds());
  CHECK_FALSE(at_least("a", std::nextafter(1.0, 0.0), 1).holds());
  CHECK_FALSE(at_most("a", not_a_number, 1).holds());
  CHECK_FALSE(at_least("a", not_a_number, 1).holds());
  CHECK(failed_claims({.claims = {at_most("a", 1, 1)}}).empty());
  CHECK(failed_claims(full_report()) == "1 of 3 claims do not hold: gain: nan, at least 1");
  CHECK(failed_claims({.claims = {at_most("a", 2, 1)}}) == "1 of 1 claim does not hold: a: 2, at most 1");
}

TEST_CASE("a report as JSON has every digit, and null for what is no number", "[report]") {
  const json out = json::parse(to_json(full_report(), origin).dump());
  CHECK(out["tool"] == "raphson adam");
  CHECK(out["seeds"] == json({3, 4}));
  CHECK(out["title"] == "A <tool> & \"its\" input");
  CHECK(out["values"]["ratio"] == 1.0 / 3);
  CHECK(out["values"]["none"].is_null());
  CHECK(out["values"]["name"] == "x|y");
  CHECK(out["tables"][0]["columns"] == json({"solver", "loss"}));
  CHECK(out["tables"][0]["rows"][0] == json({"a|b", 0.1}));
  CHECK(out["tables"][0]["rows"][1][1].is_null());
  CHECK(out["tables"][0]["rows"][2][1].is_null());
  CHECK(out["figures"] == json({"wide.svg", "narrow.svg"}));
  CHECK(out["images"] == json({"grid.png", "drawing.svg"}));
  CHECK(out["files"] == json({"model.json"}));
  CHECK(out["claims"][0]["holds"] == true);
  CHECK(out["claims"][1]["measured"].is_null());
  CHECK(out["claims"][1]["holds"] == false);
  CHECK(out["claims"][1]["bound"] == "at least");
}

TEST_CASE("a report as files: all of it, each under its own name", "[report]") {
  const std::vector<ResultFile> files = report_files(full_report(), origin);
  std::vector<std::string> names;
  for (const ResultFile& f : files) names.push_back(f.name);
  CHECK(names.back() == "report.json");
  std::sort(names.begin(), names.end());
  CHECK(names
        == std::vector<std::string>{"again.csv", "drawing.svg", "grid.png", "model.json", "narrow.svg",
                                    "report.html", "report.json", "table.csv", "wide.svg"});
  CHECK(file(files, "table.csv") == "solver,loss\na|b,0.1\n<c>,\nd,-inf\n");
  CHECK(file(files, "model.json") == "{}\n");
  CHECK(file(files, "grid.png") == png);
  CHECK_NOTHROW(raphson::tests::XmlChecker(file(files, "wide.svg")).read());
}

TEST_CASE("names that would hide a file are the tool's error", "[report]") {
  const auto refused = [](auto change) {
    ToolReport report = full_report();
    change(report);
    CHECK_THROWS_AS(report_files(report, origin), std::logic_error);
  };
  refused([](ToolReport& r) { r.files.push_back({"report.json", ""}); });
  refused([](ToolReport& r) { r.files.push_back({"../escaped", ""}); });
  refused([](ToolReport& r) { r.figures[1].name = "wide"; });
  refused([](ToolReport& r) { r.tables[1].name = "table"; });
  refused([](ToolReport& r) { r.images[0].bytes = "JFIF"; });
  refused([](ToolReport& r) { r.values.push_back({"rows", 4}); });
}

TEST_CASE("a report as a page holds all of it, escaped, and loads nothing", "[report]") {
  const std::string page = to_html(full_report(), origin);
  for (const char* part :
       {"A &lt;tool&gt; &amp; &quot;its&quot; input", "It *found* &lt;nothing&gt;.", "raphson adam",
        "seeds 3, 4", "few rows_of_data", "Loss of each", "a|b", "A wide one", "gain", "at least 1", "NO",
        "data:image/png;base64,iVBORw0KGgoAAQ==", "alt=\"Pixels\""})
    CHECK_THAT(page, Contains(part));
  CHECK_THAT(page, !Contains("<nothing>") && !Contains("http-src") && !Contains("src=\"http"));
}

TEST_CASE("a report as text for a terminal", "[report]") {
  const std::string text = to_text(full_report());
  CHECK_THAT(text, Contains("It *found* <nothing>.\n"));
  CHECK_THAT(text, Contains("ratio  0.3333\n"));
  CHECK_THAT(text, Contains("Loss of each\n\nsolver  loss\n"));
  CHECK_THAT(text, Contains("NO            –   at least 1  gain\n"));
  CHECK(to_text({.title = "Only this"}) == "Only this\n");
}

TEST_CASE("a report as Markdown reads as it was written", "[report]") {
  const std::string text = to_markdown(full_report(), "adam/");
  CHECK_THAT(text, Contains("It \\*found\\* \\<nothing\\>."));
  CHECK_THAT(text, Contains("**Note**: few rows\\_of\\_data"));
  CHECK_THAT(text, Contains("| a\\|b | 0.1 |"));
  CHECK_THAT(text, Contains("\n### Loss of each\n\n| solver |"));
  CHECK_THAT(text, Contains("![A wide one](adam/wide.svg)"));
  CHECK_THAT(text, Contains("![Line](adam/narrow.svg)"));
  CHECK_THAT(text, Contains("![Pixels](adam/grid.png)"));
  CHECK_THAT(text, Contains("![Lines](adam/drawing.svg)"));
  CHECK_THAT(text, Contains("| NO | – | at least 1 | gain |"));
}

TEST_CASE("a long table is shown in part, and whole where a program reads it", "[report]") {
  ToolReport report = full_report();
  report.tables[1].table.rows.assign(1500, {"row", 7});
  report.tables[1].table.rows.back() = {"the last", 8};
  CHECK_THAT(to_text(report), Contains("and 1440 rows more: --out DIR") && !Contains("the last"));
  CHECK_THAT(to_html(report, origin),
             Contains("and 500 rows more: all are in again.csv") && !Contains("the last"));
  CHECK_THAT(file(report_files(report, origin), "again.csv"), Contains("the last,8\n"));
  CHECK(to_json(report, origin)["tables"][1]["rows"].size() == 1500);
}
