#include "optim/cli/tool.h"

#include "dsp/error.h"
#include "dsp/io/atomic_file.h"
#include "optim/cli/command.h"
#include "optim/cli/interrupt.h"
#include "optim/cli/output_folder.h"
#include "optim/cli/progress_bar.h"
#include "optim/cli/tool_frame.h"
#include "optim/engine/parallel.h"
#include "optim/report/text.h"
#include "optim/report/tool_page.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace raphson::cli {
namespace {

std::vector<Tool>& registered() {
  static std::vector<Tool> list;
  return list;
}

struct Flags {
  std::uint64_t seed = 1;
  std::size_t threads = 0;
  bool demo = false, brief = false;
  std::string seeds; ///< of the demo, as given
};

/// The summary, as every command has it, and below it the whole of what a reader should know.
class ToolFormatter : public HelpFormatter {
public:
  explicit ToolFormatter(const Tool& tool) : tool_(tool) {}
  std::string make_description(const CLI::App* app) const override {
    constexpr int columns = 100;
    return Formatter::make_description(app) + '\n' + report::wrap_text(tool_.about, columns) + "\n\n"
           + report::wrap_text("Paper: " + paper_text(tool_.paper), columns) + "\n\n";
  }

private:
  Tool tool_;
};

/// --demo runs on the tool's own data, so that nothing else has to be given.
void require_nothing(CLI::App& app) {
  each_level(app, [](CLI::App& level) {
    level.require_subcommand(0)->require_option(0);
    for (CLI::Option* option : level.get_options()) option->required(false);
  });
}

bool is_given(CLI::App& app, const std::string& name) {
  bool given = false;
  each_level(app, [&](CLI::App& level) {
    const CLI::Option* option = level.get_option_no_throw(name);
    given |= option != nullptr && option->count() > 0;
  });
  return given;
}

/// Throws InputError where an option is given that the demo, or a run without it, would ignore.
void check(CLI::App& app, const Flags& flags) {
  if (!flags.demo) {
    for (const char* name : {"--seeds", "--brief"})
      if (is_given(app, name))
        throw InputError(std::string(name) + " is an option of --demo: give that as well, or leave it out");
    return;
  }
  if (is_given(app, "--seed") && is_given(app, "--seeds"))
    throw InputError("--seed and --seeds: the demo takes one of them");
  constexpr std::array<std::string_view, 7> of_demo = {"--demo", "--seed", "--seeds", "--brief",
                                                       "--out",  "--json", "--quiet"};
  each_level(app, [&](CLI::App& level) {
    for (const CLI::Option* option : level.get_options())
      if (option->count() > 0 && std::count(of_demo.begin(), of_demo.end(), option->get_name()) == 0)
        throw InputError("--demo runs on the tool's own data and settings: leave out " + option->get_name());
  });
}

void add_flags(CLI::App& tool_app, bool has_demo, const std::shared_ptr<Flags>& flags, Common& common) {
  const auto add = [&](CLI::App& app) {
    app.add_option("--seed", flags->seed, "Of the random numbers")
        ->check(zero_or_above().description("")) // or -1 would be the largest one
        ->type_name("N")
        ->capture_default_str();
    add_threads(app, flags->threads);
    app.add_option(
           "--out", common.out,
           "Folder for report.html, report.json, tables, plots and result files; none: nothing is written")
        ->type_name("DIR");
    if (!has_demo) return;
    app.add_flag_callback(
        "--demo",
        [flags, &tool_app] {
          flags->demo = true;
          require_nothing(tool_app);
        },
        "Run the experiment against its baselines instead, and assert its claims");
    app.add_option("--seeds", flags->seeds, "Of the demo, instead of its own: 1,2,3 or 1-5")
        ->type_name("LIST");
    app.add_flag("--brief", flags->brief, "The demo's short form");
  };
  each_level(tool_app, [&](CLI::App& level) {
    if (level.get_name().empty()) return;
    level.option_defaults()->group(common_options);
    add(level);
    level.option_defaults()->group("Options");
  });
}

std::string joined(const std::vector<report::ResultFile>& files) {
  std::string out;
  for (const report::ResultFile& file : files) out += (out.empty() ? "" : ", ") + file.name;
  return out;
}

/// Files first, so that what is printed is true.
void hand_over(const report::ToolReport& result, const report::ReportOrigin& origin,
               std::optional<OutputFolder>& folder, ProgressBar& bar, const Common& common) {
  std::string files;
  if (folder) {
    const std::vector<report::ResultFile> written = report_files(result, origin);
    for (const report::ResultFile& file : written) dsp::write_file(folder->staging() / file.name, file.bytes);
    throw_if_interrupted();
    folder->commit();
    files = "Written: " + joined(written) + " in " + folder->path().string();
  } else if (!result.files.empty()) {
    files = "Not written, for want of --out DIR: " + joined(result.files);
  }
  bar.clear();
  for (const std::string& warning : result.warnings) warn(common, warning);
  if (common.json) std::cout << to_json(result, origin).dump(2) << std::endl;
  if (common.json || common.quiet) return;
  std::cout << to_text(result);
  if (!files.empty()) std::cout << '\n' << files << '\n';
  std::cout << std::flush;
}

/// "raphson fastglz boot": the tool and its sub-command, or its demo.
std::string command_line(const CLI::App& app, bool demo) {
  std::string out = "raphson " + app.get_name();
  for (const CLI::App* at = &app; !demo && !at->get_subcommands().empty(); out += ' ' + at->get_name())
    at = at->get_subcommands().front();
  return demo ? out + " --demo" : out;
}

void run(const Tool& tool, const ToolAction& action, const Flags& flags, CLI::App& app,
         const Common& common) {
  check(app, flags);
  report::ReportOrigin origin{command_line(app, flags.demo), program_version, {}};
  if (flags.demo && !flags.seeds.empty())
    origin.seeds = parse_seeds(flags.seeds);
  else if (!flags.demo || is_given(app, "--seed"))
    origin.seeds = {flags.seed};

  const InterruptGuard guard;
  ProgressBar bar(!common.quiet, tool.name);
  std::optional<OutputFolder> folder;
  if (!common.out.empty()) folder.emplace(common.out);
  const auto progress = [&bar](const std::string& line) {
    throw_if_interrupted();
    bar.say(line);
  };
  const report::ToolReport result =
      flags.demo ? tool.demo({origin.seeds, flags.brief, progress})
                 : action({flags.seed, flags.threads ? flags.threads : optim::default_threads(), common.quiet,
                           progress, is_given(app, "--seed")});
  throw_if_interrupted();
  if (!result.repeatable) origin.seeds.clear();
  hand_over(result, origin, folder, bar, common);
  if (const std::string failed = failed_claims(result); !failed.empty()) throw std::runtime_error(failed);
}

Command command_of(const Tool& tool) {
  const auto set_up = [tool](CLI::App& app, Common& common) -> Action {
    auto flags = std::make_shared<Flags>();
    const ToolAction action = tool.set_up(app);
    app.formatter(std::make_shared<ToolFormatter>(tool));
    common.out.clear(); // nothing is written unless asked for
    add_flags(app, tool.demo != nullptr, flags, common);
    return [tool, action, flags, &app, &common] { run(tool, action, *flags, app, common); };
  };
  return {tool.family, tool.name, tool.summary, set_up, *tool.example ? tool.example : nullptr};
}

} // namespace

ToolRegistration::ToolRegistration(const Tool& tool) {
  registered().push_back(tool);
  const Registration as_command{command_of(tool)};
}

std::vector<Tool> tools() {
  std::vector<Tool> list = registered();
  std::sort(list.begin(), list.end(), [](const Tool& a, const Tool& b) {
    return std::pair(std::string_view(a.family), std::string_view(a.name))
           < std::pair(std::string_view(b.family), std::string_view(b.name));
  });
  return list;
}

} // namespace raphson::cli
