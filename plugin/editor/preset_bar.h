// Presets, the two slots A and B, undo and redo.
#pragma once

#include "plugin/editor/icon_button.h"
#include "plugin/editor/message_line.h"
#include "plugin/editor/segments.h"
#include "plugin/processor.h"

namespace raphson::plugin {

class PresetBar final : public juce::Component {
public:
  PresetBar(Processor& processor, MessageLine& messages);

  /// Name, slot and what can be undone, as they are now.
  void refresh();
  void resized() override;

private:
  /// The preset's name; opens the menu.
  class Field final : public juce::Button {
  public:
    Field() : Button("Preset") { setTooltip("All presets"); }
    void show(const juce::String& name, bool modified);
    void paintButton(juce::Graphics&, bool over, bool down) override;

  private:
    juce::String name_;
    bool modified_ = false;
  };

  void show_menu();
  void begin_save();
  void end_save(bool save);
  void ask_delete(const std::string& name);

  Processor& processor_;
  MessageLine& messages_;
  IconButton previous_{Icon::previous, "Previous preset"}, next_{Icon::next, "Next preset"};
  Field field_;
  juce::TextEditor name_editor_;
  juce::TextButton save_{"Save"}, copy_{"Copy"};
  Segments slots_{"Slot", {"A", "B"}};
  IconButton undo_{Icon::undo, "Undo"}, redo_{Icon::redo, "Redo"};
};

} // namespace raphson::plugin
