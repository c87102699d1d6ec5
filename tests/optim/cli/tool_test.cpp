// The frame of the tools, on the tools of example_tools.cpp.
#include "program.h"

#include "../data/scratch_folder.h"
#include "catch.h"
#include "dsp/io/atomic_file.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>
#include <thread>

namespace {

using Catch::Matchers::Contains;
using nlohmann::json;
using raphson::dsp::write_file;

Finished run_example(std::vector<std::string> words, const RunOptions& options = {}) {
  words.insert(words.begin(), RAPHSON_EXAMPLE_PROGRAM);
  return run_command(words, options);
}

struct TableFolder : ScratchFolder {
  TableFolder() { write_file(*this / "table.csv", "a,b\n1,10\n3,20\n"); }
  std::string table() const { return (*this / "table.csv").string(); }
  std::string out() const { return (*this / "deep/out").string(); }
};

/// Refused on one line that holds the words, and nothing is left.
void check_refused(const TableFolder& folder, const std::vector<std::string>& arguments,
                   const std::vector<std::string>& words, int code = 2) {
  const auto before = listing(folder.path());
  const Finished run = run_example(arguments);
  INFO("stderr: " << run.err << "stdout: " << run.out);
  CHECK(run.code == code);
  CHECK(std::count(run.err.begin(), run.err.end(), '\n') == 1);
  CHECK(run.err.starts_with("raphson: "));
  CHECK(run.out.empty());
  for (const std::string& word : words) CHECK_THAT(run.err, Contains(word));
  CHECK(listing(folder.path()) == before);
}

std::set<std::string> names_in(const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.insert(entry.path().filename());
  return names;
}

} // namespace

TEST_CASE("a tool prints its report, and names what it did not write") {
  const TableFolder folder;
  const auto before = listing(folder.path());
  const Finished run =
      run_example({"column-means", folder.table(), "--scale", "2", "--seed", "7", "--threads", "3"});
  INFO(run.out << run.err);
  REQUIRE(run.code == 0);
  CHECK(run.out.starts_with("Means of " + folder.table() + "\n\nAll columns have a mean.\n\n"));
  for (const char* part :
       {"seed     7\n", "threads  3\n", "nothing  –\n", "The mean of each column\n", "a          4\n",
        "b         30\n", "Not written, for want of --out DIR: means.txt\n"})
    CHECK_THAT(run.out, Contains(part));
  CHECK(run.err == "raphson: warning: a mean hides much\n");
  CHECK(listing(folder.path()) == before);

  const Finished quiet = run_example({"column-means", folder.table(), "--quiet"});
  CHECK(quiet.code == 0);
  CHECK((quiet.out + quiet.err).empty());
}

TEST_CASE("a tool's JSON stands alone, with null for what is no number") {
  const TableFolder folder;
  const Finished run = run_example({"column-means", folder.table(), "--json", "--quiet"});
  REQUIRE(run.code == 0);
  const json report = json::parse(run.out);
  CHECK(report["tool"] == "raphson column-means");
  CHECK(report["seeds"] == json({1}));
  CHECK(report["values"]["nothing"].is_null());
  CHECK(report["tables"][0]["rows"][1] == json({"b", 15}));
}

TEST_CASE("a tool writes all its files to --out, the same bytes for the same input") {
  const TableFolder folder;
  const Finished run = run_example({"column-means", folder.table(), "--out", folder.out()});
  INFO(run.err);
  REQUIRE(run.code == 0);
  CHECK_THAT(run.out,
             Contains("Written: means.svg, table.csv, again.csv, means.txt, report.html, report.json in "));
  CHECK(names_in(folder.out())
        == std::set<std::string>{"means.svg", "table.csv", "again.csv", "means.txt", "report.html",
                                 "report.json"});
  CHECK(read_text(folder.out() + "/table.csv") == "column,mean\na,2\nb,15\n");
  CHECK(read_text(folder.out() + "/means.txt") == "the result\n");
  const std::string first = read_text(folder.out() + "/report.json");
  CHECK(json::parse(first)["files"] == json({"means.txt"}));
  REQUIRE(run_example({"column-means", folder.table(), "--out", folder.out(), "--quiet"}).code == 0);
  CHECK(read_text(folder.out() + "/report.json") == first);
}

