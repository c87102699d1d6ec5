#include "optim/cli/row_choice.h"

#include "dsp/error.h"
#include "optim/data/csv.h"
#include "optim/data/folder.h"

#include <algorithm>
#include <charconv>

namespace raphson::cli {
namespace {

using optim::data::Dataset;
using Rows = std::vector<std::size_t>;

Rows rows_where(const std::string& where, const Dataset& dataset, const std::filesystem::path& path) {
  const auto equals = where.find('=');
  if (equals == std::string::npos || equals == 0)
    throw InputError("--where " + where + ": it must be COLUMN=VALUE");
  if (optim::data::lower_case_extension(path) != ".csv")
    throw InputError("--where: " + path.string() + " has no columns; --class or --rows names the rows");
  const auto table = optim::data::read_csv(path);
  if (table.rows() != dataset.size())
    throw InputError("--where: " + path.string() + " has " + std::to_string(table.rows()) + " lines for "
                     + std::to_string(dataset.size()) + " rows; --rows names them");
  Rows found;
  for (std::size_t row = 0; row < table.rows(); ++row)
    if (table.text(row, where.substr(0, equals)) == where.substr(equals + 1)) found.push_back(row);
  if (found.empty()) throw InputError("--where " + where + ": no row of " + path.string() + " has it");
  return found;
}

Rows rows_of_class(const std::string& name, const Dataset& dataset) {
  const auto at = std::find(dataset.class_names.begin(), dataset.class_names.end(), name);
  if (at == dataset.class_names.end())
    throw InputError("--class " + name + ": the classes are " + optim::data::list_of(dataset.class_names));
  Rows found;
  for (std::size_t row = 0; row < dataset.size(); ++row)
    if (dataset.labels[row] == at - dataset.class_names.begin()) found.push_back(row);
  if (found.empty()) throw InputError("--class " + name + ": no row has it");
  return found;
}

std::size_t number(std::string_view text, std::size_t rows) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw InputError("--rows: '" + std::string(text) + "' is no row; 3,12-40 would be right");
  if (value < 1 || value > rows)
    throw InputError("--rows: row " + std::string(text) + " is not in the data, which has rows 1 to "
                     + std::to_string(rows));
  return value - 1;
}

Rows rows_listed(std::string_view list, std::size_t count) {
  Rows found;
  for (bool more = true; more;) {
    const auto comma = list.find(',');
    const std::string_view entry = list.substr(0, comma);
    const auto dash = entry.find('-');
    const std::size_t first = number(entry.substr(0, dash), count),
                      last = dash == std::string_view::npos ? first : number(entry.substr(dash + 1), count);
    if (last < first) throw InputError("--rows: " + std::string(entry) + " ends before it begins");
    for (std::size_t row = first; row <= last; ++row) found.push_back(row);
    more = comma != std::string_view::npos;
    if (more) list.remove_prefix(comma + 1);
  }
  std::sort(found.begin(), found.end());
  const auto twice = std::adjacent_find(found.begin(), found.end());
  if (twice != found.end()) throw InputError("--rows: row " + std::to_string(*twice + 1) + " is named twice");
  return found;
}

} // namespace

std::vector<std::size_t> RowChoice::of(const Dataset& dataset, const std::filesystem::path& path) const {
  if (!where.empty()) return rows_where(where, dataset, path);
  if (!class_name.empty()) return rows_of_class(class_name, dataset);
  return rows_listed(rows, dataset.size());
}

std::shared_ptr<RowChoice> add_row_choice(CLI::App& app) {
  auto choice = std::make_shared<RowChoice>();
  auto* const which = app.add_option_group("Rows", "which of them");
  which->add_option("--where", choice->where, "Rows of a table with this value")->type_name("COLUMN=VALUE");
  which->add_option("--class", choice->class_name, "Rows of this class")->type_name("NAME");
  which->add_option("--rows", choice->rows, "These, the first is 1")->type_name("3,12-40");
  which->require_option(1);
  return choice;
}

} // namespace raphson::cli
