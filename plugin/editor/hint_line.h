// At the window's foot: what the mouse is over or the keyboard acts on, its value and what it does; on the
// right the sample rate and the latency.
#pragma once

#include "plugin/editor/look.h"
#include "plugin/processor.h"

namespace raphson::plugin {

class HintLine final : public juce::Component {
public:
  explicit HintLine(Processor& processor) : processor_(processor) { setInterceptsMouseClicks(false, false); }

  /// Looks where mouse and focus are within the window.
  void refresh(juce::Component& window);
  void paint(juce::Graphics&) override;

  struct Hint {
    juce::String title, value, help;
    bool operator==(const Hint&) const = default;
  };
  /// Of a component or of the nearest around it that has one.
  static Hint hint_for(juce::Component* component, const juce::Component& window);

private:
  juce::String engine_text() const;

  Processor& processor_;
  Hint hint_;
  juce::String engine_;
};

} // namespace raphson::plugin
