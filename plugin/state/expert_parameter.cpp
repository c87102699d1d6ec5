#include "plugin/state/expert_parameter.h"

#include "plugin/state/value_text.h"

#include <algorithm>
#include <limits>

namespace raphson::plugin {

ExpertParameter::ExpertParameter(const juce::ParameterID& id, const juce::String& title,
                                 const dsp::Parameter& parameter)
    : RangedAudioParameter(id, title), parameter_(parameter),
      range_(value_range(parameter.minimum, parameter.maximum, parameter.scale)),
      value_(static_cast<float>(parameter.initial)) {
  for (auto& told : told_) told.store(std::numeric_limits<float>::quiet_NaN()); // nothing yet
}

void ExpertParameter::remember() noexcept {
  told_[next_++ % told_.size()].store(getValue(), std::memory_order_relaxed);
}

void ExpertParameter::follow(double value) {
  if (is_overridden()) return;
  const auto followed = static_cast<float>(std::clamp(value, parameter_.minimum, parameter_.maximum));
  if (followed == value_.load(std::memory_order_relaxed)) return;
  value_.store(followed, std::memory_order_relaxed);
  remember();
  sendValueChangedMessageToListeners(getValue());
}

void ExpertParameter::override_with(double value) {
  value_.store(static_cast<float>(std::clamp(value, parameter_.minimum, parameter_.maximum)),
               std::memory_order_relaxed);
  overridden_.store(true, std::memory_order_release);
  remember();
  sendValueChangedMessageToListeners(getValue());
}

void ExpertParameter::reset() noexcept {
  remember(); // the last move may still be on its way back from the host
  overridden_.store(false, std::memory_order_release);
}

float ExpertParameter::getValue() const {
  return range_.convertTo0to1(value_.load(std::memory_order_relaxed));
}

float ExpertParameter::getDefaultValue() const {
  return range_.convertTo0to1(static_cast<float>(parameter_.initial));
}

void ExpertParameter::setValue(float normalised) {
  if (!std::isfinite(normalised)) return;
  if (is_overridden() && normalised == getValue()) return; // an echo, which would round what was set
  const bool by_hand = in_hand_.load(std::memory_order_relaxed);
  if (!is_overridden() && !by_hand && (!is_in_use() || is_echo(normalised))) return;
  value_.store(range_.convertFrom0to1(std::clamp(normalised, 0.0f, 1.0f)), std::memory_order_relaxed);
  if (is_in_use()) overridden_.store(true, std::memory_order_release);
}

bool ExpertParameter::is_echo(float normalised) const noexcept {
  constexpr float rounding = 2e-6f; // of hosts that keep six digits
  return std::abs(getValue() - normalised) <= rounding
         || std::any_of(told_.begin(), told_.end(), [normalised](const std::atomic<float>& told) {
              return std::abs(told.load(std::memory_order_relaxed) - normalised) <= rounding;
            });
}

juce::String ExpertParameter::getText(float normalised, int maximum_length) const {
  const juce::String text(format_value(range_.convertFrom0to1(normalised), parameter_.unit));
  return maximum_length > 0 ? text.substring(0, maximum_length) : text;
}

float ExpertParameter::getValueForText(const juce::String& text) const {
  const auto value = parse_value(text.toStdString(), parameter_.unit);
  return value ? range_.convertTo0to1(range_.snapToLegalValue(static_cast<float>(*value))) : getValue();
}

} // namespace raphson::plugin
