// Text: Inter in two weights and four sizes, digits all of one width. All text of the window goes through
// draw(), which never lets a word be cut off unnoticed.
#pragma once

#include <juce_gui_basics/juce_gui_basics.h>

#include <functional>

namespace raphson::plugin::type {

enum class Size { small = 12, body = 14, title = 20, large = 28 }; ///< of the em, in pixels at 100 %
enum class Weight { medium, strong };

juce::Font font(Size size, Weight weight = Weight::medium);
float width(const juce::String& text, const juce::Font& font);

enum class Overflow {
  never,  ///< the text must fit
  shorten ///< names that users make up end in an ellipsis where they are too long
};

void draw(juce::Graphics& g, const juce::String& text, juce::Rectangle<float> area,
          juce::Justification justification, Overflow overflow = Overflow::never);

/// Told of each text that did not fit where it must; a test listens.
inline std::function<void(const juce::String& text, float width, float room)> on_cut_off;

/// "-3.0 dB" with the minus that is as wide as a digit.
juce::String with_minus(const juce::String& value);

} // namespace raphson::plugin::type
