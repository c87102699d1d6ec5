#include "plugin/editor/level_meter.h"

#include "plugin/editor/palette.h"

#include <cmath>

namespace raphson::plugin {
namespace {

constexpr float lowest_db = -60, top_db = 6;

} // namespace

LevelMeter::LevelMeter(Side side) : side_(side), highest_db_(MeterFrame::silence_db) {
  for (auto& channel : channels_)
    channel = {MeterFrame::silence_db, MeterFrame::silence_db, MeterFrame::silence_db, 0};
  setTitle(side == Side::input ? "Input level" : "Output level");
  setTooltip("Peak level, dBFS; the number is the highest so far, a click forgets it");
}

void LevelMeter::add(const MeterFrame& frame) {
  const float* peak_db = side_ == Side::input ? frame.input_peak_db : frame.output_peak_db;
  for (std::size_t c = 0; c < channels_.size(); ++c)
    channels_[c].incoming_db = std::max(channels_[c].incoming_db, peak_db[c]);
}

void LevelMeter::refresh(double elapsed_s) {
  bool changed = false;
  for (Channel& c : channels_) {
    const float before = y_of(c.shown_db), held_before = y_of(c.held_db), highest_before = highest_db_;
    constexpr double fall_db_per_s = 24, hold_s = 1.5;
    c.shown_db = std::max(c.incoming_db, c.shown_db - static_cast<float>(fall_db_per_s * elapsed_s));
    c.held_s += elapsed_s;
    if (c.shown_db >= c.held_db || c.held_s > hold_s) c.held_db = c.shown_db, c.held_s = 0;
    highest_db_ = std::max(highest_db_, c.incoming_db);
    c.incoming_db = MeterFrame::silence_db;
    changed = changed || std::abs(before - y_of(c.shown_db)) > 0.2f
              || std::abs(held_before - y_of(c.held_db)) > 0.2f || highest_db_ - highest_before >= 0.05f;
  }
  if (changed) repaint();
}

juce::Rectangle<float> LevelMeter::bars() const {
  return getLocalBounds().toFloat().reduced(8, 8).withTrimmedTop(40).withTrimmedBottom(2);
}

float LevelMeter::y_of(float db) const {
  const auto area = bars();
  const float way = (top_db - std::clamp(db, lowest_db, top_db)) / (top_db - lowest_db);
  return area.getY() + way * area.getHeight();
}

void LevelMeter::paint_bar(juce::Graphics& g, const Channel& c, juce::Rectangle<float> area) const {
  g.setColour(palette::well);
  g.fillRoundedRectangle(area, 2);
  const float y = y_of(c.shown_db), zero = y_of(0);
  if (y < area.getBottom() - 0.5f) {
    g.setGradientFill(juce::ColourGradient::vertical(palette::text, zero, palette::text_dim.darker(0.4f),
                                                     area.getBottom()));
    g.fillRoundedRectangle(area.withTop(std::max(y, zero)), 2);
    g.setColour(palette::alarm);
    if (y < zero) g.fillRect(area.withTop(y).withBottom(zero));
  }
  if (c.held_db <= lowest_db) return;
  g.setColour(c.held_db > 0 ? palette::alarm : palette::text);
  g.fillRect(area.withY(y_of(c.held_db)).withHeight(1.5f));
}

void LevelMeter::paint(juce::Graphics& g) {
  draw_panel(g, getLocalBounds().toFloat());
  auto head = getLocalBounds().toFloat().reduced(2, 8).removeFromTop(32);
  g.setFont(type::font(type::Size::small));
  g.setColour(palette::text_dim);
  type::draw(g, side_ == Side::input ? "In" : "Out", head.removeFromTop(14), juce::Justification::centred);
  g.setFont(type::font(type::Size::small, type::Weight::strong));
  const bool silent = highest_db_ < lowest_db;
  g.setColour(highest_db_ > 0 ? palette::alarm : palette::text);
  type::draw(g,
             silent ? juce::String::charToString(0x2212) + juce::String::charToString(0x221e)
                    : type::with_minus(juce::String(highest_db_, 1)),
             head.removeFromTop(16), juce::Justification::centred);

  auto area = bars();
  auto numbers = area.removeFromRight(22);
  paint_bar(g, channels_[0], area.removeFromLeft(10));
  area.removeFromLeft(3);
  paint_bar(g, channels_[1], area.removeFromLeft(10));
  g.setFont(type::font(type::Size::small));
  g.setColour(palette::text_dim);
  for (const int db : {0, -12, -24, -36, -48})
    type::draw(g, juce::String(std::abs(db)), numbers.withY(y_of(static_cast<float>(db)) - 7).withHeight(14),
               juce::Justification::centredRight);
}

void LevelMeter::mouseUp(const juce::MouseEvent&) {
  highest_db_ = MeterFrame::silence_db;
  repaint();
}

} // namespace raphson::plugin
