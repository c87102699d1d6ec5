// A toggle with a lamp, bound to a host parameter.
#pragma once

#include "plugin/editor/look.h"

#include <juce_audio_processors/juce_audio_processors.h>

namespace raphson::plugin {

class LampButton final : public juce::ToggleButton {
public:
  LampButton(juce::RangedAudioParameter& parameter, const juce::String& label, const juce::String& help)
      : ToggleButton(label), attachment_(parameter, *this) {
    setTitle(parameter.getName(64));
    setTooltip(help);
    setComponentID(parameter.getParameterID());
  }

private:
  juce::ButtonParameterAttachment attachment_;
};

} // namespace raphson::plugin
