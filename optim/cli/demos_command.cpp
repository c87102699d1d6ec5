// raphson demos: the experiments of the tools one after the other, their claims asserted, their pages
// written.
#include "dsp/error.h"
#include "optim/cli/command.h"
#include "optim/cli/interrupt.h"
#include "optim/cli/output_folder.h"
#include "optim/cli/program_ranks.h"
#include "optim/cli/progress_bar.h"
#include "optim/cli/tool_docs.h"
#include "optim/cli/tool_frame.h"
#include "optim/engine/stopwatch.h"
#include "optim/report/text.h"
#include "optim/report/tool_page.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>
#include <memory>
#include <new>
#include <optional>

namespace raphson::cli {
namespace {

struct Options {
  std::vector<std::string> names;
  bool brief = false;
  std::string seeds;
};

/// Those of the names, or all that have a demo.
std::vector<Tool> chosen(const std::vector<std::string>& names) {
  std::vector<Tool> all = tools();
  for (const std::string& name : names) {
    const auto named = std::find_if(all.begin(), all.end(), [&](const Tool& t) { return t.name == name; });
    if (named == all.end()) throw InputError("no tool is called '" + name + "'; raphson tools lists them");
    if (named->demo == nullptr) throw InputError("the tool '" + name + "' has no demo");
  }
  std::erase_if(all, [&](const Tool& t) {
    return t.demo == nullptr || (!names.empty() && std::count(names.begin(), names.end(), t.name) == 0);
  });
  return all;
}

class Demos {
public:
  Demos(const Options& options, const CLI::App& program, const Common& common)
      : options_(options), program_(program), common_(common), bar_(!common.quiet) {
    if (!options.seeds.empty()) seeds_ = parse_seeds(options.seeds);
  }

  void run() {
    const InterruptGuard guard;
    const std::vector<Tool> list = chosen(options_.names);
    if (!common_.out.empty()) OutputFolder(common_.out).keep(); // found writable before the long work starts
    for (const Tool& tool : list) run(tool);
    if (!common_.out.empty()) write_tool_index(common_.out);
    if (common_.json) std::cout << reports_.dump(2) << std::endl;
    if (!failed_.empty())
      throw std::runtime_error(std::to_string(failed_.size()) + " of " + std::to_string(list.size())
                               + " demos failed: " + joined(failed_));
  }

private:
  void run(const Tool& tool) {
    const optim::Stopwatch stopwatch;
    std::string failure;
    std::size_t claims = 0;
    try {
      bar_.title(tool.name);
      const report::ToolReport result = tool.demo({seeds_, options_.brief, [this](const std::string& line) {
                                                     throw_if_interrupted();
                                                     bar_.say(line);
                                                   }});
      throw_if_interrupted();
      claims = result.claims.size();
      failure = claims == 0 ? "it asserts no claim" : failed_claims(result);
      reports_.push_back(
          to_json(result, {std::string("raphson ") + tool.name + " --demo", program_version, seeds_}));
      if (!common_.out.empty()) {
        write_tool_page(common_.out, tool, *program_.get_subcommand(tool.name), &result);
        set_last_words("the pages of the demos before are written");
      }
    } catch (const Interrupted&) {
      throw;
    } catch (const std::bad_alloc&) {
      failure = "out of memory";
    } catch (const std::exception& error) { // the others are run all the same
      failure = error.what();
    }
    bar_.clear();
    if (!failure.empty()) failed_.push_back(tool.name);
    const double seconds = stopwatch.seconds();
    say(tool.name,
        failure.empty() ? std::to_string(claims) + (claims == 1 ? " claim holds" : " claims hold")
                        : "FAILED: " + failure,
        seconds);
  }

  void say(const std::string& name, const std::string& verdict, double seconds) const {
    if (common_.json || common_.quiet) return;
    std::cout << name << ": " << verdict << " (" << report::format_fixed(seconds, 1) << " s)" << std::endl;
  }

  static std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
    return out;
  }

  const Options& options_;
  const CLI::App& program_;
  const Common& common_;
  ProgressBar bar_;
  std::vector<std::uint64_t> seeds_;
  std::vector<std::string> failed_;
  nlohmann::json reports_ = nlohmann::json::array();
};

Action set_up(CLI::App& app, Common& common) {
  auto o = std::make_shared<Options>();
  app.add_option("NAME", o->names, "Tools; all that have a demo unless given");
  app.add_flag("--brief", o->brief, "Their short forms");
  app.add_option("--seeds", o->seeds, "Instead of their own: 1,2,3 or 1-5")->type_name("LIST");
  common.out.clear();
  app.add_option("--out", common.out,
                 "Folder for a page of each, NAME.md, with its plots in NAME/; none: no pages")
      ->type_name("DIR");
  return [o, &app, &common] { Demos(*o, *app.get_parent(), common).run(); };
}

const Registration registration{{"This program", "demos",
                                 "Run the tools' experiments against their baselines and assert their claims",
                                 set_up, "adam --brief"}};

} // namespace
} // namespace raphson::cli
