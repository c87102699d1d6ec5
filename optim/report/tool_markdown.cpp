#include "optim/report/text.h"
#include "optim/report/tool_page.h"

namespace raphson::optim::report {

std::string markdown_text(std::string_view text) {
  std::string out;
  for (const char c : valid_utf8(text)) {
    if (std::string_view("\\`*_<>[]~$").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

namespace {

Table escaped(Table table) {
  for (Column& column : table.columns) column.name = markdown_text(column.name);
  for (auto& row : table.rows)
    for (Cell& cell : row) cell.text = cell.number ? typeset_number(cell.text) : markdown_text(cell.text);
  return table;
}

std::string heading(const std::string& text) {
  return text.empty() ? "" : "\n### " + markdown_text(text) + "\n";
}

std::string picture(const std::string& caption, const std::string& path) {
  return "\n![" + markdown_text(caption) + "](" + path + ")\n";
}

std::string figure_caption(const NamedFigure& named) {
  if (!named.figure.caption.empty()) return named.figure.caption;
  return named.figure.plots.empty() || named.figure.plots[0].title.empty() ? named.name
                                                                           : named.figure.plots[0].title;
}

} // namespace

std::string to_markdown(const ToolReport& report, const std::string& folder) {
  std::string out;
  for (const std::string& text : report.warnings) out += "\n**Note**: " + markdown_text(text) + "\n";
  for (const std::string& text : report.paragraphs) out += "\n" + markdown_text(text) + "\n";
  if (!report.values.empty()) {
    Table values{{{""}, {""}}, {}};
    for (const auto& [name, cell] : report.values) values.rows.push_back({name, cell});
    out += "\n" + to_markdown(escaped(values));
  }
  for (const NamedTable& named : report.tables)
    out += heading(named.caption) + "\n" + to_markdown(escaped(named.table));
  if (!report.figures.empty() || !report.images.empty()) out += heading("Plots");
  for (const NamedFigure& named : report.figures)
    out += picture(figure_caption(named), folder + named.name + ".svg");
  for (const NamedImage& image : report.images)
    out += picture(image.caption, folder + image.name + (image.bytes.starts_with('<') ? ".svg" : ".png"));
  if (!report.claims.empty())
    out += heading("Claims") + "\n" + to_markdown(escaped(claim_table(report.claims)));
  return out;
}

} // namespace raphson::optim::report
