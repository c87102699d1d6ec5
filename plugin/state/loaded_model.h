// A model ready to play: checked, with its knob map and its text. Never changed once made, so that sounds,
// snapshots and the engine share it.
#pragma once

#include "dsp/model/knob_map.h"
#include "dsp/model/model.h"

#include <memory>
#include <string>

namespace raphson::plugin {

struct LoadedModel {
  dsp::Model model;
  dsp::KnobMap map;
  std::string text; ///< as a model file
};
using LoadedModelPtr = std::shared_ptr<const LoadedModel>;

/// Throws InputError for what no model file could hold.
LoadedModelPtr load(dsp::Model model);

/// The LA-2A with its published values, which the plugin starts with.
LoadedModelPtr built_in_model();

} // namespace raphson::plugin
