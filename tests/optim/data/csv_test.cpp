#include "catch.h"
#include "dsp/error.h"
#include "optim/data/csv.h"

using namespace raphson;
using namespace raphson::optim::data;
using Catch::Matchers::Contains;

TEST_CASE("The published LA-2A table") {
  const CsvTable table =
      read_csv(std::filesystem::path(RAPHSON_SOURCE_DIR) / "assets/models/la2a-published-parameters.csv");
  CHECK(table.rows() == 26);
  CHECK(table.columns().size() == 8);
  CHECK(table.text(0, "mode") == "compress");
  CHECK(table.text(25, "mode") == "limit");
  CHECK(table.number(12, "threshold_db") == -35.3401);
  CHECK(table.numbers("peak_reduction").back() == 100);
  for (const double ratio : table.numbers("ratio")) CHECK(ratio > 1);
}

TEST_CASE("CSV: quotes, line ends and a byte-order mark") {
  const CsvTable table("\xEF\xBB\xBF"
                       "a,\"b, c\"\r\n1,\"say \"\"x\"\"\"\r\n-2.5e-3,y\r\n\n",
                       "t.csv");
  CHECK(table.rows() == 2);
  CHECK(table.has_column("b, c"));
  CHECK_FALSE(table.has_column("b"));
  CHECK(table.text(0, "b, c") == "say \"x\"");
  CHECK(table.numbers("a") == std::vector<double>{1, -0.0025});
}

TEST_CASE("CSV: what is wrong is said by file, line and column") {
  const auto parse = [](const char* text) { return CsvTable(text, "t.csv"); };
  CHECK_THROWS_WITH(parse(""), Contains("t.csv: empty"));
  CHECK_THROWS_WITH(parse("a,b\n1\n"), "t.csv, line 2: 1 cells, 2 expected");
  CHECK_THROWS_WITH(parse("a,b\n1,2\n1,2,3\n"), "t.csv, line 3: 3 cells, 2 expected");
  CHECK_THROWS_WITH(parse("a,b\n1,\n"), "t.csv, line 2: column 'b' is empty");
  CHECK_THROWS_WITH(parse("a,b\n\n1,2\n"), "t.csv, line 2: empty line");
  CHECK_THROWS_WITH(parse("\na\n1\n"), "t.csv, line 1: empty line");
  CHECK_THROWS_WITH(parse("a,a\n1,2\n"), Contains("named twice"));
  CHECK_THROWS_WITH(parse("a,\n1,2\n"), Contains("column 2 has no name"));
  CHECK_THROWS_WITH(parse("a\n\"1\n"), "t.csv, line 2: a quote is not closed");
  CHECK_THROWS_WITH(parse("a\n\"1\"2\n"), "t.csv, line 2: text after a closing quote");
  CHECK_THROWS_WITH(parse("a\n1\"\n"), "t.csv, line 2: a quote inside a cell");
  for (const char* cell : {"x", "1x", " 1", "nan", "inf", "1e999", "0x10", "+1"}) {
    const CsvTable table(std::string("a,b\n0,1\n0,") + cell + "\n", "t.csv");
    CHECK_THROWS_WITH(table.numbers("b"),
                      std::string("t.csv, line 3: column 'b': '") + cell + "' is not a finite number");
  }
  CHECK_THROWS_WITH(parse("a\n1\n").number(0, "b"), "t.csv: no column 'b'");
  CHECK_THROWS_WITH(read_csv("/nowhere/t.csv"), Contains("cannot read /nowhere/t.csv"));
  CHECK_THROWS_AS(parse(""), InputError);
}
