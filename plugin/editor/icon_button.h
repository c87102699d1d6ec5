// A button with a drawing in place of a word; its title says it to screen readers and in the hint line.
#pragma once

#include "plugin/editor/look.h"

namespace raphson::plugin {

enum class Icon { previous, next, undo, redo, close, play, stop, swap };

class IconButton final : public juce::Button {
public:
  IconButton(Icon icon, const juce::String& title, const juce::String& help = {});

  void set_icon(Icon icon);
  void paintButton(juce::Graphics&, bool over, bool down) override;

private:
  Icon icon_;
};

} // namespace raphson::plugin
