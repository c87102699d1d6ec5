#include "plugin/editor/hint_line.h"

#include "plugin/editor/knob.h"
#include "plugin/editor/palette.h"

namespace raphson::plugin {
namespace {

constexpr const char* general_hint = "Double-click resets, Shift drags finely, Enter types a value";

} // namespace

HintLine::Hint HintLine::hint_for(juce::Component* component, const juce::Component& window) {
  for (auto* c = component; c != nullptr && c != &window; c = c->getParentComponent()) {
    if (auto* knob = dynamic_cast<Knob*>(c)) {
      juce::String help = knob->getTooltip();
      if (knob->is_marked()) help = "Moved by hand; double-click or Delete to follow the model again";
      return {knob->getTitle(), type::with_minus(knob->value_text()), help};
    }
    if (auto* client = dynamic_cast<juce::TooltipClient*>(c)) {
      const juce::String help = client->getTooltip();
      if (help.isNotEmpty()) return {c->getTitle(), {}, help == c->getTitle() ? juce::String() : help};
    }
  }
  return {};
}

juce::String HintLine::engine_text() const {
  const double rate = processor_.getSampleRate();
  if (rate <= 0) return {};
  const int latency = processor_.getLatencySamples();
  return juce::String(rate / 1000, 1) + " kHz, latency " + juce::String(latency)
         + (latency == 1 ? " sample" : " samples");
}

void HintLine::refresh(juce::Component& window) {
  juce::Component* under = juce::Desktop::getInstance().getMainMouseSource().getComponentUnderMouse();
  if (under != nullptr && !window.isParentOf(under)) under = nullptr;
  Hint hint = hint_for(under, window);
  if (hint == Hint{})
    if (auto* focused = juce::Component::getCurrentlyFocusedComponent();
        focused && window.isParentOf(focused))
      hint = hint_for(focused, window);
  const juce::String engine = engine_text();
  if (hint == hint_ && engine == engine_) return;
  hint_ = hint;
  engine_ = engine;
  repaint();
}

void HintLine::paint(juce::Graphics& g) {
  auto area = getLocalBounds().toFloat();
  g.setFont(type::font(type::Size::small));
  g.setColour(palette::text_dim);
  type::draw(g, engine_, area.removeFromRight(216), juce::Justification::centredRight);
  const auto part = [&](const juce::String& text, juce::Colour colour, type::Weight weight) {
    if (text.isEmpty()) return;
    g.setFont(type::font(type::Size::small, weight));
    g.setColour(colour);
    type::draw(g, text, area, juce::Justification::centredLeft);
    area.removeFromLeft(type::width(text, g.getCurrentFont()) + 12);
  };
  if (hint_ == Hint{}) part(general_hint, palette::text_off, type::Weight::medium);
  part(hint_.title, palette::text, type::Weight::strong);
  part(hint_.value, palette::accent, type::Weight::strong);
  part(hint_.help, palette::text_dim, type::Weight::medium);
}

} // namespace raphson::plugin
