#include "plugin/editor/focus_ring.h"

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
  const bool by_mouse = juce::ModifierKeys::currentModifiers.isAnyMouseButtonDown();
  const bool shown = focused != nullptr && parent != nullptr && parent->isParentOf(focused) && !by_mouse
                     && dynamic_cast<juce::TextEditor*>(focused) == nullptr;
  setVisible(shown);
  if (!shown) return;
  setBounds(parent->getLocalArea(focused, focused->getLocalBounds()).expanded(3));
  toFront(false);
}

void FocusRing::paint(juce::Graphics& g) {
  g.setColour(palette::accent);
  g.drawRoundedRectangle(getLocalBounds().toFloat().reduced(1), 6, 1.5f);
}

} // namespace raphson::plugin
