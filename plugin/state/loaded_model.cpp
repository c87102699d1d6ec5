#include "plugin/state/loaded_model.h"

#include "dsp/model/model_file.h"
#include "raphson_assets.h"

namespace raphson::plugin {

LoadedModelPtr load(dsp::Model model) {
  std::string text = dsp::to_json(model);
  dsp::parse_model(text, model.name);
  dsp::KnobMap map(model);
  return std::make_shared<const LoadedModel>(LoadedModel{std::move(model), std::move(map), std::move(text)});
}

LoadedModelPtr built_in_model() {
  static const LoadedModelPtr model = load(dsp::parse_model(
      {raphson_assets::la2a_raphson_json, raphson_assets::la2a_raphson_jsonSize}, "la2a.raphson.json"));
  return model;
}

} // namespace raphson::plugin
