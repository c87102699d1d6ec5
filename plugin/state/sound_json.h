// A sound's fields within a session or a preset. For the .cpp files: this brings in the JSON library.
#pragma once

#include "dsp/model/json_field.h"
#include "plugin/state/sound.h"

namespace raphson::plugin {

/// Adds "controls", "knobs" and "overrides", what is initial left out.
void put_sound(nlohmann::ordered_json& object, const Sound& sound);

/// Reads them; each may be absent. Knobs and overrides have to be the model's.
Sound read_sound(const dsp::Field& field, LoadedModelPtr model);

/// A model file's content as a value.
nlohmann::ordered_json model_json(const LoadedModel& model);
LoadedModelPtr read_model(const dsp::Json& json, const std::string& name_for_errors);

/// Refuses another format, and versions other than 1 to newest.
int read_version(const dsp::Field& file, const char* format, int newest);

/// Refuses what is too large for the parser to look at.
void check_size(std::string_view text, const std::string& name_for_errors);

} // namespace raphson::plugin
