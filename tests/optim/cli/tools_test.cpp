// raphson tools and raphson demos: on the program itself what must hold of every tool, on the tools of
// example_tools.cpp what the commands do.
#include "program.h"

#include "../data/scratch_folder.h"
#include "catch.h"
#include "dsp/io/atomic_file.h"
#include "optim/report/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::Matches;
using nlohmann::json;
using raphson::dsp::write_file;

const std::filesystem::path source = RAPHSON_SOURCE_DIR;

Finished run_example(std::vector<std::string> words) {
  words.insert(words.begin(), RAPHSON_EXAMPLE_PROGRAM);
  return run_command(words);
}

std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t at = text.find(begin);
  REQUIRE(at != std::string::npos);
  const std::size_t from = at + begin.size(), to = text.find(end, from);
  REQUIRE(to != std::string::npos);
  return text.substr(from, to - from);
}

} // namespace

TEST_CASE("the README's table of the tools is the program's") {
  const Finished run = run_program({"tools", "--markdown"});
  REQUIRE(run.code == 0);
  INFO("./run tools --update README.md writes it anew");
  CHECK(between(read_text(source / "README.md"), "<!-- tools -->\n", "<!-- /tools -->") == run.out);
}

TEST_CASE("every tool says what it does, after which paper, with an example and a demo") {
  const json tools = json::parse(run_program({"tools", "--json"}).out);
  for (const json& tool : tools) {
    const std::string name = tool["name"], summary = tool["summary"], about = tool["about"];
    INFO(name);
    CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos);
    CHECK(raphson::optim::report::display_columns(summary) <= 70);
    CHECK_FALSE(summary.empty());
    CHECK_FALSE(summary.ends_with('.'));
    CHECK(about.size() > 2 * summary.size());
    for (const char* field : {"authors", "title"})
      CHECK_FALSE(tool["paper"][field].get<std::string>().empty());
    CHECK(tool["example"] != "raphson " + name + " ");
    CHECK(tool["demo"] == true);
  }
}

TEST_CASE("the top-level help keeps to one short line a command") {
  std::istringstream help(run_program({"--help"}).out);
  for (std::string line; std::getline(help, line);) {
    INFO(line);
    CHECK(raphson::optim::report::display_columns(line) <= 110);
  }
}

TEST_CASE("raphson tools lists them in a table, by name, with examples, as Markdown, as JSON") {
  CHECK_THAT("\n" + run_example({"tools", "--names"}).out,
             Contains("\ncolumn-means\n") && Contains("\ntwo-words\n"));
  CHECK_THAT(run_example({"tools", "--examples"}).out,
             Contains("raphson column-means assets/table.csv --scale 2\n")
                 && Contains("raphson two-words first --word yes\n"));
  CHECK_THAT(run_example({"tools"}).out, Matches("[^]*column-means +Averages +Mean of each column of a table "
                                                 "+1823, arXiv 1234\\.5678\n[^]*"));
  CHECK_THAT(
      run_example({"tools", "--markdown"}).out,
      Contains("| [`column-means`](docs/tools/column-means.md) | Averages | Mean of each column of a table | "
               "C. F. Gauss, *Theoria combinationis*, 1823, [arXiv "
               "1234.5678](https://arxiv.org/abs/1234.5678) |\n"));
  CHECK(json::parse(run_example({"tools", "--json"}).out)[0]["paper"]["venue"].is_string());
  CHECK(run_example({"tools", "--names", "--markdown"}).code == 2);
}

TEST_CASE("raphson tools --update replaces the table between its two lines and nothing else") {
  const ScratchFolder folder;
  const std::string file = (folder / "README.md").string();
  write_file(file, "before\n<!-- tools -->\nold\n<!-- /tools -->\nafter\n");
  REQUIRE(run_example({"tools", "--update", file}).code == 0);
  const std::string table = run_example({"tools", "--markdown"}).out;
  CHECK(read_text(file) == "before\n<!-- tools -->\n" + table + "<!-- /tools -->\nafter\n");

  write_file(file, "no table\n");
  const Finished refused = run_example({"tools", "--update", file});
  CHECK(refused.code == 2);
  CHECK_THAT(refused.err, Contains(file) && Contains("<!-- tools -->"));
  CHECK(read_text(file) == "no table\n");
  CHECK(run_example({"tools", "--update", file + "x"}).code == 2);
}

TEST_CASE("raphson demos writes a page for each tool, and says which of them fail after it has run all") {
  const ScratchFolder folder;
  const std::string out = (folder / "pages").string();
  std::filesystem::create_directories(folder / "pages/column-means");
  write_file(folder / "pages/column-means/old.svg", "<svg/>");
  const Finished run = run_example({"demos", "two-words", "column-means", "--out", out});
  INFO(run.out << run.err);
  CHECK(run.code == 1);
  CHECK(run.err == "raphson: 1 of 2 demos failed: two-words\n");
  CHECK_THAT(run.out,
             Contains("column-means: 2 claims hold (")
                 && Contains("two-words: FAILED: 1 of 1 claim does not hold: gain, tool / baseline: nan"));

  CHECK(listing(out)
        == std::set<std::string>{out + "/README.md", out + "/column-means.md", out + "/two-words.md",
                                 out + "/column-means", out + "/column-means/line.svg"});
  const std::string page = read_text(folder / "pages/column-means.md");
  for (const char* part :
       {"# column-means\n", "Takes a table and averages it.\n\nNothing else is \\<done\\>.",
        "[arXiv 1234.5678](https://arxiv.org/abs/1234.5678)",
        "    raphson column-means assets/table.csv --scale 2\n",
        "\n```text\nUsage: raphson column-means [OPTIONS] TABLE\n", "--scale",
        "    raphson column-means --demo\n", "**Means against medians**", "| seed | a\\|b \\<c\\> |",
        "![A line](column-means/line.svg)", "| yes | 0.5 | at most 1 | error, seed 2 |"})
    CHECK_THAT(page, Contains(part));
  CHECK_THAT(read_text(folder / "pages/two-words.md"), Contains("Usage: raphson two-words first [OPTIONS]\n")
                                                           && !Contains("--threads")
                                                           && Contains("| NO | – | at least 1 | gain"));
  CHECK_THAT(read_text(folder / "pages/README.md"), Contains("[`column-means`](column-means.md)"));
}

TEST_CASE("raphson demos goes on after one that throws, and refuses what is no tool") {
  const Finished run =
      run_example({"demos", "two-words", "column-means", "--brief", "--seeds", "1-3", "--json"});
  CHECK(run.code == 1);
  CHECK(run.err == "raphson: 1 of 2 demos failed: two-words\n");
  CHECK(json::parse(run.out)[0]["seeds"] == json({1, 2, 3}));
  CHECK_THAT(run_example({"demos", "two-words", "--brief"}).out,
             Contains("FAILED: assets/none.csv: No such file"));
  const Finished unknown = run_example({"demos", "column-means", "threewords"});
  CHECK(unknown.code == 2);
  CHECK(unknown.err == "raphson: no tool is called 'threewords'; raphson tools lists them\n");
  CHECK(run_example({"demos", "--seeds", "x"}).code == 2);
  CHECK(run_example({"demos", "--out", std::string(RAPHSON_SOURCE_DIR) + "/run"}).code == 2);
}
