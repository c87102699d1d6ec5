// raphson completion SHELL: a script that the shell reads (docs/command-line.md).
#include "optim/cli/command.h"
#include "optim/cli/completion.h"

#include <iostream>
#include <memory>

namespace raphson::cli {
namespace {

Action set_up(CLI::App& app, Common&) {
  auto shell = std::make_shared<std::string>();
  app.add_option("SHELL", *shell, "Whose words are to be completed")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->type_name("");
  return [shell, &app] {
    const std::vector<CompletionLevel> levels = completion_levels(*app.get_parent());
    std::cout << (*shell == "bash"  ? bash_completion(levels)
                  : *shell == "zsh" ? zsh_completion(levels)
                                    : fish_completion(levels));
  };
}

const Registration registration{
    {"This program", "completion", "A script for bash, zsh or fish that completes words", set_up, "bash"}};

} // namespace
} // namespace raphson::cli
