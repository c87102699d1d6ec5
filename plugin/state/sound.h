// What makes a sound: the model, where its knobs stand, which of its values are overridden, and the controls
// around it. What presets, the slots A and B, and undo keep.
#pragma once

#include "plugin/state/loaded_model.h"

#include <map>
#include <string>

namespace raphson::plugin {

struct Sound {
  LoadedModelPtr model;
  std::map<std::string, double> controls;  ///< by their IDs, in their units; what is not named is initial
  dsp::KnobSetting knobs;                  ///< of the model
  std::map<std::string, double> overrides; ///< by the expert parameters' IDs, in their units
  std::string preset;                      ///< its name; empty where it came from none
};

/// The model at its initial setting, nothing overridden, the controls initial.
Sound initial_sound(LoadedModelPtr model);

/// Whether they sound alike, as finely as host parameters (float) tell; the preset's name is no sound.
bool same_sound(const Sound& a, const Sound& b);

} // namespace raphson::plugin
