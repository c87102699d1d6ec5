#include "plugin/state/knob_parameter.h"

#include "plugin/state/value_text.h"

#include <algorithm>
#include <cmath>

namespace raphson::plugin {

double knob_position(const dsp::Knob& knob, double normalised) noexcept {
  if (knob.is_switch()) return std::round(normalised * static_cast<double>(knob.positions.size() - 1));
  return knob.minimum + normalised * (knob.maximum - knob.minimum);
}

double normalised_position(const dsp::Knob& knob, double position) noexcept {
  const double n = knob.is_switch() ? position / static_cast<double>(knob.positions.size() - 1)
                                    : (position - knob.minimum) / (knob.maximum - knob.minimum);
  return std::clamp(n, 0.0, 1.0);
}

KnobParameter::KnobParameter(int number)
    : RangedAudioParameter(juce::ParameterID("knob" + juce::String(number), 1),
                           "Knob " + juce::String(number),
                           juce::AudioProcessorParameterWithIDAttributes().withMeta(true)) {}

void KnobParameter::show(std::optional<dsp::Knob> knob) {
  const std::lock_guard lock(mutex_);
  knob_ = std::move(knob);
}

std::optional<dsp::Knob> KnobParameter::knob() const {
  const std::lock_guard lock(mutex_);
  return knob_;
}

void KnobParameter::setValue(float normalised) {
  if (std::isfinite(normalised)) value_.store(std::clamp(normalised, 0.0f, 1.0f), std::memory_order_relaxed);
}

float KnobParameter::getDefaultValue() const {
  const auto shown = knob();
  return shown ? static_cast<float>(normalised_position(*shown, shown->initial)) : 0;
}

juce::String KnobParameter::getName(int maximum_length) const {
  const auto shown = knob();
  return juce::String::fromUTF8(shown ? shown->name.c_str() : "-").substring(0, maximum_length);
}

juce::String KnobParameter::getText(float normalised, int maximum_length) const {
  const auto shown = knob();
  if (!shown) return "-";
  const double position = knob_position(*shown, std::clamp(normalised, 0.0f, 1.0f));
  juce::String text =
      shown->is_switch()
          ? juce::String::fromUTF8(shown->positions[static_cast<std::size_t>(position)].c_str())
          : juce::String::fromUTF8(format_value(position, shown->unit).c_str());
  return maximum_length > 0 ? text.substring(0, maximum_length) : text;
}

float KnobParameter::getValueForText(const juce::String& text) const {
  const auto shown = knob();
  if (!shown) return value();
  if (shown->is_switch())
    for (std::size_t i = 0; i < shown->positions.size(); ++i)
      if (text.trim().equalsIgnoreCase(juce::String::fromUTF8(shown->positions[i].c_str())))
        return static_cast<float>(normalised_position(*shown, static_cast<double>(i)));
  const auto typed = parse_value(text.toStdString(), shown->unit);
  return typed && !shown->is_switch() ? static_cast<float>(normalised_position(*shown, *typed)) : value();
}

int KnobParameter::getNumSteps() const {
  const auto shown = knob();
  return shown && shown->is_switch() ? static_cast<int>(shown->positions.size())
                                     : juce::AudioProcessor::getDefaultNumParameterSteps();
}

bool KnobParameter::isDiscrete() const {
  const auto shown = knob();
  return shown && shown->is_switch();
}

} // namespace raphson::plugin
