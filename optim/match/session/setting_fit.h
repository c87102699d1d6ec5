// The fit of one setting of a session, as it is kept between runs.
#pragma once

#include "dsp/model/model.h"
#include "optim/match/recordings.h"

#include <string>
#include <vector>

namespace raphson::optim::match {

struct SettingFit {
  std::vector<double> values; ///< of the chain
  std::vector<double> errors; ///< standard errors, infinite where not determined; NaN where not fitted
  double esr_before = 0;
  bool converged = false, from_neighbour = false;
  std::string stop_reason;
  int iterations = 0;
  std::vector<std::string> warnings;
  dsp::Provenance source; ///< with ESR, delay and polarity

  double esr() const { return *source.esr; }
  Alignment alignment() const { return {*source.delay_samples, *source.polarity_inverted, 0}; }
};

SettingFit setting_fit(const Recordings& recordings, const MatchResult& result, const std::string& program,
                       bool from_neighbour);

} // namespace raphson::optim::match
