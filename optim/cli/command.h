// What a command of the program is, and how it joins: one line in its own source file.
//
//   Action set_up(CLI::App& app, const Common& common) {
//     auto options = std::make_shared<Options>();
//     app.add_option("in", options->in, "Recording")->required();
//     return [options, &common] { ... };
//   }
//   const Registration registration{{"Measures", "measure", "ESR and loudness of two files", set_up}};
//
// Every command has --json and --quiet from Common, its sub-commands as well; those with `--out` add it by
// add_out, and one that draws random numbers takes a --seed of its own. An action throws InputError for what
// the caller can put right (exit code 2), Interrupted after Ctrl-C (130), anything else for a failure (1).
// Its file is in optim/cli/. A published algorithm is a command, too, made by the frame of optim/cli/tool.h.
#pragma once

#include "optim/cli/number_checks.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace raphson::cli {

inline constexpr const char* program_version = "raphson " RAPHSON_VERSION;

/// The heading of --json, --quiet and what else commands share, in --help.
inline constexpr const char* common_options = "Common options";

struct Common {
  std::filesystem::path out = "."; ///< a folder
  bool json = false;               ///< the results to stdout as JSON, and nothing else there
  bool quiet = false;              ///< nothing but results that were asked for, and errors
};

using Action = std::function<void()>;

struct Command {
  const char* family; ///< the heading in `raphson --help`
  const char* name;
  const char* summary;
  std::function<Action(CLI::App& app, Common& common)> set_up;
  const char* example;   ///< what comes after `raphson NAME`, on files in assets/; nullptr for none
  bool on_ranks = false; ///< shares its work where mpirun starts several (program_ranks.h)
};

struct Registration {
  explicit Registration(const Command& command);
};

/// By family, in the order of `raphson --help`, then by name.
std::vector<Command> commands();

/// CLI11's help with one empty line between groups of options, not two.
struct HelpFormatter : CLI::Formatter {
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
};

/// The app, its sub-commands and its groups of options, which have no name; all levels of them.
void each_level(CLI::App& app, const std::function<void(CLI::App&)>& visit);

void add_out(CLI::App& app, Common& common);

/// --threads, 0 for as many as the machine has.
void add_threads(CLI::App& app, std::size_t& threads);

/// A line to stderr, unless --quiet.
void warn(const Common& common, const std::string& text);

} // namespace raphson::cli
