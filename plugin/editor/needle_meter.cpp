#include "plugin/editor/needle_meter.h"

#include "plugin/editor/palette.h"

#include <cmath>
#include <numbers>

namespace raphson::plugin {
namespace {

constexpr int readout_height = 40;
constexpr float sweep = 0.84f; ///< radians to either side

/// The needle turns about a point below the face.
struct Geometry {
  juce::Point<float> pivot;
  float radius; ///< of the scale's line

  explicit Geometry(juce::Rectangle<float> face)
      : pivot(face.getCentreX(), face.getBottom() + face.getHeight() * 0.26f),
        radius(face.getHeight() * 0.92f) {}

  juce::Point<float> at(float r, float angle) const { return pivot.getPointOnCircumference(r, angle); }
};

float angle_of(float reduction_db) { return sweep * (2 * std::pow(10.0f, -reduction_db / 20) - 1); }

} // namespace

NeedleMeter::Face::Face() {
  setInterceptsMouseClicks(false, false);
  setBufferedToImage(true);
  setAccessible(false);
}

void NeedleMeter::Face::paint(juce::Graphics& g) {
  const auto area = getLocalBounds().toFloat();
  const Geometry geometry(area);
  juce::Path shape;
  shape.addRoundedRectangle(area.getX(), area.getY(), area.getWidth(), area.getHeight(), 5, 5, true, true,
                            false, false);
  g.saveState();
  g.reduceClipRegion(shape);
  g.setGradientFill({palette::face, area.getCentreX(), area.getBottom() - 8, palette::face_edge,
                     area.getX() - 8, area.getY() - 24, true}); // a lamp behind, below the middle
  g.fillRect(area);

  g.setColour(palette::on_face);
  juce::Path line;
  line.addCentredArc(geometry.pivot.x, geometry.pivot.y, geometry.radius, geometry.radius, 0, angle_of(30),
                     angle_of(0), true);
  g.strokePath(line, juce::PathStrokeType(1.5f));
  for (const int db : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 30}) {
    const float angle = angle_of(static_cast<float>(db));
    const bool numbered =
        db == 0 || db == 1 || db == 2 || db == 3 || db == 5 || db == 7 || db == 10 || db == 20;
    g.drawLine(
        {geometry.at(geometry.radius, angle), geometry.at(geometry.radius + (numbered ? 9.0f : 5.0f), angle)},
        numbered ? 1.75f : 1.0f);
    if (!numbered) continue;
    g.setFont(type::font(type::Size::body, type::Weight::strong));
    const auto number = juce::Rectangle<float>(28, 16).withCentre(geometry.at(geometry.radius + 19, angle));
    type::draw(g, juce::String(db), number, juce::Justification::centred);
  }
  g.setFont(type::font(type::Size::small, type::Weight::strong));
  const auto caption = juce::Rectangle<float>(160, 16).withCentre(geometry.at(geometry.radius * 0.70f, 0));
  type::draw(g, "GAIN REDUCTION", caption, juce::Justification::centred);
  type::draw(g, "dB", caption.translated(0, 16), juce::Justification::centred);

  g.setGradientFill(juce::ColourGradient::vertical(juce::Colours::black.withAlpha(0.35f), area.getY(),
                                                   juce::Colours::transparentBlack, area.getY() + 12));
  g.fillRect(area.withHeight(12)); // the bezel's shadow
  g.restoreState();
}

NeedleMeter::NeedleMeter() {
  setTitle("Gain reduction");
  setTooltip("Gain reduction now, and the deepest so far; a click forgets the deepest");
  addAndMakeVisible(face_);
}

void NeedleMeter::add(const MeterFrame& frame) {
  if (silent_s_ > 0) incoming_db_ = 0;
  silent_s_ = 0;
  incoming_db_ = std::max(incoming_db_, frame.gain_reduction_db);
}

