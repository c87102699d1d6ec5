#include "plugin/editor/gain_history.h"

#include "plugin/editor/palette.h"

namespace raphson::plugin {
namespace {

constexpr float deepest_db = 20, lowest_db = -60;
constexpr int seconds = 6;

} // namespace

GainHistory::GainHistory() {
  ring_.fill({0, MeterFrame::silence_db});
  gathering_ = ring_[0];
  setTitle("History");
  setTooltip("Gain reduction of the last 6 seconds, and behind it the peaks that came in");
  setOpaque(false);
}

void GainHistory::add(const MeterFrame& frame) {
  gathering_.reduction_db = std::max(gathering_.reduction_db, frame.gain_reduction_db);
  gathering_.input_db = std::max({gathering_.input_db, frame.input_peak_db[0], frame.input_peak_db[1]});
  silent_s_ = 0;
}

void GainHistory::refresh(double elapsed_s) {
  silent_s_ += elapsed_s;
  constexpr double longest_block_s =
      0.3; // without a frame for longer the audio stands still, and so does this
  if (silent_s_ > longest_block_s) return;
  gathered_s_ += elapsed_s;
  if (gathered_s_ < column_s) return;
  for (; gathered_s_ >= column_s; gathered_s_ -= column_s) {
    ring_[next_] = gathering_;
    next_ = (next_ + 1) % columns;
  }
  if (silent_s_ <= elapsed_s) gathering_ = {0, MeterFrame::silence_db}; // else a long block: its frame lasts
  repaint(plot().toNearestInt());
}

juce::Rectangle<float> GainHistory::plot() const {
  return getLocalBounds().toFloat().reduced(8).withTrimmedTop(20).withTrimmedRight(28).withTrimmedBottom(18);
}

float GainHistory::y_of_reduction(float db) const {
  const auto area = plot();
  return area.getY() + area.getHeight() * std::clamp(db / deepest_db, 0.0f, 1.0f);
}

float GainHistory::y_of_level(float db) const {
  const auto area = plot();
  return area.getBottom() - area.getHeight() * std::clamp((db - lowest_db) / (0 - lowest_db), 0.0f, 1.0f);
}

void GainHistory::paint_grid(juce::Graphics& g) const {
  const auto area = plot();
  g.setFont(type::font(type::Size::small));
  for (const int db : {0, 5, 10, 15, 20}) {
    const float y = y_of_reduction(static_cast<float>(db));
    g.setColour(palette::line.withAlpha(0.6f));
    if (db > 0 && db < 20) g.fillRect(area.withY(y).withHeight(1));
    g.setColour(palette::text_dim);
    type::draw(g, type::with_minus(juce::String(-db)),
               juce::Rectangle<float>(26, 14).withPosition(
                   area.getRight() + 3, std::clamp(y - 7, area.getY(), area.getBottom() - 14)),
               juce::Justification::centredRight);
  }
  for (int s = 0; s <= seconds; s += 2) {
    const float x = area.getRight() - area.getWidth() * static_cast<float>(s) / seconds;
    g.setColour(palette::line.withAlpha(0.6f));
    if (s > 0 && s < seconds) g.fillRect(area.withX(x).withWidth(1));
    g.setColour(palette::text_dim);
    const auto text = s == 0 ? juce::String("now") : type::with_minus(juce::String(-s)) + " s";
    const auto label = juce::Rectangle<float>(32, 14).withCentre({x, area.getBottom() + 11});
    type::draw(g, text,
               s == 0         ? label.withX(area.getRight() - label.getWidth())
               : s == seconds ? label.withX(area.getX())
                              : label,
               s == 0         ? juce::Justification::centredRight
               : s == seconds ? juce::Justification::centredLeft
                              : juce::Justification::centred);
  }
}

template <class Y> juce::Path GainHistory::curve(Y y) const {
  const auto area = plot();
  juce::Path path;
  path.preallocateSpace(3 * static_cast<int>(columns) + 12);
  for (std::size_t i = 0; i < columns; ++i) {
    const float x = area.getX() + area.getWidth() * static_cast<float>(i) / static_cast<float>(columns - 1);
    const juce::Point<float> point{x, y(ring_[(next_ + i) % columns])};
    if (i == 0)
      path.startNewSubPath(point);
    else
      path.lineTo(point);
  }
  return path;
}

void GainHistory::paint(juce::Graphics& g) {
  draw_panel(g, getLocalBounds().toFloat());
  const auto area = plot();
  g.setFont(type::font(type::Size::small));
  g.setColour(palette::text_dim);
  auto head = getLocalBounds().toFloat().reduced(8).removeFromTop(16);
  type::draw(g, "Gain reduction, dB", head, juce::Justification::centredLeft);
  type::draw(g, "input peaks", head.withTrimmedRight(28), juce::Justification::centredRight);
  g.fillRoundedRectangle(
      juce::Rectangle<float>(8, 8).withCentre({head.getRight() - 28 - 78, head.getCentreY()}), 2);

  draw_well(g, area);
  g.saveState();
  g.reduceClipRegion(area.toNearestInt());
  auto level = curve([&](const Column& c) { return y_of_level(c.input_db); });
  level.lineTo(area.getBottomRight());
  level.lineTo(area.getBottomLeft());
  level.closeSubPath();
  g.setColour(palette::text_dim.withAlpha(0.22f));
  g.fillPath(level);
  g.restoreState();
  paint_grid(g);

  g.reduceClipRegion(area.toNearestInt());
  const auto line = curve([&](const Column& c) { return y_of_reduction(c.reduction_db); });
  auto below = line;
  below.lineTo(area.getTopRight());
  below.lineTo(area.getTopLeft());
  below.closeSubPath();
  g.setColour(palette::accent.withAlpha(0.28f));
  g.fillPath(below);
  g.setColour(palette::accent);
  g.strokePath(line, juce::PathStrokeType(1.5f, juce::PathStrokeType::curved));
}

} // namespace raphson::plugin
