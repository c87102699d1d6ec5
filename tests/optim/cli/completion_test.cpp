// The scripts of raphson completion, in the shells themselves where they are installed.
#include "program.h"

#include "catch.h"

#include <algorithm>
#include <sstream>

namespace {

using Catch::Matchers::Contains;

bool is_installed(const std::string& shell) {
  return run_command({"/bin/sh", "-c", "command -v " + shell}).code == 0;
}

std::string program() { return RAPHSON_EXAMPLE_PROGRAM; }

std::set<std::string> lines(const std::string& text) {
  std::set<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.insert(line.substr(0, line.find('\t')));
  return out;
}

/// What bash offers for the last of the words.
std::set<std::string> in_bash(const std::string& words) {
  const Finished run = run_command(
      {"/bin/sh", "-c",
       "exec bash -c 'set -u; cd \"$1\"; . <(\"$0\" completion bash); COMP_WORDS=(" + words
           + "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=(); _raphson; "
             "if [ ${#COMPREPLY[@]} -gt 0 ]; then printf \"%s\\n\" \"${COMPREPLY[@]}\"; fi' \"$0\" \"$1\"",
       program(), RAPHSON_SOURCE_DIR});
  INFO(words << ": " << run.err);
  CHECK(run.code == 0);
  CHECK(run.err.empty());
  return lines(run.out);
}

std::set<std::string> in_fish(const std::string& line) {
  const Finished run = run_command(
      {"/bin/sh", "-c",
       "cd \"$1\" && exec fish --no-config -c '\"$argv[1]\" completion fish | source; complete -C "
       "\"$argv[2]\"' \"$0\" \"$2\"",
       program(), RAPHSON_SOURCE_DIR, line});
  INFO(line << ": " << run.err);
  CHECK(run.code == 0);
  return lines(run.out);
}

using Words = std::set<std::string>;

} // namespace

TEST_CASE("bash completes commands, sub-commands, options, choices and files") {
  if (!is_installed("bash")) {
    WARN("bash is not installed: its completion is not tested");
    return;
  }
  CHECK(in_bash("raphson mat") == Words{"match"});
  CHECK(in_bash("raphson col") == Words{"column-means"});
  CHECK(in_bash("raphson two-words \"\"") == Words{"first", "second"});
  CHECK(in_bash("raphson column-means --see") == Words{"--seed", "--seeds"});
  CHECK(in_bash("raphson two-words first --w") == Words{"--word"});
  CHECK(in_bash("raphson two-words first --word \"\"") == Words{"yes", "no"});
  CHECK(in_bash("raphson two-words first --word = y") == Words{"yes"}); // so bash splits --word=y
  CHECK(in_bash("raphson two-words first --seed 3 --word n") == Words{"no"});
  CHECK(in_bash("raphson column-means READ") == Words{"README.md"});
  CHECK(in_bash("raphson column-means x --out asse") == Words{"assets"});
  CHECK(in_bash("raphson tools --exa") == Words{"--examples"});
  CHECK(in_bash("raphson two-words first --hi").empty());
  CHECK(in_bash("raphson nonsense --x").empty());
}

TEST_CASE("fish completes the same") {
  if (!is_installed("fish")) {
    WARN("fish is not installed: its completion is not tested");
    return;
  }
  CHECK(in_fish("raphson mat") == Words{"match"});
  CHECK(in_fish("raphson two-words ") == Words{"first", "second"});
  CHECK(in_fish("raphson column-means --see") == Words{"--seed", "--seeds"});
  CHECK(in_fish("raphson two-words first --word ") == Words{"yes", "no"});
  CHECK(in_fish("raphson column-means READ").count("README.md") == 1);
}

TEST_CASE("zsh takes its script") {
  if (!is_installed("zsh")) {
    WARN("zsh is not installed: its completion is not tested");
    return;
  }
  const Finished run = run_command(
      {"/bin/sh", "-c",
       "exec zsh -f -c 'autoload -Uz compinit && compinit -D -u && source <(\"$0\" completion zsh) && "
       "print $_comps[raphson]' \"$0\"",
       program()});
  CHECK(run.err.empty());
  CHECK(run.out == "_raphson\n");
}

TEST_CASE("completion is for one of three shells") {
  const Finished run = run_command({program(), "completion", "tcsh"});
  CHECK(run.code == 2);
  CHECK_THAT(run.err, Contains("tcsh") && Contains("bash"));
  CHECK(run_command({program(), "completion"}).code == 2);
}
