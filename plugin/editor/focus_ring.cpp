#include "plugin/editor/focus_ring.h"

#include "plugin/editor/knob.h"
#include "plugin/editor/palette.h"

namespace raphson::plugin {

FocusRing::FocusRing() {
  setInterceptsMouseClicks(false, false);
  setAccessible(false);
  juce::Desktop::getInstance().addFocusChangeListener(this);
}

FocusRing::~FocusRing() { juce::Desktop::getInstance().removeFocusChangeListener(this); }

void FocusRing::globalFocusChanged(juce::Component* focused) {
  auto* parent = getParentComponent();
  // This comes late, when a quick click is over already.
  constexpr int click_ms = 300;
  const auto pressed = juce::Desktop::getInstance().getMainMouseSource().getLastMouseDownTime();
  const bool by_mouse = (juce::Time::getCurrentTime() - pressed).inMilliseconds() < click_ms;
  const bool shown = focused != nullptr && parent != nullptr && parent->isParentOf(focused) && !by_mouse
                     && dynamic_cast<juce::TextEditor*>(focused) == nullptr;
  setVisible(shown);
  if (!shown) return;
  if (auto* knob = focused->findParentComponentOfClass<Knob>()) focused = knob; // with its name and value
  setBounds(parent->getLocalArea(focused, focused->getLocalBounds()).expanded(3));
  toFront(false);
}

void FocusRing::paint(juce::Graphics& g) {
  g.setColour(palette::accent);
  g.drawRoundedRectangle(getLocalBounds().toFloat().reduced(1), 6, 1.5f);
}

} // namespace raphson::plugin
