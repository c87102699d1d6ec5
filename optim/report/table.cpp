#include "optim/report/table.h"

#include "dsp/error.h"
#include "optim/report/text.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::report {
namespace {

void check(const Table& table) {
  for (std::size_t i = 0; i < table.rows.size(); ++i)
    if (table.rows[i].size() != table.columns.size())
      throw InputError("table row " + std::to_string(i + 1) + " has " + std::to_string(table.rows[i].size())
                       + " cells; the table has " + std::to_string(table.columns.size()) + " columns");
}

std::string csv_field(const std::string& text) {
  const bool edged = !text.empty() && (text.front() == ' ' || text.back() == ' ');
  if (!edged && text.find_first_of(",\"\r\n") == text.npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

std::string csv_cell(const Cell& cell) {
  if (!cell.number) return csv_field(valid_utf8(cell.text));
  return std::isnan(*cell.number) ? "" : format_exact(*cell.number);
}

bool aligns_right(const Table& table, std::size_t column) {
  if (table.columns[column].align != Align::automatic) return table.columns[column].align == Align::right;
  bool any = false;
  for (const auto& row : table.rows) {
    any |= row[column].number.has_value();
    if (!row[column].number && !row[column].text.empty()) return false;
  }
  return any;
}

std::string one_line(const std::string& text) {
  std::string out = valid_utf8(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return out;
}

bool has_names(const Table& table) {
  return std::any_of(table.columns.begin(), table.columns.end(),
                     [](const Column& c) { return !c.name.empty(); });
}

std::string html_cell(const Cell& cell, bool right) {
  constexpr const char* tones[] = {"", "muted", "good", "warning"};
  std::string classes = right ? "number" : "";
  if (cell.tone != Tone::normal)
    classes += (classes.empty() ? "" : " ") + std::string(tones[static_cast<int>(cell.tone)]);
  return "<td" + (classes.empty() ? "" : " class=\"" + classes + "\"") + ">"
         + escape_markup(cell.number ? typeset_number(cell.text) : cell.text) + "</td>";
}

std::string html_head(const Table& table) {
  std::string out = "<thead><tr>";
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    out += std::string(aligns_right(table, c) ? "<th scope=\"col\" class=\"number\">" : "<th scope=\"col\">")
           + escape_markup(table.columns[c].name) + "</th>";
  return out + "</tr></thead>\n";
}

// The columns' names, then the cells of each row, none broken over lines; a missing number is a dash.
std::vector<std::vector<std::string>> one_line_cells(const Table& table) {
  std::vector<std::vector<std::string>> lines(1);
  for (const Column& column : table.columns) lines[0].push_back(one_line(column.name));
  for (const auto& row : table.rows) {
    lines.emplace_back();
    for (const Cell& cell : row)
      lines.back().push_back(cell.number && std::isnan(*cell.number) ? "–" : one_line(cell.text));
  }
  return lines;
}

// Cells of one row, padded to the columns' widths; a blank at the line's end goes.
std::string text_line(const Table& table, const std::vector<std::string>& cells,
                      const std::vector<int>& widths) {
  std::string line;
  for (std::size_t c = 0; c < widths.size(); ++c) {
    const std::string padding(static_cast<std::size_t>(widths[c] - display_columns(cells[c])), ' ');
    line += (c ? "  " : "") + (aligns_right(table, c) ? padding + cells[c] : cells[c] + padding);
  }
  return line.erase(line.find_last_not_of(' ') + 1) + '\n';
}

// | a | b | with every | of a cell escaped.
std::string markdown_line(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) {
    line += ' ';
    for (const char c : cell) line += c == '|' ? "\\|" : std::string(1, c);
    line += " |";
  }
  return line + '\n';
}

std::string text_rule(const std::vector<int>& widths) {
  std::string line;
  for (std::size_t c = 0; c < widths.size(); ++c) {
    if (c) line += "  ";
    for (int i = 0; i < widths[c]; ++i) line += "─";
  }
  return line + '\n';
}

} // namespace

Cell Cell::significant(double value, int digits) { return {format_significant(value, digits), value}; }

Cell Cell::fixed(double value, int decimals) { return {format_fixed(value, decimals), value}; }

std::string to_csv(const Table& table) {
  check(table);
  std::string out;
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    out += (c ? "," : "") + csv_field(valid_utf8(table.columns[c].name));
  out += '\n';
  for (const auto& row : table.rows) {
    for (std::size_t c = 0; c < row.size(); ++c) out += (c ? "," : "") + csv_cell(row[c]);
    out += '\n';
  }
  return out;
}

std::string to_text(const Table& table) {
  check(table);
  const std::vector<std::vector<std::string>> lines = one_line_cells(table);
  std::vector<int> widths(table.columns.size(), 0);
  for (const auto& line : lines)
    for (std::size_t c = 0; c < line.size(); ++c) widths[c] = std::max(widths[c], display_columns(line[c]));
  std::string out;
  if (has_names(table)) out += text_line(table, lines[0], widths) + text_rule(widths);
  for (std::size_t r = 1; r < lines.size(); ++r) out += text_line(table, lines[r], widths);
  return out;
}

std::string to_markdown(const Table& table) {
  check(table);
  const std::vector<std::vector<std::string>> lines = one_line_cells(table);
  std::string out = markdown_line(lines[0]) + "|";
  for (std::size_t c = 0; c < table.columns.size(); ++c) out += aligns_right(table, c) ? " ---: |" : " --- |";
  out += '\n';
  for (std::size_t r = 1; r < lines.size(); ++r) out += markdown_line(lines[r]);
  return out;
}

std::string to_html(const Table& table) {
  check(table);
  std::string out = "<table>\n";
  if (has_names(table)) out += html_head(table);
  out += "<tbody>\n";
  for (const auto& row : table.rows) {
    out += "<tr>";
    for (std::size_t c = 0; c < row.size(); ++c) out += html_cell(row[c], aligns_right(table, c));
    out += "</tr>\n";
  }
  return out + "</tbody>\n</table>\n";
}

} // namespace raphson::optim::report
