// The parts of complete_dictionary_lp_demo; each adds its tables, figures and claims.
#pragma once

#include "optim/tools/demo.h"
#include "optim/tools/signals/lp_dictionary.h"

namespace raphson::optim::tools {

void lp_known_dictionaries(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options);
void lp_mixed_speakers(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options);
void lp_digits(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options);
/// Processor time of an iteration by r and by n, and what it grows with.
void lp_growth(report::ToolReport& report, const DemoOptions& options);

/// Y = D X, X non-zero with probability theta, then N(0, 1), with D orthogonal and noise on every entry.
struct KnownDictionary {
  Matrix d, y;
};
KnownDictionary known_dictionary(Eigen::Index n, Eigen::Index r, double theta, double noise,
                                 std::uint64_t seed);

/// Speakers of data/fsdd, their clips in a row at unit power, cut to the shortest (and to `seconds` where
/// that is not 0), a row each.
Matrix speakers_in_rows(double seconds);

} // namespace raphson::optim::tools
