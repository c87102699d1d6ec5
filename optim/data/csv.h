// A table of numbers with names on top, as CSV (RFC 4180, comma only): the first line names the columns,
// every further line is one row. A cell may be a number or a word ("compress"); which of the two a column
// must hold, its reader says. Cells may stand in double quotes, on one line. A byte-order mark and CRLF are
// accepted.
//
// Strict, so that a damaged table never passes for a shorter one: a row with a cell too many or too few, an
// empty cell, an empty line in the middle, a column named twice, or anything but a finite number where one is
// asked for throws InputError with one line naming the file, the line and the column.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace raphson::optim::data {

class CsvTable {
public:
  /// Parses text; `name` stands for the file in messages.
  CsvTable(std::string_view text, std::string name);

  std::size_t rows() const { return cells_.size(); }
  const std::vector<std::string>& columns() const { return columns_; }
  bool has_column(std::string_view column) const;

  /// Throws InputError where the column is missing or, for a number, where the cell is none.
  const std::string& text(std::size_t row, std::string_view column) const;
  double number(std::size_t row, std::string_view column) const;
  std::vector<double> numbers(std::string_view column) const;

private:
  double number_at(std::size_t row, std::size_t column) const;
  std::size_t index_of(std::string_view column) const;
  [[noreturn]] void fail(std::size_t line, const std::string& what) const;
  void read_header(std::vector<std::string> cells);
  void read_row(std::vector<std::string> cells, std::size_t line);
  std::vector<std::string> split(std::string_view line, std::size_t number) const;

  std::string name_;
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> cells_; // [row][column]
};

/// Throws InputError where the file cannot be read.
CsvTable read_csv(const std::filesystem::path& path);

} // namespace raphson::optim::data
