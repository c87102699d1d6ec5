#include "plugin/editor/message_line.h"

#include "dsp/error.h"
#include "plugin/editor/palette.h"

namespace raphson::plugin {

MessageLine::MessageLine() {
  setTitle("Message");
  setVisible(false);
  close_.onClick = [this] { dismiss(); };
  act_.onClick = [this] {
    const auto action = std::exchange(action_, {});
    dismiss();
    if (action) action();
  };
  addAndMakeVisible(close_);
  addChildComponent(act_);
}

void MessageLine::show(const juce::String& text, bool is_error) {
  text_ = text;
  is_error_ = is_error;
  setDescription(text);
  act_.setVisible(action_ != nullptr);
  setVisible(true);
  toFront(false);
  resized();
  repaint();
  juce::AccessibilityHandler::postAnnouncement(text, juce::AccessibilityHandler::AnnouncementPriority::high);
}

void MessageLine::show_error(const juce::String& text) {
  action_ = nullptr;
  show(text, true);
}

void MessageLine::ask(const juce::String& text, const juce::String& action_name,
                      std::function<void()> action) {
  action_ = std::move(action);
  act_.setButtonText(action_name);
  show(text, false);
}

void MessageLine::dismiss() {
  text_.clear();
  setVisible(false);
}

bool MessageLine::keyPressed(const juce::KeyPress& key) {
  if (key != juce::KeyPress::escapeKey) return false;
  dismiss();
  return true;
}

void MessageLine::paint(juce::Graphics& g) {
  const auto area = getLocalBounds().toFloat();
  g.setColour(is_error_ ? palette::alarm_panel : palette::raised);
  g.fillRoundedRectangle(area, 6);
  g.setColour(is_error_ ? palette::alarm : palette::accent);
  g.drawRoundedRectangle(area.reduced(0.5f), 6, 1);
  g.setFont(type::font(type::Size::small));
  g.setColour(palette::text);
  const float right = static_cast<float>(getWidth() - (act_.isVisible() ? act_.getX() : close_.getX()));
  g.drawFittedText(text_, area.withTrimmedLeft(12).withTrimmedRight(right + 8).toNearestInt(),
                   juce::Justification::centredLeft, 3, 1.0f);
}

void MessageLine::resized() {
  auto area = getLocalBounds().reduced(grid_px / 2 + 2);
  close_.setBounds(area.removeFromRight(28).withSizeKeepingCentre(28, 28));
  area.removeFromRight(grid_px);
  act_.setBounds(area.removeFromRight(10 * grid_px).withSizeKeepingCentre(10 * grid_px, 28));
}

bool try_or_show(MessageLine& line, const std::function<void()>& action) {
  try {
    action();
    return true;
  } catch (const InputError& error) {
    line.show_error(juce::String::fromUTF8(error.what()));
    return false;
  }
}

} // namespace raphson::plugin
