// Tools to test the frame on, in a program of their own: raphson_test_tools.
#include "dsp/error.h"
#include "optim/cli/interrupt.h"
#include "optim/cli/tool.h"
#include "optim/data/csv.h"

#include <chrono>
#include <limits>
#include <memory>
#include <thread>

namespace raphson::cli {
namespace {

using optim::tools::DemoOptions;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

report::ToolReport column_means(const std::string& path, double scale, const ToolRun& run) {
  const optim::data::CsvTable csv = optim::data::read_csv(path);
  report::ToolReport result{.title = "Means of " + path};
  report::Table table{{{"column"}, {"mean"}}, {}};
  report::Plot plot{"Means", {"column"}, {"mean"}, {{"mean", {}, {}}}};
  for (const std::string& column : csv.columns()) {
    run.say("mean of " + column);
    double sum = 0;
    for (const double value : csv.numbers(column)) sum += value;
    table.rows.push_back({column, scale * sum / static_cast<double>(csv.rows())});
    plot.series[0].x.push_back(static_cast<double>(plot.series[0].x.size()));
    plot.series[0].y.push_back(scale * sum / static_cast<double>(csv.rows()));
  }
  result.paragraphs = {"All columns have a mean."};
  result.warnings = {"a mean hides much"};
  result.values = {{"rows", csv.rows()}, {"seed", run.seed}, {"threads", run.threads}, {"nothing", nan}};
  result.tables = {{"means", "The mean of each column", table}, {"again", "", table}};
  result.figures = {{"means", {{plot}, {}, "By column"}}};
  result.files = {{"means.txt", "the result\n"}};
  return result;
}

ToolAction set_up_means(CLI::App& app) {
  auto path = std::make_shared<std::string>();
  auto scale = std::make_shared<double>(1);
  app.add_option("TABLE", *path, "CSV of numbers")->required();
  app.add_option("--scale", *scale, "Of the means")->type_name("FACTOR")->capture_default_str();
  return [path, scale](const ToolRun& run) { return column_means(*path, *scale, run); };
}

/// Seed 13 is unlucky.
report::ToolReport means_demo(const DemoOptions& options) {
  report::ToolReport result{.title = "Means against medians"};
  report::Table table{{{"seed"}, {"a|b <c>"}}, {}};
  for (const std::uint64_t seed : options.seeds.empty() ? std::vector<std::uint64_t>{1, 2} : options.seeds) {
    options.say("seed " + std::to_string(seed));
    table.rows.push_back({seed, options.brief ? 1.0 : 2.0});
    result.claims.push_back(report::at_most("error, seed " + std::to_string(seed), seed == 13 ? 2 : 0.5, 1));
  }
  result.tables = {{"seeds", "By seed", table}};
  result.figures = {{"line", {{{"Line", {"x"}, {"y"}, {{"", {0, 1}, {0, 1}}}}}, {400, 300}, "A line"}}};
  return result;
}

const ToolRegistration means{{.family = "Averages",
                              .name = "column-means",
                              .summary = "Mean of each column of a table",
                              .paper = {"C. F. Gauss", "Theoria combinationis", "1823", "1234.5678"},
                              .about = "Takes a table\nand averages it.\n\nNothing else is <done>.",
                              .set_up = set_up_means,
                              .demo = means_demo,
                              .example = "assets/table.csv --scale 2"}};

/// Sub-commands; the second runs until it is interrupted.
ToolAction set_up_two(CLI::App& app) {
  app.require_subcommand(1);
  CLI::App* first = app.add_subcommand("first", "Says its word");
  CLI::App* second = app.add_subcommand("second", "Never ends");
  auto word = std::make_shared<std::string>();
  first->add_option("--word", *word, "Out of two")
      ->required()
      ->check(CLI::IsMember({"yes", "no"}))
      ->type_name("");
  first->add_option("--hidden", *word, "Of no use")->group("");
  return [word, first, second](const ToolRun& run) {
    while (second->parsed()) {
      run.say("forever");
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (!first->parsed()) throw std::logic_error("no sub-command");
    return report::ToolReport{.title = *word, .values = {{"seed", run.seed}}, .repeatable = run.seed_given};
  };
}

report::ToolReport failing_demo(const DemoOptions& options) {
  if (options.brief) throw InputError("assets/none.csv: No such file");
  return {.title = "Two", .claims = {report::at_least("gain, tool / baseline", nan, 1)}};
}

const ToolRegistration two{{.family = "Talk",
                            .name = "two-words",
                            .summary = "Says one of two words",
                            .paper = {"A. Author", "Two words", "", ""},
                            .about = "Says a word.",
                            .set_up = set_up_two,
                            .demo = failing_demo,
                            .example = "first --word yes"}};

} // namespace
} // namespace raphson::cli
