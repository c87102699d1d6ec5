// What a parameter of a block is called, its unit, its range and where it starts.
#pragma once

namespace raphson::dsp {

/// How a parameter is spaced: a knob, a search or an average moves evenly in the value or in its logarithm.
enum class Scale { linear, logarithmic };

struct Parameter {
  const char* name;  ///< as in model files, with the unit: "attack_ms"
  const char* label; ///< for people: "attack"
  const char* unit;  ///< "dB", "ms", "Hz", ":1" or ""
  double minimum, maximum, initial;
  Scale scale;
};

} // namespace raphson::dsp
