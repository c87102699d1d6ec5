#include "plugin/state/host_parameters.h"

#include <algorithm>
#include <cctype>

namespace raphson::plugin {
namespace {

constexpr int version_hint = 1; // AU orders parameters by it: those of later versions get higher ones

bool toggle_value(const juce::String& text) {
  const auto word = text.trim().toLowerCase();
  return word == "on" || word == "yes" || word == "true" || word == "1";
}

/// "Threshold", "EQ peak 1 gain", "EQ 2 peak 1 gain", "Saturation drive", "Linear direct gain".
std::string title(const dsp::ChainSettings& chain, std::size_t index) {
  std::string label = chain.parameter(index).label;
  const std::string name = chain.name(index), block = name.substr(0, name.find('.'));
  if (block == name) {
    label[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(label[0])));
    return label;
  }
  if (block == "rational") return "Linear " + label;
  return (block == "eq" ? "EQ " : block == "eq2" ? "EQ 2 " : "Saturation ") + label;
}

} // namespace

std::string expert_id(const dsp::ChainSettings& chain, std::size_t index) {
  std::string name = chain.name(index);
  if (find_control(name)) return "model_" + name;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

HostParameters::Layout HostParameters::create() {
  Layout layout;
  for (std::size_t i = 0; i < control_specs.size(); ++i) layout.add(create(i));
  for (std::size_t i = 0; i < knob_count; ++i) {
    auto knob = std::make_unique<KnobParameter>(static_cast<int>(i) + 1);
    knobs_[i] = knob.get();
    layout.add(std::move(knob));
  }
  create_experts("compressor+eq", version_hint, layout);
  create_experts("dynamics+saturation+eq+eq", 2, layout);
  create_experts("rational", 3, layout);
  return layout;
}

/// Those that are not there yet.
void HostParameters::create_experts(const char* name, int version, Layout& layout) {
  const dsp::ChainSettings chain = dsp::parse_chain(name);
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const std::string id = expert_id(chain, i);
    if (find_expert(id)) continue;
    auto expert = std::make_unique<ExpertParameter>(juce::ParameterID(id, version), title(chain, i),
                                                    chain.parameter(i));
    experts_.push_back(expert.get());
    layout.add(std::move(expert));
  }
}

std::unique_ptr<juce::RangedAudioParameter> HostParameters::create(std::size_t index) {
  const ControlSpec& spec = control_specs[index];
  const juce::ParameterID id(spec.id, version_hint);
  if (spec.kind == ControlKind::toggle) {
    const auto attributes = juce::AudioParameterBoolAttributes()
                                .withStringFromValueFunction([](bool on, int) { return on ? "on" : "off"; })
                                .withValueFromStringFunction(toggle_value);
    auto toggle = std::make_unique<juce::AudioParameterBool>(id, spec.name, spec.initial != 0, attributes);
    toggles_[index] = toggle.get();
    return toggle;
  }
  if (spec.kind == ControlKind::oversampling) {
    auto choice =
        std::make_unique<juce::AudioParameterChoice>(id, spec.name, juce::StringArray{"1x", "2x", "4x"}, 0);
    choices_[index] = choice.get();
    return choice;
  }
  auto value = std::make_unique<ControlParameter>(spec);
  values_[index] = value.get();
  return value;
}

double HostParameters::control(std::size_t index) const noexcept {
  if (values_[index]) return values_[index]->value();
  if (choices_[index]) return 1 << choices_[index]->getIndex();
  return toggles_[index]->get() ? 1 : 0;
}

void HostParameters::set_control(std::size_t index, double value) {
  if (values_[index]) values_[index]->set(value);
  if (choices_[index]) *choices_[index] = value >= 4 ? 2 : value >= 2 ? 1 : 0;
  if (toggles_[index]) *toggles_[index] = value != 0;
}

Controls HostParameters::controls() const noexcept {
  Controls c;
  c.input_gain_db = control(control_index("input_gain_db"));
  c.output_gain_db = control(control_index("output_gain_db"));
  c.mix = control(control_index("mix")) / 100;
  c.stereo_link = control(control_index("stereo_link")) / 100;
  c.sidechain_highpass_hz = control(control_index("sidechain_highpass_hz"));
  c.look_ahead_ms = control(control_index("look_ahead_ms"));
  c.oversampling = static_cast<int>(control(control_index("oversampling")));
  c.external_sidechain = control(control_index("external_sidechain")) != 0;
  c.auto_makeup = control(control_index("auto_makeup")) != 0;
  c.bypass = control(control_index("bypass")) != 0 || host_bypass_.load(std::memory_order_relaxed);
  c.delta = control(control_index("delta")) != 0;
  return c;
}

ExpertParameter* HostParameters::find_expert(const juce::String& id) const {
  for (ExpertParameter* expert : experts_)
    if (expert->paramID == id) return expert;
  return nullptr;
}

std::vector<ExpertParameter*> HostParameters::of_chain(const dsp::ChainSettings& chain) const {
  std::vector<ExpertParameter*> found;
  for (std::size_t i = 0; i < chain.size(); ++i) found.push_back(find_expert(expert_id(chain, i)));
  return found;
}

} // namespace raphson::plugin
