#include "plugin/editor/recording_well.h"

#include "plugin/editor/palette.h"
#include "plugin/editor/paths.h"

namespace raphson::plugin {

RecordingWell::RecordingWell(Role role)
    : Button(role == Role::dry ? "Dry recording" : "Wet recording"), role_(role) {
  setTitle(getName());
  setTooltip(role == Role::dry ? "What went into the unit: drop a file, or click to choose one"
                               : "What came out of it: drop a file, or click to choose one");
}

void RecordingWell::show(const juce::File& file) {
  if (file == file_) return;
  file_ = file;
  setTitle(getName() + (file == juce::File() ? juce::String() : ": " + file.getFileName()));
  drawn_ = file == juce::File();
  if (!drawn_) wave_.read(path_of(file));
  repaint();
}

std::optional<juce::String> RecordingWell::refresh() {
  if (drawn_ || !wave_.is_ready()) return {};
  drawn_ = true;
  repaint();
  if (wave_.outline().error.empty()) return {};
  const auto error = juce::String::fromUTF8(wave_.outline().error.c_str());
  show({});
  return error;
}

void RecordingWell::set_inviting(bool inviting) {
  if (std::exchange(inviting_, inviting) != inviting) repaint();
}

void RecordingWell::paintButton(juce::Graphics& g, bool over, bool) {
  const auto outer = getLocalBounds().toFloat();
  draw_well(g, outer);
  const bool filled = file_ != juce::File();
  if (!filled || inviting_ || over) {
    juce::Path border;
    border.addRoundedRectangle(outer.reduced(1), 4);
    const float dashes[] = {5, 4};
    juce::Path dashed;
    juce::PathStrokeType(1.25f).createDashedStroke(dashed, border, dashes, 2);
    g.setColour(inviting_ || over ? palette::accent : palette::text_off);
    g.fillPath(dashed);
  }
  auto area = outer.reduced(12, 8);
  auto head = area.removeFromTop(16);
  g.setFont(type::font(type::Size::body, type::Weight::strong));
  g.setColour(palette::text);
  const juce::String role = role_ == Role::dry ? "Dry" : "Wet";
  type::draw(g, role, head.removeFromLeft(36), juce::Justification::centredLeft);
  g.setFont(type::font(type::Size::small));
  g.setColour(palette::text_dim);
  if (filled) {
    if (drawn_)
      type::draw(g, juce::String(wave_.outline().seconds, 1) + " s", head.removeFromRight(64),
                 juce::Justification::centredRight);
    type::draw(g, file_.getFileName(), head, juce::Justification::centredLeft, type::Overflow::shorten);
    if (drawn_) paint_wave(g, area.withTrimmedTop(6));
  } else {
    type::draw(g, role_ == Role::dry ? "before the unit" : "after the unit", head,
               juce::Justification::centredLeft);
    type::draw(g, inviting_ ? "Let go here" : "Drop a file, or click to choose", area,
               juce::Justification::centred);
  }
}

void RecordingWell::paint_wave(juce::Graphics& g, juce::Rectangle<float> area) const {
  const auto& columns = wave_.outline().column;
  const float width = area.getWidth() / static_cast<float>(columns.size());
  const auto y_of = [&](float sample) {
    return area.getCentreY() - std::clamp(sample, -1.0f, 1.0f) * area.getHeight() / 2;
  };
  juce::RectangleList<float> wave;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const float top = y_of(columns[i].second), bottom = y_of(columns[i].first);
    wave.addWithoutMerging(
        {area.getX() + static_cast<float>(i) * width, top, width, std::max(1.0f, bottom - top)});
  }
  g.setColour(role_ == Role::dry ? palette::text_dim : palette::accent);
  g.fillRectList(wave);
}

} // namespace raphson::plugin
