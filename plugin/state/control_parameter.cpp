#include "plugin/state/control_parameter.h"

#include "plugin/state/value_text.h"

namespace raphson::plugin {
namespace {

constexpr double lowest_hz = 20;

ValueRange range_of(const ControlSpec& spec) {
  return spec.kind == ControlKind::linear ? value_range(spec.minimum, spec.maximum, dsp::Scale::linear)
                                          : value_range_or_off(lowest_hz, spec.maximum);
}

bool can_be_off(const ControlSpec& spec) { return spec.kind == ControlKind::logarithmic_or_off; }

} // namespace

ControlParameter::ControlParameter(const ControlSpec& spec)
    : RangedAudioParameter(juce::ParameterID(spec.id, 1), spec.name), spec_(spec), range_(range_of(spec)),
      value_(static_cast<float>(spec.initial)) {}

void ControlParameter::set(double value) {
  const float legal = range_.snapToLegalValue(static_cast<float>(value));
  if (value_.exchange(legal, std::memory_order_relaxed) != legal)
    sendValueChangedMessageToListeners(getValue());
}

void ControlParameter::setValue(float normalised) {
  if (!std::isfinite(normalised)) return;
  if (normalised == getValue()) return; // the host's echo, which would round what was set
  value_.store(range_.convertFrom0to1(std::clamp(normalised, 0.0f, 1.0f)), std::memory_order_relaxed);
}

juce::String ControlParameter::getText(float normalised, int maximum_length) const {
  const float shown = range_.convertFrom0to1(normalised);
  const juce::String text(can_be_off(spec_) && shown == 0 ? "off" : format_value(shown, spec_.unit));
  return maximum_length > 0 ? text.substring(0, maximum_length) : text;
}

/// What is no value leaves the parameter where it stands.
float ControlParameter::getValueForText(const juce::String& text) const {
  if (can_be_off(spec_) && text.trim().equalsIgnoreCase("off")) return 0;
  const auto typed = parse_value(text.toStdString(), spec_.unit);
  return typed ? range_.convertTo0to1(range_.snapToLegalValue(static_cast<float>(*typed))) : getValue();
}

} // namespace raphson::plugin
