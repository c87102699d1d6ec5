// In which order the settings of a session are fitted: the manifest's first, then always the one nearest to
// any that is fitted, which it starts from. Nearness is by switches first, how many stand otherwise, then by
// the distance of the knobs' positions, each as a share of its range; ties go to the earlier take. The order
// depends on the manifest alone, so that a session goes on after a break as it would have without.
#pragma once

#include "optim/match/session/manifest.h"

namespace raphson::optim::match {

struct FitStep {
  std::size_t take;
  std::optional<std::size_t> neighbour; ///< a take fitted before; none for the first
};

std::vector<FitStep> fitting_order(const Session& session);

/// Of the continuous knobs' positions, each as a share of its range.
double knob_distance(const std::vector<dsp::Knob>& knobs, const dsp::KnobSetting& a,
                     const dsp::KnobSetting& b);

/// How many switches stand otherwise.
int switch_distance(const std::vector<dsp::Knob>& knobs, const dsp::KnobSetting& a,
                    const dsp::KnobSetting& b);

} // namespace raphson::optim::match
