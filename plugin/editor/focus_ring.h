// A ring around what the keyboard acts on, once the keyboard has led there; a click shows none.
#pragma once

#include "plugin/editor/look.h"

namespace raphson::plugin {

class FocusRing final : public juce::Component, private juce::FocusChangeListener {
public:
  FocusRing();
  ~FocusRing() override;
  void paint(juce::Graphics&) override;

private:
  void globalFocusChanged(juce::Component* focused) override;
};

} // namespace raphson::plugin
