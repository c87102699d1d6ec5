#include "optim/cli/command.h"

#include <algorithm>
#include <array>
#include <iostream>
#include <string_view>

namespace raphson::cli {
namespace {

std::vector<Command>& registered() {
  static std::vector<Command> list;
  return list;
}

/// What most people come for is on top; other families follow by name.
std::size_t rank(std::string_view family) {
  constexpr std::array<std::string_view, 4> first = {"Sound matching", "Models", "Measures", "This program"};
  return static_cast<std::size_t>(std::find(first.begin(), first.end(), family) - first.begin());
}

} // namespace

Registration::Registration(const Command& command) { registered().push_back(command); }

std::vector<Command> commands() {
  std::vector<Command> list = registered();
  std::sort(list.begin(), list.end(), [](const Command& a, const Command& b) {
    return std::tuple(rank(a.family), std::string_view(a.family), std::string_view(a.name))
           < std::tuple(rank(b.family), std::string_view(b.family), std::string_view(b.name));
  });
  return list;
}

std::string HelpFormatter::make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const {
  std::string help = Formatter::make_help(app, std::move(name), mode);
  for (std::size_t at; (at = help.find("\n\n\n")) != help.npos;) help.erase(at, 1);
  return help;
}

void each_level(CLI::App& app, const std::function<void(CLI::App&)>& visit) {
  visit(app);
  for (CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) each_level(*sub, visit);
}

void add_out(CLI::App& app, Common& common) {
  app.add_option("--out", common.out, "Folder for the results; made if missing")
      ->type_name("DIR")
      ->default_str("the current one");
}

void add_threads(CLI::App& app, std::size_t& threads) {
  app.add_option("--threads", threads, "Threads at most; 0 for as many as the machine has")
      ->type_name("N")
      ->check(between(0, 1024).description(""));
}

void warn(const Common& common, const std::string& text) {
  if (!common.quiet) std::cerr << "raphson: warning: " << text << std::endl;
}

} // namespace raphson::cli
