// A unit with a knob, from fits at several of its positions.
#pragma once

#include "dsp/model/model.h"

#include <string>
#include <vector>

namespace raphson::cli {

/// "peak_reduction" for "Peak Reduction". Throws InputError where no letter or digit is left.
std::string knob_key(const std::string& name);

struct KnobPoint {
  double position;
  std::vector<double> values; ///< of the chain
  dsp::Provenance source;
};

/// Throws InputError where two positions are the same, or there is but one.
void check_positions(std::vector<double> positions);

/// The points in any order. Throws InputError as check_positions.
dsp::Model knob_model(const std::string& name, const std::string& knob, const dsp::ChainSettings& chain,
                      std::vector<KnobPoint> points, dsp::Interpolation interpolation);

} // namespace raphson::cli