void NeedleMeter::refresh(double elapsed_s) {
  constexpr double longest_block_s =
      0.3; // a long block brings no frame for a while; then the audio has stopped
  target_db_ = silent_s_ > longest_block_s ? 0 : incoming_db_;
  silent_s_ += elapsed_s;
  constexpr double inertia_s = 0.035; // a light needle
  const auto follow = static_cast<float>(1 - std::exp(-elapsed_s / inertia_s));
  const float before = shown_db_;
  shown_db_ += follow * (target_db_ - shown_db_);
  deepest_db_ = std::max(deepest_db_, target_db_);
  if (std::abs(angle_of(before) - angle_of(shown_db_)) > 5e-4f) repaint(face_.getBounds());
  number_age_s_ += elapsed_s;
  constexpr double readable_s = 0.12;
  if (number_age_s_ < readable_s || std::abs(number_db_ - shown_db_) < 0.05f) return;
  number_age_s_ = 0;
  number_db_ = shown_db_;
  repaint(readout_area());
}

juce::Rectangle<int> NeedleMeter::readout_area() const {
  return getLocalBounds().reduced(grid_px).removeFromBottom(readout_height - grid_px);
}

void NeedleMeter::resized() {
  face_.setBounds(getLocalBounds().reduced(grid_px).withTrimmedBottom(readout_height - grid_px));
}

void NeedleMeter::paint(juce::Graphics& g) {
  draw_panel(g, getLocalBounds().toFloat());
  auto area = getLocalBounds().reduced(grid_px).toFloat();
  g.setColour(palette::window);
  g.fillRoundedRectangle(area, 6);
  area = readout_area().toFloat().reduced(grid_px + 4, 0);
  g.setFont(type::font(type::Size::title, type::Weight::strong));
  g.setColour(palette::text);
  type::draw(
      g, type::with_minus(number_db_ < 0.05f ? juce::String("0.0 dB") : juce::String(-number_db_, 1) + " dB"),
      area, juce::Justification::centredLeft);
  g.setFont(type::font(type::Size::small));
  g.setColour(palette::text_dim);
  type::draw(
      g,
      "deepest "
          + type::with_minus(deepest_db_ < 0.05f ? juce::String("0.0") : juce::String(-deepest_db_, 1)),
      area, juce::Justification::centredRight);
}

void NeedleMeter::paintOverChildren(juce::Graphics& g) {
  juce::Graphics::ScopedSaveState state(g);
  g.reduceClipRegion(face_.getBounds());
  paint_needle(g);
}

void NeedleMeter::paint_needle(juce::Graphics& g) const {
  const Geometry geometry(face_.getBounds().toFloat());
  const float angle = angle_of(shown_db_), tip = geometry.radius + 6;
  juce::Path needle;
  needle.startNewSubPath(geometry.at(tip, angle));
  needle.lineTo(geometry.at(0, angle).getPointOnCircumference(2.2f, angle + std::numbers::pi_v<float> / 2));
  needle.lineTo(geometry.at(0, angle).getPointOnCircumference(2.2f, angle - std::numbers::pi_v<float> / 2));
  needle.closeSubPath();
  g.setColour(juce::Colours::black.withAlpha(0.22f));
  g.fillPath(needle, juce::AffineTransform::translation(3, 3)); // its shadow on the scale
  g.setColour(palette::on_face);
  g.fillPath(needle);
  const auto face = face_.getBounds().toFloat();
  juce::Path hub;
  hub.addEllipse(juce::Rectangle<float>(96, 60).withCentre({face.getCentreX(), face.getBottom() + 20}));
  g.setColour(palette::window);
  g.fillPath(hub);
}

void NeedleMeter::mouseUp(const juce::MouseEvent&) {
  deepest_db_ = 0;
  repaint(readout_area());
}

std::unique_ptr<juce::AccessibilityHandler> NeedleMeter::createAccessibilityHandler() {
  struct Value final : juce::AccessibilityTextValueInterface {
    explicit Value(NeedleMeter& m) : meter(m) {}
    bool isReadOnly() const override { return true; }
    juce::String getCurrentValueAsString() const override {
      return juce::String(meter.number_db_, 1) + " dB";
    }
    void setValueAsString(const juce::String&) override {}
    NeedleMeter& meter;
  };
  return std::make_unique<juce::AccessibilityHandler>(
      *this, juce::AccessibilityRole::staticText, juce::AccessibilityActions{},
      juce::AccessibilityHandler::Interfaces{std::make_unique<Value>(*this)});
}

} // namespace raphson::plugin