TEST_CASE("a full disk leaves nothing of a report") {
  const TableFolder folder;
  const auto before = listing(folder.path());
  const Finished run =
      run_example({"column-means", folder.table(), "--out", folder.out()}, {.largest_file = 1000});
  CHECK(run.code == 2);
  CHECK_THAT(run.err, Contains("raphson: cannot write"));
  CHECK(listing(folder.path()) == before);
}

TEST_CASE("a tool with sub-commands takes the common options at every level") {
  const TableFolder folder;
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"two-words", "first", "--word", "yes", "--seed", "5", "--json"},
        {"two-words", "--seed", "5", "--json", "first", "--word", "yes"}}) {
    const Finished run = run_example(words);
    REQUIRE(run.code == 0);
    CHECK(json::parse(run.out)["tool"] == "raphson two-words first");
    CHECK(json::parse(run.out)["title"] == "yes");
    CHECK(json::parse(run.out)["values"]["seed"] == 5);
    CHECK(json::parse(run.out)["seeds"] == json({5}));
  }
  // Which draws from the system where no seed is given.
  const json unseeded = json::parse(run_example({"two-words", "first", "--word", "no", "--json"}).out);
  CHECK(unseeded["seeds"].empty());
  check_refused(folder, {"two-words"}, {"two-words first or two-words second"});
  check_refused(folder, {"two-words", "third"}, {"unknown command 'two-words third'"});
  check_refused(folder, {"two-words", "first"}, {"--word is required", "raphson two-words first --help"});
  check_refused(folder, {"two-words", "first", "--word", "perhaps"}, {"--word", "perhaps"});
}

TEST_CASE("a demo needs none of the tool's arguments and asserts its claims") {
  const TableFolder folder;
  const Finished run = run_example({"column-means", "--demo", "--out", folder.out()});
  INFO(run.out << run.err);
  REQUIRE(run.code == 0);
  CHECK_THAT(run.out, Contains("yes         0.5  at most 1  error, seed 1\n"));
  const json report = json::parse(read_text(folder.out() + "/report.json"));
  CHECK(report["tool"] == "raphson column-means --demo");
  CHECK(report["seeds"].empty());
  CHECK(report["claims"].size() == 2);

  const Finished brief = run_example({"column-means", "--demo", "--brief", "--seeds", "3-4,9", "--json"});
  REQUIRE(brief.code == 0);
  CHECK(json::parse(brief.out)["seeds"] == json({3, 4, 9}));
  CHECK(json::parse(brief.out)["tables"][0]["rows"] == json({{3, 1.0}, {4, 1.0}, {9, 1.0}}));
  CHECK(json::parse(run_example({"column-means", "--demo", "--seed", "5", "--json"}).out)["seeds"]
        == json({5}));
}

TEST_CASE("a claim that fails is one line and exit code 1, and the report is there") {
  const TableFolder folder;
  const Finished run =
      run_example({"column-means", "--demo", "--seeds", "1,13", "--out", folder.out(), "--json"});
  CHECK(run.code == 1);
  CHECK(run.err == "raphson: 1 of 2 claims do not hold: error, seed 13: 2, at most 1\n");
  CHECK(json::parse(run.out)["claims"][1]["holds"] == false);
  CHECK(json::parse(read_text(folder.out() + "/report.json")) == json::parse(run.out));
  for (const std::vector<std::string>& words : {std::vector<std::string>{"two-words", "--demo"},
                                                {"two-words", "first", "--demo"},
                                                {"two-words", "--demo", "first"}}) {
    const Finished failed = run_example(words);
    CHECK(failed.code == 1);
    CHECK(failed.err == "raphson: 1 of 1 claim does not hold: gain, tool / baseline: nan, at least 1\n");
  }
}

