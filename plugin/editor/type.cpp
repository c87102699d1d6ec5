#include "plugin/editor/type.h"

#include "raphson_assets.h"

namespace raphson::plugin::type {
namespace {

juce::Typeface::Ptr typeface(Weight weight) {
  static const juce::Typeface::Ptr medium = juce::Typeface::createSystemTypefaceFor(
      raphson_assets::InterMedium_otf, raphson_assets::InterMedium_otfSize);
  static const juce::Typeface::Ptr strong = juce::Typeface::createSystemTypefaceFor(
      raphson_assets::InterSemiBold_otf, raphson_assets::InterSemiBold_otfSize);
  return weight == Weight::medium ? medium : strong;
}

constexpr float height_of_em =
    (2728.0f + 680.0f) / 2816.0f; // ascent and descent of Inter, which JUCE measures by

} // namespace

juce::Font font(Size size, Weight weight) {
  return juce::Font(typeface(weight)).withHeight(static_cast<float>(size) * height_of_em);
}

float width(const juce::String& text, const juce::Font& font) { return font.getStringWidthFloat(text); }

void draw(juce::Graphics& g, const juce::String& text, juce::Rectangle<float> area,
          juce::Justification justification, Overflow overflow) {
  const float needed = width(text, g.getCurrentFont());
  constexpr float rounding = 0.5f;
  if (overflow == Overflow::never && needed > area.getWidth() + rounding && on_cut_off)
    on_cut_off(text, needed, area.getWidth());
  g.drawText(text, area, justification, true);
}

juce::String with_minus(const juce::String& value) {
  return value.startsWithChar('-') && value.length() > 1
             ? juce::String::charToString(0x2212) + value.substring(1)
             : value;
}

} // namespace raphson::plugin::type
