// The program build/raphson: finds the command, runs it, and turns what it throws into one line and an exit
// code: 0 done, 1 failure, 2 bad input or usage, 130 Ctrl-C.
#include "dsp/error.h"
#include "optim/cli/command.h"
#include "optim/cli/interrupt.h"
#include "optim/cli/one_line.h"
#include "optim/cli/program_ranks.h"

#include <csignal>
#include <deque>
#include <iostream>
#include <map>
#include <memory>
#include <new>

namespace {

using namespace raphson;
using namespace raphson::cli;

int fail(const std::string& text, int code) {
  std::cerr << "raphson: " << one_line(text) << std::endl;
  return code;
}

class Program {
public:
  Program()
      : app_("Clones the behaviour of dynamics hardware from a recording before and after it, and runs\n"
             "published algorithms on your data.") {
    app_.name("raphson");
    app_.set_version_flag("--version", program_version);
    app_.require_subcommand(0, 1); // what follows a command is its own, even where another has that name
    app_.formatter(std::make_shared<HelpFormatter>());
    for (const Command& command : commands()) add(command);
    app_.footer("raphson COMMAND --help explains one."); // now, since commands inherit it
  }

  int run(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
      refuse_nan(app_);
    } catch (const CLI::ParseError& error) {
      return usage(error, argc, argv);
    }
    if (app_.get_subcommands().empty()) return fail("no command given; raphson --help lists them", 2);
    const CLI::App* used = app_.get_subcommands().front();
    if (program_ranks().size() > 1 && !on_ranks_.at(used))
      throw InputError(used->get_name() + " runs as one process: start it without mpirun");
    actions_.at(used)();
    std::cout.flush();
    if (!std::cout) throw InputError("cannot write to the standard output");
    return 0;
  }

private:
  void add(const Command& command) {
    CLI::App* app = app_.add_subcommand(command.name, command.summary);
    Common& common = common_.emplace_back();
    on_ranks_[app] = command.on_ranks;
    try {
      actions_[app] = command.set_up(*app, common);
      each_level(*app, [&common](CLI::App& level) {
        if (level.get_name().empty()) return;
        level
            .add_flag("--json", common.json, "Results as JSON on the standard output, and nothing else there")
            ->group(common_options);
        level.add_flag("--quiet,-q", common.quiet, "No progress, tables or warnings")->group(common_options);
      });
    } catch (const CLI::Error& error) { // of whoever wrote it: an option's name twice
      throw std::logic_error(std::string("the command ") + command.name + ": " + error.what());
    }
    app->group(command.family); // now, since sub-commands inherit it
    if (command.example)
      app->footer("Example:\n  raphson " + std::string(command.name) + " " + command.example);
  }

  /// CLI11's own message as one line, with where to read on. --help and --version arrive here, too.
  int usage(const CLI::ParseError& error, int argc, char** argv) {
    if (error.get_exit_code() == 0) return app_.exit(error, std::cout, std::cerr);
    const auto used = app_.get_subcommands();
    std::string help = "raphson ";
    for (const CLI::App* at = &app_; !at->get_subcommands().empty();) {
      at = at->get_subcommands().front();
      help += at->get_name() + " ";
    }
    help += "--help";
    if (dynamic_cast<const CLI::ExtrasError*>(&error)) {
      const std::vector<std::string> rest = app_.remaining(true);
      const std::string word = rest.empty() ? "" : rest.front();
      if (word.starts_with("-"))
        return fail("unknown option " + word + "; " + help + " lists what is known", 2);
      if (used.empty()) return fail("unknown command '" + word + "'; " + help + " lists them", 2);
      return fail("'" + word + "' is one argument too many; see " + help, 2);
    }
    if (!used.empty() && used.front()->get_require_subcommand_min() > 0
        && used.front()->get_subcommands().empty())
      return fail(sub_command_missing(*used.front(), argc, argv) + "; see " + help, 2);
    if (used.empty() && argc > 1 && argv[1][0] != '-')
      return fail("unknown command '" + std::string(argv[1]) + "'; " + help + " lists them", 2);
    return fail(std::string(error.what()) + "; see " + help, 2);
  }

  static std::string sub_command_missing(const CLI::App& command, int argc, char** argv) {
    std::string names;
    for (const CLI::App* sub : command.get_subcommands({}))
      names += (names.empty() ? "" : " or ") + command.get_name() + " " + sub->get_name();
    if (argc > 2 && argv[2][0] != '-')
      return "unknown command '" + command.get_name() + " " + argv[2] + "', it is " + names;
    return command.get_name() + " needs one word more, " + names;
  }

  CLI::App app_;
  std::deque<Common> common_;
  std::map<const CLI::App*, Action> actions_;
  std::map<const CLI::App*, bool> on_ranks_;
};

} // namespace

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN); // a file too large for the system's limit is told like a full disk
  const auto end = [](const std::string& line, int code) { return end_ranks(code, one_line(line)); };
  try {
    start_ranks();
    return end("", Program().run(argc, argv));
  } catch (const InputError& error) {
    return end(error.what(), 2);
  } catch (const Interrupted& interrupted) {
    const std::string text = interrupted.what();
    return end(text.empty() ? std::string("interrupted; ") + last_words() : text, 130);
  } catch (const optim::PeerFailed& error) {
    return end(error.what(), peer_failed);
  } catch (const std::bad_alloc&) {
    return end("out of memory", 1);
  } catch (const std::exception& error) {
    return end(error.what(), 1);
  }
}
