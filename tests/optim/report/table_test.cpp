#include "catch.h"

#include "dsp/error.h"
#include "optim/report/table.h"
#include "tests/optim/report/xml_checker.h"

#include <cmath>
#include <limits>

using namespace raphson::optim::report;

namespace {
Table solvers() {
  return {{{"solver"}, {"iterations"}, {"ESR"}, {"note"}},
          {{"Newton", 7, 0.1 + 0.2, "a, \"b\""},
           {"L-BFGS µ", 112, std::nan(""), "<i>"},
           {"Adam", 5000, Cell::fixed(-1.5, 2), "two\nlines"}}};
}
} // namespace

TEST_CASE("CSV quotes as RFC 4180 and keeps every digit", "[report]") {
  CHECK(to_csv(solvers())
        == "solver,iterations,ESR,note\n"
           "Newton,7,0.30000000000000004,\"a, \"\"b\"\"\"\n"
           "L-BFGS µ,112,,<i>\n"
           "Adam,5000,-1.5,\"two\nlines\"\n");
  CHECK(to_csv({{{"x"}}, {{std::numeric_limits<double>::infinity()}}}) == "x\ninf\n");
}

TEST_CASE("text lines up by what a terminal shows", "[report]") {
  CHECK(to_text(solvers())
        == "solver    iterations    ESR  note\n"
           "────────  ──────────  ─────  ─────────\n"
           "Newton             7    0.3  a, \"b\"\n"
           "L-BFGS µ         112      –  <i>\n"
           "Adam            5000  -1.50  two lines\n");
  CHECK(to_text({{{""}, {""}}, {{"a", "b"}}}) == "a  b\n");
}

TEST_CASE("HTML is escaped, aligned and well-formed", "[report]") {
  const std::string html = to_html(solvers());
  REQUIRE_NOTHROW(raphson::tests::XmlChecker(html).read());
  CHECK(html.find("<td>&lt;i&gt;</td>") != html.npos);
  CHECK(html.find("<td class=\"number\">−1.50</td>") != html.npos);
  CHECK(html.find("<td class=\"number\">–</td>") != html.npos);
}

TEST_CASE("a ragged table is refused", "[report]") {
  Table table = solvers();
  table.rows.push_back({"short"});
  CHECK_THROWS_AS(to_csv(table), raphson::InputError);
  CHECK_THROWS_AS(to_text(table), raphson::InputError);
  CHECK_THROWS_AS(to_html(table), raphson::InputError);
}

TEST_CASE("Markdown is a pipe table with its alignments, one line a row") {
  Table table{{{"what"}, {"x real|time"}}, {}};
  table.rows.push_back({"two\nlines", Cell::fixed(2.5, 1)});
  CHECK(to_markdown(table) == "| what | x real\\|time |\n| --- | ---: |\n| two lines | 2.5 |\n");
}
