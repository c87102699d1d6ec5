// The controls around the model, always in view at the bottom of the window.
#pragma once

#include "plugin/editor/knob.h"
#include "plugin/editor/lamp_button.h"
#include "plugin/editor/segments.h"

namespace raphson::plugin {

class ControlsStrip final : public juce::Component {
public:
  explicit ControlsStrip(juce::AudioProcessorValueTreeState& parameters);

  void paint(juce::Graphics&) override;
  void resized() override;

private:
  juce::OwnedArray<Knob> knobs_;
  ParameterSegments oversampling_;
  juce::Rectangle<int> oversampling_name_;
  juce::OwnedArray<LampButton> lamps_;
};

} // namespace raphson::plugin
