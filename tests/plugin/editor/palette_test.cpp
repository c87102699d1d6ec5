// Text is legible: WCAG 2.1's contrast, computed here from its definition (1.4.3, and "relative luminance").
#include "plugin/editor/palette.h"
#include "tests/catch.h"

#include <algorithm>
#include <cmath>

namespace {

double luminance(juce::Colour colour) {
  const auto linear = [](juce::uint8 byte) {
    const double c = byte / 255.0;
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(colour.getRed()) + 0.7152 * linear(colour.getGreen())
         + 0.0722 * linear(colour.getBlue());
}

double contrast(juce::Colour a, juce::Colour b) {
  const double one = luminance(a), two = luminance(b), low = std::min(one, two), high = std::max(one, two);
  return (high + 0.05) / (low + 0.05);
}

} // namespace

TEST_CASE("The contrast of black and white is 21, that of a colour and itself 1") {
  CHECK(contrast(juce::Colours::black, juce::Colours::white) == Approx(21));
  CHECK(contrast(juce::Colour(0xff777777), juce::Colours::white)
        == Approx(4.478).margin(0.001)); // the known near miss
  CHECK(contrast(juce::Colours::red, juce::Colours::red) == Approx(1));
}

TEST_CASE("Every text has a contrast of 4.5 at least") {
  for (const auto& pair : raphson::plugin::palette::pairs) {
    CAPTURE(pair.what);
    CHECK(contrast(pair.text, pair.background) >= 4.5);
  }
}
