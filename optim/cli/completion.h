// Shell completion of the program, from what its commands say of themselves: `raphson completion bash`.
//
// A shell finds the command that the words so far have reached, "raphson capture signal", and offers its
// sub-commands, its options, the choices of an option that has some, and files elsewhere.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace raphson::cli {

struct CompletionOption {
  std::vector<std::string> names; ///< "-q", "--quiet"
  std::string description;
  bool takes_value = false;
  std::vector<std::string> choices; ///< of the value; empty: anything
};

struct CompletionLevel {
  std::string path; ///< "raphson capture signal"
  std::string name, description;
  std::vector<std::string> commands; ///< paths of the levels below
  std::vector<CompletionOption> options;
};

/// The program's own level first, each followed by those below it.
std::vector<CompletionLevel> completion_levels(const CLI::App& program);

std::string bash_completion(const std::vector<CompletionLevel>& levels);
std::string zsh_completion(const std::vector<CompletionLevel>& levels);
std::string fish_completion(const std::vector<CompletionLevel>& levels);

} // namespace raphson::cli
