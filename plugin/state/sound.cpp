#include "plugin/state/sound.h"

#include "plugin/state/controls_table.h"
#include "plugin/state/knob_parameter.h"

#include <algorithm>

namespace raphson::plugin {
namespace {

bool same(double a, double b) { return static_cast<float>(a) == static_cast<float>(b); }

double control(const Sound& sound, const ControlSpec& spec) {
  const auto found = sound.controls.find(spec.id);
  return found == sound.controls.end() ? spec.initial : found->second;
}

bool same_knobs(const Sound& a, const Sound& b) {
  for (std::size_t k = 0; k < a.knobs.size(); ++k) {
    const dsp::Knob& knob = a.model->model.knobs[k];
    if (!same(normalised_position(knob, a.knobs[k]), normalised_position(knob, b.knobs[k]))) return false;
  }
  return true;
}

} // namespace

Sound initial_sound(LoadedModelPtr model) {
  Sound sound;
  sound.knobs = model->model.initial_setting();
  sound.model = std::move(model);
  return sound;
}

bool same_sound(const Sound& a, const Sound& b) {
  if (a.model != b.model && a.model->text != b.model->text) return false;
  const auto same_control = [&](const ControlSpec& spec) {
    return !spec.of_sound || same(control(a, spec), control(b, spec));
  };
  const auto same_override = [](const auto& x, const auto& y) {
    return x.first == y.first && same(x.second, y.second);
  };
  return std::all_of(control_specs.begin(), control_specs.end(), same_control) && same_knobs(a, b)
         && std::equal(a.overrides.begin(), a.overrides.end(), b.overrides.begin(), b.overrides.end(),
                       same_override);
}

} // namespace raphson::plugin
