// The knob: a dark cap with a pointer inside an arc that shows its value.
#include "plugin/editor/look.h"
#include "plugin/editor/palette.h"

#include <cmath>

namespace raphson::plugin {
namespace {

using Point = juce::Point<float>;

struct Dial {
  Point centre;
  float radius; ///< of the arc
  float start, end, angle;

  Point at(float r, float a) const { return centre.getPointOnCircumference(r, a); }
  void arc(juce::Graphics& g, float from, float to, float thickness) const {
    juce::Path path;
    path.addCentredArc(centre.x, centre.y, radius, radius, 0, from, to, true);
    g.strokePath(path, {thickness, juce::PathStrokeType::curved, juce::PathStrokeType::rounded});
  }
};

void draw_arc(juce::Graphics& g, const Dial& dial, bool bipolar, bool enabled) {
  const float thickness = dial.radius > 40 ? 4.0f : 3.0f;
  g.setColour(palette::line);
  dial.arc(g, dial.start, dial.end, thickness);
  const float from = bipolar ? (dial.start + dial.end) / 2 : dial.start;
  g.setColour(enabled ? palette::accent : palette::text_off);
  if (std::abs(dial.angle - from) > 0.02f)
    dial.arc(g, std::min(from, dial.angle), std::max(from, dial.angle), thickness);
}

void draw_cap(juce::Graphics& g, const Dial& dial, float radius, bool lit) {
  const auto disc = [&](float r) { return juce::Rectangle<float>(2 * r, 2 * r).withCentre(dial.centre); };
  const float drop = radius * 0.12f;
  const auto shadow = disc(radius * 1.14f).translated(0, drop);
  g.setGradientFill({juce::Colours::black.withAlpha(0.55f), shadow.getCentre(),
                     juce::Colours::transparentBlack, shadow.getCentre().translated(radius * 1.14f, 0),
                     true});
  g.fillEllipse(shadow);
  const auto top = juce::Colour(lit ? 0xff57514a : 0xff4d4842), bottom = juce::Colour(0xff24211e);
  g.setGradientFill(
      juce::ColourGradient::vertical(top, disc(radius).getY(), bottom, disc(radius).getBottom()));
  g.fillEllipse(disc(radius));
  const float inner = radius * 0.86f; // the rim falls off, the face is nearly flat
  g.setGradientFill(juce::ColourGradient::vertical(juce::Colour(0xff3b3732), disc(inner).getY(),
                                                   juce::Colour(0xff2d2a26), disc(inner).getBottom()));
  g.fillEllipse(disc(inner));
  g.setColour(palette::text.withAlpha(0.10f));
  g.drawEllipse(disc(radius - 0.5f), 1);
}

void draw_pointer(juce::Graphics& g, const Dial& dial, float radius, bool enabled) {
  juce::Path line;
  line.startNewSubPath(dial.at(radius * 0.42f, dial.angle));
  line.lineTo(dial.at(radius * 0.90f, dial.angle));
  g.setColour(enabled ? palette::text : palette::text_off);
  g.strokePath(line,
               {std::max(2.0f, radius * 0.06f), juce::PathStrokeType::curved, juce::PathStrokeType::rounded});
}

} // namespace

void Look::drawRotarySlider(juce::Graphics& g, int x, int y, int width, int height, float position,
                            float start_angle, float end_angle, juce::Slider& slider) {
  const auto area = juce::Rectangle<int>(x, y, width, height).toFloat();
  const float radius = std::min(area.getWidth(), area.getHeight()) / 2 - 2;
  const Dial dial{area.getCentre().translated(0, radius > 40 ? 0.0f : 2.0f), radius, start_angle, end_angle,
                  start_angle + position * (end_angle - start_angle)};
  draw_arc(g, dial, slider.getProperties().contains(bipolar_property), slider.isEnabled());
  const float cap = dial.radius - (dial.radius > 40 ? 11.0f : 6.0f);
  draw_cap(g, dial, cap, slider.isMouseOverOrDragging());
  draw_pointer(g, dial, cap, slider.isEnabled());
}

} // namespace raphson::plugin