TEST_CASE("what a tool or its demo would ignore is refused") {
  const TableFolder folder;
  check_refused(folder, {"column-means", folder.table(), "--seeds", "1,2"}, {"--seeds", "--demo"});
  check_refused(folder, {"column-means", folder.table(), "--brief"}, {"--brief", "--demo"});
  check_refused(folder, {"column-means", folder.table(), "--demo"}, {"--demo", "leave out TABLE"});
  check_refused(folder, {"column-means", "--demo", "--scale", "2"}, {"leave out --scale"});
  check_refused(folder, {"column-means", "--demo", "--threads", "2"}, {"leave out --threads"});
  check_refused(folder, {"two-words", "--demo", "first", "--word", "yes"}, {"leave out --word"});
  check_refused(folder, {"column-means", "--demo", "--seed", "1", "--seeds", "2"}, {"--seed and --seeds"});
  for (const char* list :
       {"", "a", "1,,2", "1,", "-1", "3-2", "1-99999", "0x1", "1.5", "99999999999999999999"})
    check_refused(folder, {"column-means", "--demo", "--seeds=" + std::string(list)}, {"--seeds"});
}

TEST_CASE("bad input to a tool is refused before anything is written") {
  const TableFolder folder;
  check_refused(folder, {"column-means"}, {"TABLE is required", "raphson column-means --help"});
  check_refused(folder, {"column-means", folder.table() + "x", "--out", folder.out()},
                {"table.csvx", "No such file"});
  check_refused(folder, {"column-means", folder.table(), "more"}, {"'more' is one argument too many"});
  check_refused(folder, {"column-means", folder.table(), "--sede", "1"}, {"unknown option --sede"});
  check_refused(folder, {"column-means", folder.table(), "--seed", "-1"}, {"--seed"});
  check_refused(folder, {"column-means", folder.table(), "--seed", "one"}, {"--seed"});
  check_refused(folder, {"column-means", folder.table(), "--threads", "-1"}, {"--threads"});
  check_refused(folder, {"column-means", folder.table(), "--out", folder.table()},
                {"table.csv", "it is a file"});
}

TEST_CASE("Ctrl-C ends a tool at its next line of progress, and nothing is left") {
  const TableFolder folder;
  const auto before = listing(folder.path());
  const auto interrupt = [](pid_t child) {
    std::this_thread::sleep_for(std::chrono::milliseconds(500)); // for it to be at work
    kill(child, SIGINT);
  };
  const Finished run =
      run_example({"two-words", "second", "--out", folder.out()}, {.while_running = interrupt});
  CHECK(run.code == 130);
  CHECK(run.err == "raphson: interrupted; nothing was written\n");
  CHECK(listing(folder.path()) == before);
}

TEST_CASE("a tool's help says what it does, after which paper, and how to call it") {
  const Finished run = run_example({"column-means", "--help"});
  REQUIRE(run.code == 0);
  CHECK(run.out.starts_with(
      "Mean of each column of a table\n\nTakes a table and averages it.\n\nNothing else is "
      "<done>.\n\nPaper: C. F. Gauss, \"Theoria combinationis\", 1823, arXiv 1234.5678\n\n"
      "Usage: "));
  for (const char* part : {"TABLE", "--scale", "--seed", "--threads", "--out", "--json", "--quiet", "--demo",
                           "--seeds", "--brief", "raphson column-means assets/table.csv --scale 2"})
    CHECK_THAT(run.out, Contains(part));
  const Finished sub = run_example({"two-words", "first", "--help"});
  CHECK_THAT(run_example({"two-words", "--help"}).out, Contains("\nSubcommands:\n  first "));
  for (const char* part : {"--word", "--seed", "--out", "--json"}) CHECK_THAT(sub.out, Contains(part));
  CHECK_THAT(run_example({"--help"}).out,
             Contains("\nAverages:\n  column-means                Mean of each column of a table\n"));
}
