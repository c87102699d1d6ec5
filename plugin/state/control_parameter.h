// A control with a number, as the host sees it. Unlike JUCE's AudioParameterFloat it can be set to a value
// exactly, not only to the nearest that 0..1 in float leads to, so that presets come back as they were saved.
#pragma once

#include "plugin/state/controls_table.h"
#include "plugin/state/value_range.h"

#include <atomic>

namespace raphson::plugin {

class ControlParameter final : public juce::RangedAudioParameter {
public:
  explicit ControlParameter(const ControlSpec& spec);

  /// In the control's unit. Any thread.
  float value() const noexcept { return value_.load(std::memory_order_relaxed); }
  /// Tells the host. Message thread.
  void set(double value);

  const juce::NormalisableRange<float>& getNormalisableRange() const override { return range_; }
  float getValue() const override { return range_.convertTo0to1(value()); }
  void setValue(float normalised) override;
  float getDefaultValue() const override { return range_.convertTo0to1(static_cast<float>(spec_.initial)); }
  int getNumSteps() const override { return juce::AudioProcessor::getDefaultNumParameterSteps(); }
  juce::String getText(float normalised, int maximum_length) const override;
  float getValueForText(const juce::String& text) const override;

private:
  const ControlSpec& spec_;
  const ValueRange range_;
  std::atomic<float> value_;
};

} // namespace raphson::plugin
