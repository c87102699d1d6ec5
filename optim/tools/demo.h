// How the experiment of a tool is run: NAME_demo(DemoOptions) in optim/tools/FAMILY/NAME_demo.h, called by
// `raphson NAME --demo`, by `./run demos` and, brief, by the tests.
#pragma once

#include "optim/report/tool_report.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace raphson::optim::tools {

struct DemoOptions {
  std::vector<std::uint64_t> seeds = {}; ///< empty: those of the tool's card
  bool brief = false; ///< a form of at most five seconds of one core, its claims still firm
  std::function<void(const std::string&)> progress = {}; ///< a line on what is being done; may throw to stop

  void say(const std::string& line) const {
    if (progress) progress(line);
  }
};

/// Its claims are the acceptance of the experiment.
using Demo = report::ToolReport (*)(const DemoOptions&);

} // namespace raphson::optim::tools
