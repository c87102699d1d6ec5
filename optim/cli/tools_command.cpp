// raphson tools: all tools of this program, for people, scripts and the README.
#include "dsp/error.h"
#include "dsp/io/atomic_file.h"
#include "optim/cli/command.h"
#include "optim/cli/tool_docs.h"
#include "optim/data/read_file.h"
#include "optim/report/table.h"

#include <nlohmann/json.hpp>

#include <iostream>
#include <memory>

namespace raphson::cli {
namespace {

struct Options {
  bool names = false, examples = false, markdown = false;
  std::filesystem::path update;
};

/// Short enough for a line: "ICLR 2015, arXiv 1412.6980".
std::string where_published(const Paper& paper) {
  std::string out = paper.venue;
  if (*paper.arxiv) out += (out.empty() ? "arXiv " : ", arXiv ") + std::string(paper.arxiv);
  return out.empty() ? paper.title : out;
}

report::Table tool_table() {
  report::Table table{{{"tool"}, {"family"}, {"what it does"}, {"paper"}}, {}};
  for (const Tool& tool : tools())
    table.rows.push_back({tool.name, tool.family, tool.summary, where_published(tool.paper)});
  return table;
}

nlohmann::json tool_json() {
  nlohmann::json out = nlohmann::json::array();
  for (const Tool& tool : tools())
    out.push_back({{"name", tool.name},
                   {"family", tool.family},
                   {"summary", tool.summary},
                   {"about", tool.about},
                   {"paper",
                    {{"authors", tool.paper.authors},
                     {"title", tool.paper.title},
                     {"venue", tool.paper.venue},
                     {"arxiv", tool.paper.arxiv}}},
                   {"example", std::string("raphson ") + tool.name + ' ' + tool.example},
                   {"demo", tool.demo != nullptr}});
  return out;
}

void run(const Options& options, const Common& common) {
  if (options.names + options.examples + options.markdown + !options.update.empty() + common.json > 1)
    throw InputError(
        "--names, --examples, --markdown, --update and --json are alternatives: give one of them");
  if (!options.update.empty()) {
    const std::string text = optim::data::read_file(options.update);
    dsp::write_file(options.update, with_tool_table(text, options.update.string()));
  } else if (options.names) {
    for (const Tool& tool : tools()) std::cout << tool.name << '\n';
  } else if (options.examples) {
    for (const Tool& tool : tools()) std::cout << "raphson " << tool.name << ' ' << tool.example << '\n';
  } else if (options.markdown) {
    std::cout << tool_table_markdown("docs/tools/");
  } else if (common.json) {
    std::cout << tool_json().dump(2) << '\n';
  } else {
    std::cout << to_text(tool_table());
  }
  std::cout << std::flush;
}

Action set_up(CLI::App& app, Common& common) {
  auto o = std::make_shared<Options>();
  app.add_flag("--names", o->names, "Their names, one a line");
  app.add_flag("--examples", o->examples, "A command line of each, one a line, on files in assets/");
  app.add_flag("--markdown", o->markdown, "The table of the README");
  app.add_option("--update", o->update,
                 "Write that table between the lines " + std::string(table_begin) + " and " + table_end
                     + " of this file")
      ->type_name("FILE");
  return [o, &common] { run(*o, common); };
}

const Registration registration{
    {"This program", "tools", "All tools, with what they do and their papers", set_up, "--names"}};

} // namespace
} // namespace raphson::cli
