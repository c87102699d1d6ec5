#include "plugin/editor/icon_button.h"

#include "plugin/editor/palette.h"

#include <numbers>

namespace raphson::plugin {
namespace {

/// In a square from -8 to 8; filled where it is a surface.
struct Drawing {
  juce::Path path;
  bool filled = false;
};

juce::Path chevron(float direction) {
  juce::Path p;
  p.startNewSubPath(-2.5f * direction, -5);
  p.lineTo(2.5f * direction, 0);
  p.lineTo(-2.5f * direction, 5);
  return p;
}

/// An arrow bent back; direction -1 points to the left.
juce::Path bent_arrow(float direction) {
  juce::Path p;
  p.startNewSubPath(2.5f * direction, -7);
  p.lineTo(6 * direction, -3.5f);
  p.lineTo(2.5f * direction, 0);
  p.startNewSubPath(6 * direction, -3.5f);
  p.lineTo(-1.5f * direction, -3.5f);
  constexpr float pi = std::numbers::pi_v<float>;
  p.addCentredArc(-1.5f * direction, 0.75f, 4.25f, 4.25f, 0, 0, -pi * direction, false);
  p.lineTo(2 * direction, 5);
  return p;
}

Drawing drawing(Icon icon) {
  juce::Path p;
  switch (icon) {
  case Icon::previous:
    return {chevron(-1)};
  case Icon::next:
    return {chevron(1)};
  case Icon::undo:
    return {bent_arrow(-1)};
  case Icon::redo:
    return {bent_arrow(1)};
  case Icon::close:
    p.startNewSubPath(-4, -4), p.lineTo(4, 4), p.startNewSubPath(4, -4), p.lineTo(-4, 4);
    return {p};
  case Icon::play:
    p.addTriangle(-4, -6, 6, 0, -4, 6);
    return {p, true};
  case Icon::stop:
    p.addRectangle(-5, -5, 10, 10);
    return {p, true};
  case Icon::swap:
    p.startNewSubPath(-3, 6), p.lineTo(-3, -6), p.lineTo(-6, -3), p.startNewSubPath(-3, -6), p.lineTo(0, -3);
    p.startNewSubPath(4, -6), p.lineTo(4, 6), p.lineTo(1, 3), p.startNewSubPath(4, 6), p.lineTo(7, 3);
    return {p};
  }
  return {};
}

} // namespace

IconButton::IconButton(Icon icon, const juce::String& title, const juce::String& help)
    : Button(title), icon_(icon) {
  setTitle(title);
  setTooltip(help.isEmpty() ? title : help);
}

void IconButton::set_icon(Icon icon) {
  icon_ = icon;
  repaint();
}

void IconButton::paintButton(juce::Graphics& g, bool over, bool down) {
  getLookAndFeel().drawButtonBackground(g, *this, {}, over, down);
  g.setColour(isEnabled() ? palette::text : palette::text_off.withAlpha(0.6f));
  const auto centre = getLocalBounds().toFloat().getCentre();
  const auto [path, filled] = drawing(icon_);
  const auto move = juce::AffineTransform::translation(centre);
  if (filled)
    g.fillPath(path, move);
  else
    g.strokePath(path, {1.6f, juce::PathStrokeType::curved, juce::PathStrokeType::rounded}, move);
}

} // namespace raphson::plugin
