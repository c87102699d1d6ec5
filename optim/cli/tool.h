// A tool: one published algorithm as a command of the program. optim/tools/FAMILY/NAME_tool.cpp is
//
//   namespace raphson::cli {
//   namespace {
//
//   struct Options {
//     std::filesystem::path table;
//     double step = 0.001;
//   };
//
//   ToolAction set_up(CLI::App& app) {
//     auto o = std::make_shared<Options>();
//     app.add_option("TABLE", o->table, "CSV with a column a feature")->required();
//     app.add_option("--step", o->step, "Step size")->type_name("STEP")->capture_default_str();
//     return [o](const ToolRun& run) { return train(*o, run); };
//   }
//
//   const ToolRegistration registration{{.family = "Solvers",
//                                        .name = "adam",
//                                        .summary = "Adam and AdaMax against their rivals on a table",
//                                        .paper = {"D. P. Kingma, J. Ba", "Adam: A Method for ...", "ICLR
//                                        2015", "1412.6980"}, .about = "Trains ... The table has ...",
//                                        .set_up = set_up,
//                                        .demo = optim::tools::adam_demo,
//                                        .example = "assets/data/wine.csv --step 0.01"}};
//
// and nothing else: the frame adds --seed, --threads, --out, --json, --quiet, --demo, --seeds and --brief at
// every level of sub-commands, prints the report or writes it (optim/report/tool_page.h), and turns what is
// thrown into exit codes. A tool with sub-commands adds them to the app, asks for one with
// require_subcommand(1), and returns one action that looks which of them was parsed. With --demo nothing of
// all that is required.
//
// An action throws InputError for what the caller can put right: one line that names file or option and what
// would be right. It writes no file and prints nothing: what it has to say is in the report.
#pragma once

#include "optim/cli/number_checks.h"
#include "optim/report/tool_report.h"
#include "optim/tools/demo.h"

#include <CLI/CLI.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace raphson::cli {

namespace report = optim::report;

struct ToolRun {
  std::uint64_t seed = 1;  ///< of optim::RandomStream
  std::size_t threads = 1; ///< at most so many; never 0
  bool quiet = false;
  /// A line on what is being done, redrawn on a terminal, unless quiet. Throws Interrupted after Ctrl-C: long
  /// work calls it at least a few times a second (it draws ten times a second at most). For the tool's own
  /// thread.
  std::function<void(const std::string& line)> progress = {};
  bool seed_given = false; ///< by --seed, for what is unpredictable otherwise; see ToolReport::repeatable

  void say(const std::string& line) const {
    if (progress) progress(line);
  }
};

using ToolAction = std::function<report::ToolReport(const ToolRun&)>;

struct Paper {
  const char* authors = ""; ///< "D. P. Kingma, J. Ba"
  const char* title = "";
  const char* venue = ""; ///< "ICLR 2015"
  const char* arxiv = ""; ///< "1412.6980"; empty for none
};

struct Tool {
  const char* family = "";  ///< the heading in `raphson --help` and the README
  const char* name = "";    ///< of the command, with hyphens
  const char* summary = ""; ///< what it does for whom, at most 70 characters, no full stop
  Paper paper = {};
  /// For --help and the page in docs/tools/: what it does, its inputs, its limits. Paragraphs parted by an
  /// empty line ("\n\n"); their lines are wrapped.
  const char* about = "";
  ToolAction (*set_up)(CLI::App& app) = nullptr;
  optim::tools::Demo demo = nullptr; ///< nullptr: no --demo
  const char* example = "";          ///< what comes after `raphson NAME`, on files in assets/, without --out
};

struct ToolRegistration {
  explicit ToolRegistration(const Tool& tool);
};

/// By family, then by name.
std::vector<Tool> tools();

} // namespace raphson::cli
