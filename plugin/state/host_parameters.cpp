#include "plugin/state/host_parameters.h"

namespace raphson::plugin {
namespace {

constexpr int version_hint = 1; // AU orders parameters by it: those of later versions get higher ones

bool toggle_value(const juce::String& text) {
  const auto word = text.trim().toLowerCase();
  return word == "on" || word == "yes" || word == "true" || word == "1";
}

std::string title(const dsp::Parameter& parameter, dsp::BlockType block) {
  std::string label = parameter.label;
  label[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(label[0])));
  return block == dsp::BlockType::compressor ? label : "EQ " + std::string(parameter.label);
}

} // namespace

std::string expert_id(dsp::BlockType block, const dsp::Parameter& parameter) {
  if (block != dsp::BlockType::compressor) return std::string(dsp::to_string(block)) + "_" + parameter.name;
  return find_control(parameter.name) ? "model_" + std::string(parameter.name) : parameter.name;
}

std::string expert_id(const dsp::ChainSettings& chain, std::size_t index) {
  const dsp::Parameter& parameter = chain.parameter(index);
  const bool of_compressor = chain.name(index) == parameter.name;
  return expert_id(of_compressor ? dsp::BlockType::compressor : dsp::BlockType::equaliser, parameter);
}

HostParameters::Layout HostParameters::create() {
  Layout layout;
  for (std::size_t i = 0; i < control_specs.size(); ++i) layout.add(create(i));
  for (std::size_t i = 0; i < knob_count; ++i) {
    auto knob = std::make_unique<KnobParameter>(static_cast<int>(i) + 1);
    knobs_[i] = knob.get();
    layout.add(std::move(knob));
  }
  for (const dsp::BlockType block : {dsp::BlockType::compressor, dsp::BlockType::equaliser})
    for (const dsp::Parameter& parameter : dsp::parameters(block)) {
      auto expert =
          std::make_unique<ExpertParameter>(expert_id(block, parameter), title(parameter, block), parameter);
      experts_.push_back(expert.get());
      layout.add(std::move(expert));
    }
  return layout;
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
