#include "optim/report/tool_page.h"

#include "optim/report/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

namespace raphson::optim::report {
namespace {

using nlohmann::json;

constexpr std::size_t most_tiles = 8;       // more single figures read better as a table
constexpr int widest_for_two_columns = 600; // pixels, of figures side by side
constexpr int text_columns = 100;
constexpr std::size_t text_rows = 60,
                      page_rows = 1000; // of a table; all of them are in its CSV and in the JSON

json number(double value) { return std::isfinite(value) ? json(value) : json(); }

json value(const Cell& cell) { return cell.number ? number(*cell.number) : json(valid_utf8(cell.text)); }

json texts(const std::vector<std::string>& from) {
  json out = json::array();
  for (const std::string& text : from) out.push_back(valid_utf8(text));
  return out;
}

json values(const ToolReport& report) {
  json out = json::object();
  for (const auto& [name, cell] : report.values)
    if (!out.emplace(valid_utf8(name), value(cell)).second)
      throw std::logic_error("two values of the report are called '" + name + "'");
  return out;
}

json table(const NamedTable& from) {
  json columns = json::array(), rows = json::array();
  for (const Column& column : from.table.columns) columns.push_back(valid_utf8(column.name));
  for (const auto& row : from.table.rows) {
    json& cells = rows.emplace_back(json::array());
    for (const Cell& cell : row) cells.push_back(value(cell));
  }
  return {{"name", valid_utf8(from.name)},
          {"caption", valid_utf8(from.caption)},
          {"columns", columns},
          {"rows", rows}};
}

const char* bound_text(Claim::Bound bound) { return bound == Claim::Bound::at_most ? "at most" : "at least"; }

json claim(const Claim& from) {
  return {{"what", valid_utf8(from.what)},
          {"measured", number(from.measured)},
          {"bound", bound_text(from.bound)},
          {"limit", number(from.limit)},
          {"holds", from.holds()}};
}

template <class Item> json all(const std::vector<Item>& from, json (*one)(const Item&)) {
  json out = json::array();
  for (const Item& item : from) out.push_back(one(item));
  return out;
}

bool is_png(const NamedImage& image) { return image.bytes.starts_with("\x89PNG\r\n\x1a\n"); }

std::string file_name(const NamedFigure& figure) { return figure.name + ".svg"; }

std::string file_name(const NamedImage& image) {
  if (!is_png(image) && !image.bytes.starts_with('<'))
    throw std::logic_error("the image '" + image.name + "' of the report is neither PNG nor SVG");
  return image.name + (is_png(image) ? ".png" : ".svg");
}

std::string file_name(const ResultFile& file) { return file.name; }

template <class Item> json file_names(const std::vector<Item>& from) {
  json out = json::array();
  for (const Item& item : from) out.push_back(valid_utf8(file_name(item)));
  return out;
}

std::string origin_text(const ReportOrigin& origin) {
  std::string out = origin.tool + " · " + origin.program;
  for (std::size_t i = 0; i < origin.seeds.size(); ++i)
    out += (i == 0 ? (origin.seeds.size() == 1 ? " · seed " : " · seeds ") : ", ")
           + std::to_string(origin.seeds[i]);
  return out;
}

Table value_table(const ToolReport& report) {
  Table out{{{"", Align::left}, {"", Align::right}}, {}};
  for (const auto& [name, cell] : report.values) out.rows.push_back({name, cell});
  return out;
}

Table first_rows(Table table, std::size_t rows) {
  if (table.rows.size() > rows)
    table.rows.erase(table.rows.begin() + static_cast<std::ptrdiff_t>(rows), table.rows.end());
  return table;
}

/// "and 940 rows more: ..."; empty where all are shown.
std::string rows_left_out(const Table& table, std::size_t shown, const std::string& where) {
  if (table.rows.size() <= shown) return "";
  return "and " + std::to_string(table.rows.size() - shown) + " rows more: " + where;
}

void add_tables(HtmlPage& page, const ToolReport& report) {
  for (const NamedTable& named : report.tables) {
    if (!named.caption.empty()) page.heading(named.caption);
    const std::string csv = (&named == report.tables.data() ? "table" : named.name) + ".csv";
    page.table(first_rows(named.table, page_rows),
               rows_left_out(named.table, page_rows, "all are in " + csv));
  }
}

void add_values(HtmlPage& page, const ToolReport& report) {
  if (report.values.empty()) return;
  if (report.values.size() > most_tiles) {
    page.table(value_table(report));
    return;
  }
  std::vector<Tile> tiles;
  for (const auto& [name, cell] : report.values)
    tiles.push_back({name, cell.number ? typeset_number(cell.text) : cell.text, {}, {}, cell.tone});
  page.tiles(tiles);
}

void add_plots(HtmlPage& page, const ToolReport& report) {
  if (report.figures.empty() && report.images.empty()) return;
  page.heading("Plots");
  std::vector<Figure> row; // of narrow ones
  for (const NamedFigure& named : report.figures) {
    const bool wide = named.figure.size.width > widest_for_two_columns;
    if (wide && !row.empty()) page.figures(row), row.clear();
    row.push_back(named.figure);
    if (wide) page.figures(row), row.clear();
  }
  if (!row.empty()) page.figures(row);
  for (const NamedImage& image : report.images)
    page.image(is_png(image) ? "image/png" : "image/svg+xml", image.bytes, image.caption);
}

} // namespace

Table claim_table(const std::vector<Claim>& claims) {
  Table out{
      {{"holds", Align::left}, {"measured", Align::right}, {"limit", Align::right}, {"claim", Align::left}},
      {}};
  for (const Claim& c : claims)
    out.rows.push_back({c.holds() ? Cell("yes", Tone::good) : Cell("NO", Tone::warning),
                        Cell::significant(c.measured, 5),
                        std::string(bound_text(c.bound)) + ' ' + format_significant(c.limit, 5), c.what});
  return out;
}

std::string claim_text(const Claim& c) {
  return c.what + ": " + format_significant(c.measured, 5) + ", " + bound_text(c.bound) + ' '
         + format_significant(c.limit, 5);
}

std::string failed_claims(const ToolReport& report) {
  std::string list;
  std::size_t failed = 0;
  for (const Claim& c : report.claims) {
    if (c.holds()) continue;
    list += (failed++ ? "; " : "") + claim_text(c);
  }
  if (failed == 0) return "";
  return std::to_string(failed) + " of " + std::to_string(report.claims.size())
         + (report.claims.size() == 1 ? " claim does not hold: " : " claims do not hold: ") + list;
}

json to_json(const ToolReport& report, const ReportOrigin& origin) {
  return {{"tool", origin.tool},
          {"program", origin.program},
          {"seeds", origin.seeds},
          {"title", valid_utf8(report.title)},
          {"paragraphs", texts(report.paragraphs)},
          {"warnings", texts(report.warnings)},
          {"values", values(report)},
          {"tables", all(report.tables, table)},
          {"figures", file_names(report.figures)},
          {"images", file_names(report.images)},
          {"claims", all(report.claims, claim)},
          {"files", file_names(report.files)}};
}

std::string to_html(const ToolReport& report, const ReportOrigin& origin) {
  HtmlPage page(report.title, origin_text(origin));
  page.warnings(report.warnings);
  for (const std::string& text : report.paragraphs) page.paragraph(text);
  add_values(page, report);
  add_tables(page, report);
  add_plots(page, report);
  if (!report.claims.empty()) page.heading("Claims").table(claim_table(report.claims));
  return page.html();
}

std::string to_text(const ToolReport& report) {
  std::string out = valid_utf8(report.title) + "\n";
  for (const std::string& text : report.paragraphs) out += "\n" + wrap_text(text, text_columns) + "\n";
  if (!report.values.empty()) out += "\n" + to_text(value_table(report));
  for (const NamedTable& named : report.tables) {
    out += "\n";
    if (!named.caption.empty()) out += wrap_text(named.caption, text_columns) + "\n\n";
    out += to_text(first_rows(named.table, text_rows));
    if (const std::string rest = rows_left_out(named.table, text_rows, "--out DIR writes all of them as CSV");
        !rest.empty())
      out += rest + "\n";
  }
  if (!report.claims.empty()) out += "\n" + to_text(claim_table(report.claims));
  return out;
}

std::vector<ResultFile> picture_files(const ToolReport& report) {
  std::vector<ResultFile> out;
  for (const NamedFigure& f : report.figures)
    out.push_back({file_name(f), to_svg(f.figure.plots, f.figure.size)});
  for (const NamedImage& image : report.images) out.push_back({file_name(image), image.bytes});
  return out;
}

std::vector<ResultFile> report_files(const ToolReport& report, const ReportOrigin& origin) {
  std::vector<ResultFile> out = picture_files(report);
  for (std::size_t i = 0; i < report.tables.size(); ++i)
    out.push_back({(i == 0 ? "table" : report.tables[i].name) + ".csv", to_csv(report.tables[i].table)});
  out.insert(out.end(), report.files.begin(), report.files.end());
  out.push_back({"report.html", to_html(report, origin)});
  out.push_back({"report.json", to_json(report, origin).dump(2) + "\n"});
  std::set<std::string> names;
  for (const ResultFile& file : out) {
    if (file.name.find('/') != file.name.npos || file.name.starts_with('.'))
      throw std::logic_error("the report's file '" + file.name + "' must have a plain name");
    if (!names.insert(file.name).second)
      throw std::logic_error("two files of the report are called '" + file.name + "'");
  }
  return out;
}

} // namespace raphson::optim::report
