#include "optim/cli/tool_docs.h"

#include "dsp/error.h"
#include "dsp/io/atomic_file.h"
#include "optim/cli/command.h"
#include "optim/cli/output_folder.h"
#include "optim/report/text.h"
#include "optim/report/tool_page.h"

#include <set>

namespace raphson::cli {
namespace {

namespace fs = std::filesystem;
using report::markdown_text;

constexpr const char* origin_note =
    "<!-- Made by `./run demos`; what it says is in the tool's own source, optim/tools/. -->\n";

std::string link(const std::string& text, const std::string& to) { return "[" + text + "](" + to + ")"; }

std::string paper_markdown(const Paper& paper) {
  std::string out = markdown_text(paper.authors) + ", *" + markdown_text(paper.title) + "*";
  if (*paper.venue) out += ", " + markdown_text(paper.venue);
  if (*paper.arxiv)
    out += std::string(", ")
           + link(std::string("arXiv ") + paper.arxiv, std::string("https://arxiv.org/abs/") + paper.arxiv);
  return out;
}

/// Paragraphs on one line each, as Markdown wants them where a line might begin with a dash.
std::string about_markdown(const Tool& tool) { return markdown_text(report::wrap_text(tool.about, 1000000)); }

std::string code(const std::string& text) { return "\n    " + text + "\n"; }

/// Usage and options of the app and of its sub-commands, without what all tools have and what the page has
/// said above. `parent` is what stands before the app's name.
std::string help_text(const CLI::App& app, const std::string& parent) {
  std::string help = app.help(parent);
  help.erase(0, help.find("Usage:"));
  help.erase(std::min(help.find("\nExample:"), help.size()));
  if (const std::size_t common = help.find(std::string("\n") + common_options + ":"); common != help.npos)
    help.erase(common, std::min(help.find("\n\n", common), help.size() - 1) + 1 - common);
  help.erase(help.find_last_not_of('\n') + 1);
  std::string out = "\n```text\n" + help + "\n```\n";
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    if (!sub->get_name().empty()) out += help_text(*sub, parent + ' ' + app.get_name());
  return out;
}

bool is_picture(const fs::path& path) { return path.extension() == ".svg" || path.extension() == ".png"; }

void write_pictures(const fs::path& folder, const report::ToolReport& demo) {
  std::error_code ignored;
  const std::vector<report::ResultFile> pictures = picture_files(demo);
  std::set<std::string> kept;
  if (!pictures.empty()) {
    OutputFolder out(folder);
    for (const report::ResultFile& picture : pictures) {
      dsp::write_file(out.staging() / picture.name, picture.bytes);
      kept.insert(picture.name);
    }
    out.commit();
  }
  if (!fs::is_directory(folder, ignored)) return;
  for (const auto& entry : fs::directory_iterator(folder))
    if (is_picture(entry.path()) && !kept.contains(entry.path().filename()))
      fs::remove(entry.path(), ignored);
}

} // namespace

std::string tool_table_markdown(const std::string& folder) {
  report::Table table{{{"tool"}, {"family"}, {"what it does"}, {"paper"}}, {}};
  for (const Tool& tool : tools())
    table.rows.push_back({link(std::string("`") + tool.name + '`', folder + tool.name + ".md"), tool.family,
                          markdown_text(tool.summary), paper_markdown(tool.paper)});
  return to_markdown(table);
}

std::string with_tool_table(const std::string& text, const std::string& name) {
  const std::string begin_line = std::string(table_begin) + '\n';
  const std::size_t begin = text.find(begin_line), end = text.find(table_end, begin);
  if (begin == text.npos || end == text.npos)
    throw InputError(name + ": the table of the tools stands between two lines, " + table_begin + " and "
                     + table_end + ", which it lacks");
  return text.substr(0, begin + begin_line.size()) + tool_table_markdown("docs/tools/") + text.substr(end);
}

std::string tool_page_markdown(const Tool& tool, const CLI::App& app, const report::ToolReport* demo) {
  const std::string command = std::string("raphson ") + tool.name;
  std::string out = "# " + std::string(tool.name) + "\n\n" + origin_note + "\n" + markdown_text(tool.summary)
                    + " (" + tool.family + ").\n\n" + about_markdown(tool)
                    + "\n\nPaper: " + paper_markdown(tool.paper) + ".\n\n## Use\n";
  if (*tool.example) out += code(command + ' ' + tool.example);
  out += help_text(app, "raphson") + "\nand " + link("the options of all tools", "../command-line.md#tools")
         + ".\n";
  if (demo != nullptr)
    out += "\n## Experiment\n" + code(command + " --demo") + "\n**" + markdown_text(demo->title) + "**\n"
           + to_markdown(*demo, std::string(tool.name) + '/');
  return out;
}

void write_tool_page(const fs::path& folder, const Tool& tool, const CLI::App& app,
                     const report::ToolReport* demo) {
  write_pictures(folder / tool.name, demo != nullptr ? *demo : report::ToolReport{});
  dsp::write_file(folder / (std::string(tool.name) + ".md"), tool_page_markdown(tool, app, demo));
}

void write_tool_index(const fs::path& folder) {
  dsp::write_file(folder / "README.md",
                  std::string("# The tools\n\n") + origin_note
                      + "\nEach is a published algorithm as a command. A page says what it does and what its "
                        "experiment found against its\nbaselines; `raphson NAME --demo` runs that again, "
                        "`./run demos NAME` writes the page.\n\n"
                      + tool_table_markdown(""));
}

} // namespace raphson::cli
