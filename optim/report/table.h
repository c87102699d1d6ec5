// A table that a tool fills once and writes as CSV for scripts, aligned text for terminals, Markdown for
// documents and HTML for reports.
//
//   Table table{{{"solver"}, {"iterations"}, {"time (s)"}}, {}};
//   table.rows.push_back({"Newton", 7, Cell::fixed(0.1234, 2)});
//
// CSV (RFC 4180, lines end in LF) holds numbers with every digit, a NaN as an empty field, an infinity as
// inf; the others hold them as formatted, a NaN as a dash. Columns of numbers align right unless told
// otherwise; where no column has a name, text and HTML have no head, and Markdown, which must have one, an
// empty one. A row with another number of cells than the table has columns: InputError.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <vector>

namespace raphson::optim::report {

enum class Tone { normal, muted, good, warning }; // how HTML sets it; text and CSV leave it out

struct Cell {
  std::string text = {};
  std::optional<double> number = {};
  Tone tone = Tone::normal;

  Cell(std::string content, Tone cell_tone = Tone::normal) : text(std::move(content)), tone(cell_tone) {}
  Cell(const char* content) : text(content) {}
  Cell(std::integral auto value) : text(std::to_string(value)), number(static_cast<double>(value)) {}
  Cell(double value) : Cell(significant(value, 4)) {}

  static Cell significant(double value, int digits);
  static Cell fixed(double value, int decimals);

private:
  Cell(std::string content, double value) : text(std::move(content)), number(value) {}
};

enum class Align { automatic, left, right };

struct Column {
  std::string name = {};
  Align align = Align::automatic;
};

struct Table {
  std::vector<Column> columns = {};
  std::vector<std::vector<Cell>> rows = {};
};

std::string to_csv(const Table& table);
std::string to_text(const Table& table);
std::string to_markdown(const Table& table); // a pipe table, as GitHub reads it
std::string to_html(const Table& table);     // a <table> element, for HtmlPage or a page of one's own

} // namespace raphson::optim::report
