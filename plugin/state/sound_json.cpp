#include "plugin/state/sound_json.h"

#include "dsp/error.h"
#include "dsp/model/model_file.h"
#include "plugin/state/host_parameters.h"

#include <algorithm>

namespace raphson::plugin {
namespace {

using OrderedJson = nlohmann::ordered_json;

double read_control(const dsp::Field& field, const ControlSpec& spec) {
  if (spec.kind == ControlKind::toggle) return field.flag() ? 1 : 0;
  const double value = field.number(spec.minimum, spec.maximum, spec.unit);
  if (spec.kind == ControlKind::oversampling && value != 1 && value != 2 && value != 4)
    field.fail(dsp::short_number(value) + " must be 1, 2 or 4");
  return value;
}

OrderedJson control_json(const ControlSpec& spec, double value) {
  return spec.kind == ControlKind::toggle ? OrderedJson(value != 0) : OrderedJson(value);
}

double read_position(const dsp::Field& field, const dsp::Knob& knob) {
  if (!knob.is_switch()) return field.number(knob.minimum, knob.maximum, knob.unit);
  const std::string label = field.text();
  const auto found = std::find(knob.positions.begin(), knob.positions.end(), label);
  if (found == knob.positions.end()) field.fail("unknown position " + dsp::in_quotes(label));
  return static_cast<double>(found - knob.positions.begin());
}

OrderedJson position_json(const dsp::Knob& knob, double position) {
  return knob.is_switch() ? OrderedJson(knob.positions[static_cast<std::size_t>(position)])
                          : OrderedJson(position);
}

std::map<std::string, double> read_controls(const dsp::Field& field) {
  std::vector<std::string> known;
  std::map<std::string, double> controls;
  for (const ControlSpec& spec : control_specs)
    if (spec.of_sound) {
      known.push_back(spec.id);
      if (const auto entry = field.find(spec.id)) controls[spec.id] = read_control(*entry, spec);
    }
  field.only(known, "control");
  return controls;
}

dsp::KnobSetting read_knobs(const dsp::Field& field, const dsp::Model& model) {
  std::vector<std::string> known;
  dsp::KnobSetting setting;
  for (const dsp::Knob& knob : model.knobs) {
    known.push_back(knob.key);
    const auto entry = field.find(knob.key);
    setting.push_back(entry ? read_position(*entry, knob) : knob.initial);
  }
  field.only(known, "knob");
  return setting;
}

std::map<std::string, double> read_overrides(const dsp::Field& field, const dsp::ChainSettings& chain) {
  std::vector<std::string> known;
  std::map<std::string, double> overrides;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const dsp::Parameter& p = chain.parameter(i);
    known.push_back(expert_id(chain, i));
    if (const auto entry = field.find(known.back()))
      overrides[known.back()] = entry->number(p.minimum, p.maximum, p.unit);
  }
  field.only(known, "parameter");
  return overrides;
}

} // namespace

void put_sound(OrderedJson& object, const Sound& sound) {
  OrderedJson controls = OrderedJson::object(), knobs = controls, overrides = controls;
  for (const ControlSpec& spec : control_specs)
    if (const auto control = sound.controls.find(spec.id); control != sound.controls.end())
      controls[spec.id] = control_json(spec, control->second);
  const auto& model_knobs = sound.model->model.knobs;
  for (std::size_t k = 0; k < model_knobs.size(); ++k)
    knobs[model_knobs[k].key] = position_json(model_knobs[k], sound.knobs[k]);
  for (const auto& [id, value] : sound.overrides) overrides[id] = value;
  object["controls"] = controls;
  object["knobs"] = knobs;
  object["overrides"] = overrides;
}

Sound read_sound(const dsp::Field& field, LoadedModelPtr model) {
  Sound sound = initial_sound(model);
  if (const auto controls = field.find("controls")) sound.controls = read_controls(*controls);
  if (const auto knobs = field.find("knobs")) sound.knobs = read_knobs(*knobs, model->model);
  if (const auto overrides = field.find("overrides"))
    sound.overrides = read_overrides(*overrides, model->model.chain);
  return sound;
}

OrderedJson model_json(const LoadedModel& model) { return OrderedJson::parse(model.text); }

LoadedModelPtr read_model(const dsp::Json& json, const std::string& name_for_errors) {
  return load(dsp::parse_model(json.dump(), name_for_errors));
}

int read_version(const dsp::Field& file, const char* format, int newest) {
  const dsp::Field name = file.at("format");
  if (name.text() != format) name.fail(dsp::in_quotes(name.text()) + " must be " + dsp::in_quotes(format));
  const dsp::Field version = file.at("version");
  const double number = version.number(-1e300, 1e300);
  if (number > newest)
    version.fail(dsp::short_number(number) + " is newer than this plugin, which reads up to "
                 + std::to_string(newest));
  if (number < 1 || number != static_cast<int>(number))
    version.fail(dsp::short_number(number) + " is unknown");
  return static_cast<int>(number);
}

void check_size(std::string_view text, const std::string& name_for_errors) {
  constexpr std::size_t maximum = 2 * dsp::max_model_file_bytes + (1u << 20);
  if (text.size() > maximum)
    throw InputError(name_for_errors + ": its " + std::to_string(text.size() >> 20) + " MB are too many; "
                     + std::to_string(maximum >> 20) + " MB are allowed");
}

} // namespace raphson::plugin
