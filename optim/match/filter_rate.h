// The sample rate that a chain's rational filters are for (dsp::BlockSettings::fitted_rate).
#pragma once

#include "dsp/chain/chain.h"

namespace raphson::optim::match {

/// Of the first; 0 where there is none or it is not known.
double filter_rate(const dsp::ChainSettings& chain);

/// Filters that were fitted at another rate as they are at this one (dsp/filters/rational_conversions.h); one
/// whose rate is not known is taken to be for this one.
void move_filters(dsp::ChainSettings& chain, double sample_rate);

} // namespace raphson::optim::match
