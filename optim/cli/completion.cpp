#include "optim/cli/completion.h"

#include <sstream>

namespace raphson::cli {
namespace {

using Levels = std::vector<CompletionLevel>;

/// A word in single quotes, as bash and zsh read it.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string fish_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += (c == '\'' || c == '\\' ? "\\" : "") + std::string(1, c);
  return out + "'";
}

std::string joined(const std::vector<std::string>& words, const char* between = " ") {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : between) + word;
  return out;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// What IsMember says of itself: "{forward,inverse}".
std::vector<std::string> choices(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t open = type.find('{'), close = type.find('}', open);
  if (close == type.npos) return {};
  return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

void add_options(CompletionLevel& level, const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue; // hidden
    CompletionOption out{
        {}, first_line(option->get_description()), option->get_type_size() != 0, choices(*option)};
    for (const std::string& name : option->get_snames()) out.names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) out.names.push_back("--" + name);
    if (!out.names.empty()) level.options.push_back(out);
  }
}

void add_levels(Levels& levels, const CLI::App& app, const std::string& path) {
  const std::size_t at = levels.size();
  levels.push_back({path, app.get_name(), first_line(app.get_description()), {}, {}});
  add_options(levels[at], app);
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (sub->get_name().empty()) { // a group of options
      add_options(levels[at], *sub);
      continue;
    }
    const std::string sub_path = path + ' ' + sub->get_name();
    levels[at].commands.push_back(sub_path);
    add_levels(levels, *sub, sub_path);
  }
}

std::string name_of(const std::string& path) { return path.substr(path.rfind(' ') + 1); }

std::string description_of(const Levels& levels, const std::string& path) {
  for (const CompletionLevel& level : levels)
    if (level.path == path) return level.description;
  return "";
}

/// "'raphson match' | 'raphson capture' | ...": every level but the first.
std::string level_patterns(const Levels& levels, const char* between) {
  std::vector<std::string> paths;
  for (std::size_t i = 1; i < levels.size(); ++i) paths.push_back(quoted(levels[i].path));
  return joined(paths, between);
}

/// "'raphson match --mode'": the option's names where the level's path stands before them.
std::string option_patterns(const CompletionLevel& level, const CompletionOption& option) {
  std::vector<std::string> out;
  for (const std::string& name : option.names) out.push_back(quoted(level.path + ' ' + name));
  return joined(out, " | ");
}

/// Cases of a shell's `case "$at $previous" in`: offer(choices) for options with choices, files for others.
template <class Offer> std::string value_cases(const Levels& levels, const std::string& files, Offer offer) {
  std::ostringstream out;
  for (const CompletionLevel& level : levels)
    for (const CompletionOption& option : level.options)
      if (option.takes_value)
        out << "    " << option_patterns(level, option) << ") "
            << (option.choices.empty() ? files : offer(option.choices)) << "; return ;;\n";
  return out.str();
}

} // namespace

Levels completion_levels(const CLI::App& program) {
  Levels levels;
  add_levels(levels, program, program.get_name());
  return levels;
}

std::string bash_completion(const Levels& levels) {
  std::ostringstream out;
  out << R"(# Completion of raphson for bash, made by `raphson completion bash`.
_raphson_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen -f -- "$1")
}
_raphson_words() { # words of a list that begin as typed
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}
_raphson() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} at=raphson commands= options= i
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case "$at ${COMP_WORDS[i]}" in
      )"
      << level_patterns(levels, " | ") << R"() at="$at ${COMP_WORDS[i]}" ;;
    esac
  done
  if [ "$current" = = ]; then current=; elif [ "$previous" = = ]; then previous=${COMP_WORDS[COMP_CWORD - 2]}; fi
  case "$at $previous" in
)"
      << value_cases(levels, "_raphson_files \"$current\"",
                     [](const std::vector<std::string>& c) {
                       return "_raphson_words " + quoted(joined(c)) + " \"$current\"";
                     })
      << "  esac\n  case $at in\n";
  for (const CompletionLevel& level : levels) {
    std::vector<std::string> commands, options;
    for (const std::string& path : level.commands) commands.push_back(name_of(path));
    for (const CompletionOption& option : level.options) options.push_back(option.names.back());
    out << "    " << quoted(level.path) << ") commands=" << quoted(joined(commands))
        << " options=" << quoted(joined(options)) << " ;;\n";
  }
  out << R"(  esac
  if [[ $current == -* ]]; then
    _raphson_words "$options" "$current"
  elif [ -n "$commands" ]; then
    _raphson_words "$commands" "$current"
  else
    _raphson_files "$current"
  fi
}
complete -F _raphson raphson
)";
  return out.str();
}

std::string zsh_completion(const Levels& levels) {
  std::ostringstream out;
  out << R"(#compdef raphson
# Completion of raphson for zsh, made by `raphson completion zsh`.
_raphson() {
  local at=raphson word previous=$words[CURRENT-1]
  local -a commands options
  for word in $words[2,CURRENT-1]; do
    case "$at $word" in
      ()"
      << level_patterns(levels, " | ") << R"() at="$at $word" ;;
    esac
  done
  case "$at $previous" in
)"
      << value_cases(levels, "_files",
                     [](const std::vector<std::string>& c) {
                       std::vector<std::string> words;
                       for (const std::string& word : c) words.push_back(quoted(word));
                       return "compadd -- " + joined(words);
                     })
      << "  esac\n  case $at in\n";
  for (const CompletionLevel& level : levels) {
    std::vector<std::string> commands, options;
    for (const std::string& path : level.commands)
      commands.push_back(quoted(name_of(path) + ':' + description_of(levels, path)));
    for (const CompletionOption& option : level.options)
      options.push_back(quoted(option.names.back() + ':' + option.description));
    out << "    (" << quoted(level.path) << ") commands=(" << joined(commands) << ") options=("
        << joined(options) << ") ;;\n";
  }
  out << R"(  esac
  if [[ $PREFIX == -* ]]; then
    _describe option options
  elif (( $#commands )); then
    _describe command commands
  else
    _files
  fi
}
if [[ $funcstack[1] == _raphson ]]; then _raphson "$@"; else compdef _raphson raphson; fi
)";
  return out.str();
}

std::string fish_completion(const Levels& levels) {
  std::ostringstream out;
  out << R"(# Completion of raphson for fish, made by `raphson completion fish`.
function __raphson_at
    set -l at raphson
    set -l words (commandline -opc)
    set -e words[1]
    for word in $words
        switch "$at $word"
            case )"
      << level_patterns(levels, " ") << R"(
                set at "$at $word"
        end
    end
    test "$at" = "$argv[1]"
end
)";
  for (const CompletionLevel& level : levels) {
    const std::string here = "complete -c raphson -n " + fish_quoted("__raphson_at \"" + level.path + '"');
    for (const std::string& path : level.commands)
      out << here << " -f -a " << fish_quoted(name_of(path)) << " -d "
          << fish_quoted(description_of(levels, path)) << '\n';
    for (const CompletionOption& option : level.options) {
      out << here;
      for (const std::string& name : option.names)
        out << (name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1));
      if (!option.choices.empty())
        out << " -x -a " << fish_quoted(joined(option.choices));
      else if (option.takes_value)
        out << " -r -F";
      out << " -d " << fish_quoted(option.description) << '\n';
    }
  }
  return out.str();
}

} // namespace raphson::cli
