#include "optim/data/csv.h"

#include "dsp/error.h"
#include "optim/data/read_file.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace raphson::optim::data {
namespace {

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

} // namespace

CsvTable::CsvTable(std::string_view text, std::string name) : name_(std::move(name)) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (text.empty()) throw InputError(name_ + ": empty, a line of column names and rows of numbers expected");
  std::size_t empty_line = 0;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::string_view content = take_line(text);
    if (content.empty()) {
      if (empty_line == 0) empty_line = line;
      continue;
    }
    if (empty_line != 0) fail(empty_line, "empty line");
    line == 1 ? read_header(split(content, line)) : read_row(split(content, line), line);
  }
  if (columns_.empty()) fail(1, "empty line, column names expected");
}

std::vector<std::string> CsvTable::split(std::string_view line, std::size_t number) const {
  std::vector<std::string> cells(1);
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == ',') {
      cells.emplace_back();
    } else if (line[i] == '"' && cells.back().empty()) {
      for (++i;; ++i) {
        if (i >= line.size()) fail(number, "a quote is not closed");
        if (line[i] == '"' && line.substr(i).starts_with("\"\""))
          ++i; // a doubled quote is one quote
        else if (line[i] == '"')
          break;
        cells.back() += line[i];
      }
      if (i + 1 < line.size() && line[i + 1] != ',') fail(number, "text after a closing quote");
    } else if (line[i] == '"') {
      fail(number, "a quote inside a cell");
    } else {
      cells.back() += line[i];
    }
  }
  return cells;
}

void CsvTable::read_header(std::vector<std::string> cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].empty()) fail(1, "column " + std::to_string(i + 1) + " has no name");
    if (std::find(cells.begin(), cells.begin() + static_cast<std::ptrdiff_t>(i), cells[i])
        != cells.begin() + static_cast<std::ptrdiff_t>(i))
      fail(1, "column '" + cells[i] + "' is named twice");
  }
  columns_ = std::move(cells);
}

void CsvTable::read_row(std::vector<std::string> cells, std::size_t line) {
  if (cells.size() != columns_.size())
    fail(line, std::to_string(cells.size()) + " cells, " + std::to_string(columns_.size()) + " expected");
  for (std::size_t i = 0; i < cells.size(); ++i)
    if (cells[i].empty()) fail(line, "column '" + columns_[i] + "' is empty");
  cells_.push_back(std::move(cells));
}

void CsvTable::fail(std::size_t line, const std::string& what) const {
  throw InputError(name_ + ", line " + std::to_string(line) + ": " + what);
}

bool CsvTable::has_column(std::string_view column) const {
  return std::find(columns_.begin(), columns_.end(), column) != columns_.end();
}

std::size_t CsvTable::index_of(std::string_view column) const {
  const auto found = std::find(columns_.begin(), columns_.end(), column);
  if (found == columns_.end()) throw InputError(name_ + ": no column '" + std::string(column) + "'");
  return static_cast<std::size_t>(found - columns_.begin());
}

const std::string& CsvTable::text(std::size_t row, std::string_view column) const {
  return cells_.at(row)[index_of(column)];
}

double CsvTable::number(std::size_t row, std::string_view column) const {
  return number_at(row, index_of(column));
}

double CsvTable::number_at(std::size_t row, std::size_t column) const {
  const std::string& cell = cells_.at(row)[column];
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  // Row 0 is the line after the header: empty lines are allowed at the end alone.
  if (error != std::errc() || end != cell.data() + cell.size() || !std::isfinite(value))
    fail(row + 2, "column '" + columns_[column] + "': '" + cell + "' is not a finite number");
  return value;
}

std::vector<double> CsvTable::numbers(std::string_view column) const {
  const std::size_t index = index_of(column);
  std::vector<double> values(rows());
  for (std::size_t row = 0; row < rows(); ++row) values[row] = number_at(row, index);
  return values;
}

CsvTable read_csv(const std::filesystem::path& path) { return CsvTable(read_file(path), path.string()); }

} // namespace raphson::optim::data
