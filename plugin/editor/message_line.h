// One line across the window for what went wrong, or for a question; it waits, blocks nothing, and goes by
// its cross or Escape.
#pragma once

#include "plugin/editor/icon_button.h"

#include <functional>

namespace raphson::plugin {

class MessageLine final : public juce::Component {
public:
  MessageLine();

  void show_error(const juce::String& text);
  /// With a button that does it.
  void ask(const juce::String& text, const juce::String& action_name, std::function<void()> action);
  void dismiss();
  const juce::String& text() const { return text_; }

  bool keyPressed(const juce::KeyPress& key) override;
  void paint(juce::Graphics&) override;
  void resized() override;

private:
  void show(const juce::String& text, bool is_error);

  juce::String text_;
  bool is_error_ = false;
  std::function<void()> action_;
  juce::TextButton act_;
  IconButton close_{Icon::close, "Dismiss"};
};

/// Runs it; what it throws as InputError becomes the line's text. False if so.
bool try_or_show(MessageLine& line, const std::function<void()>& action);

} // namespace raphson::plugin
