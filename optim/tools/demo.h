// How the experiment of a tool is run: NAME_demo(DemoOptions) in optim/tools/FAMILY/NAME_demo.h, called by
// `raphson NAME --demo`, by `./run demos` and, brief, by the tests.
#pragma once

#include "optim/report/tool_report.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace raphson::optim::tools {

using Seeds = std::vector<std::uint64_t>;

struct DemoOptions {
  Seeds seeds = {};   ///< empty: those of the tool's card
  bool brief = false; ///< a form of at most five seconds of one core, its claims still firm
  std::function<void(const std::string&)> progress = {}; ///< a line on what is being done; may throw to stop

  void say(const std::string& line) const {
    if (progress) progress(line);
  }

  /// Those that were asked for, or the card's, of which a brief run takes the first.
  Seeds seeds_or(Seeds of_card, std::size_t if_brief = 1) const {
    if (!seeds.empty()) return seeds;
    if (brief) of_card.resize(std::min(if_brief, of_card.size()));
    return of_card;
  }
};

/// A claim's name, of one of several seeds.
inline std::string of_seed(const std::string& what, std::uint64_t seed) {
  return what + ", seed " + std::to_string(seed);
}

/// Its claims are the acceptance of the experiment.
using Demo = report::ToolReport (*)(const DemoOptions&);

} // namespace raphson::optim::tools
