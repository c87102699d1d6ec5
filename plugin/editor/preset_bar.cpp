#include "plugin/editor/preset_bar.h"

#include "plugin/editor/palette.h"

namespace raphson::plugin {

void PresetBar::Field::show(const juce::String& name, bool modified) {
  if (name == name_ && modified == modified_) return;
  name_ = name;
  modified_ = modified;
  setTitle("Preset: " + name + (modified ? ", changed" : ""));
  repaint();
}

void PresetBar::Field::paintButton(juce::Graphics& g, bool over, bool down) {
  draw_well(g, getLocalBounds().toFloat());
  if (over || down) {
    g.setColour(palette::text.withAlpha(0.05f));
    g.fillRoundedRectangle(getLocalBounds().toFloat(), 4);
  }
  auto area = getLocalBounds().toFloat().reduced(12, 0);
  const auto chevron = area.removeFromRight(10).getCentre();
  juce::Path p;
  p.startNewSubPath(chevron.translated(-4, -2));
  p.lineTo(chevron.translated(0, 2));
  p.lineTo(chevron.translated(4, -2));
  g.setColour(palette::text_dim);
  g.strokePath(p, {1.6f, juce::PathStrokeType::curved, juce::PathStrokeType::rounded});
  g.setFont(type::font(type::Size::body, type::Weight::strong));
  g.setColour(palette::text);
  type::draw(g, name_, area.withTrimmedRight(16), juce::Justification::centredLeft, type::Overflow::shorten);
  if (!modified_) return;
  g.setColour(palette::accent);
  g.fillEllipse(juce::Rectangle<float>(6, 6).withCentre({area.getRight() - 8, area.getCentreY()}));
}

PresetBar::PresetBar(Processor& processor, MessageLine& messages)
    : processor_(processor), messages_(messages) {
  setTitle("Presets");
  previous_.onClick = [this] {
    try_or_show(messages_, [this] { processor_.presets().previous(); }), refresh();
  };
  next_.onClick = [this] { try_or_show(messages_, [this] { processor_.presets().next(); }), refresh(); };
  field_.onClick = [this] { show_menu(); };
  save_.setTooltip("Saves what sounds as a preset of yours; Enter after its name");
  save_.onClick = [this] { begin_save(); };
  copy_.setTooltip("Copies the slot that sounds over the other");
  copy_.onClick = [this] { processor_.copy_slot(); };
  slots_.on_choice = [this](int slot) { processor_.select_slot(slot), refresh(); };
  for (int i = 0; i < 2; ++i) slots_.button(i).setTooltip("Two sounds to compare");
  undo_.onClick = [this] { processor_.undo(), refresh(); };
  redo_.onClick = [this] { processor_.redo(), refresh(); };
  name_editor_.setTitle("Preset's name");
  name_editor_.setFont(type::font(type::Size::body, type::Weight::strong));
  name_editor_.setIndents(11, 6);
  name_editor_.setSelectAllWhenFocused(true);
  name_editor_.onReturnKey = [this] { end_save(true); };
  name_editor_.onEscapeKey = [this] { end_save(false); };
  name_editor_.onFocusLost = [this] { end_save(false); };
  for (juce::Component* c : std::initializer_list<juce::Component*>{&previous_, &field_, &next_, &save_,
                                                                    &slots_, &copy_, &undo_, &redo_})
    addAndMakeVisible(c);
  addChildComponent(name_editor_);
  refresh();
}

void PresetBar::refresh() {
  const Presets& presets = processor_.presets();
  const int current = presets.current();
  const bool known = current >= 0;
  field_.show(known ? juce::String::fromUTF8(presets.list()[static_cast<std::size_t>(current)].name.c_str())
                    : juce::String("No preset"),
              known && presets.is_modified());
  slots_.choose(processor_.slot());
  copy_.setButtonText(processor_.slot() == 0 ? "Copy to B" : "Copy to A");
  undo_.setEnabled(processor_.can_undo());
  redo_.setEnabled(processor_.can_redo());
}

void PresetBar::show_menu() {
  processor_.presets().refresh();
  const auto& list = processor_.presets().list();
  const int current = processor_.presets().current();
  juce::PopupMenu menu;
  menu.setLookAndFeel(&getLookAndFeel());
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i == 0 && list[i].is_factory) menu.addSectionHeader("Factory");
    if (!list[i].is_factory && (i == 0 || list[i - 1].is_factory)) menu.addSectionHeader("Yours");
    menu.addItem(juce::String::fromUTF8(list[i].name.c_str()), true, static_cast<int>(i) == current,
                 [this, i] {
                   try_or_show(messages_, [this, i] { processor_.presets().load(i); });
                   refresh();
                 });
  }
  menu.addSeparator();
  menu.addItem("Save as...", [this] { begin_save(); });
  if (current >= 0 && !list[static_cast<std::size_t>(current)].is_factory) {
    const std::string name = list[static_cast<std::size_t>(current)].name;
    menu.addItem("Delete this preset...", [this, name] { ask_delete(name); });
  }
  menu.showMenuAsync(juce::PopupMenu::Options()
                         .withTargetComponent(field_)
                         .withParentComponent(getParentComponent())
                         .withDeletionCheck(*this)
                         .withMinimumWidth(field_.getWidth())
                         .withPreferredPopupDirection(juce::PopupMenu::Options::PopupDirection::downwards));
}

void PresetBar::begin_save() {
  const Presets& presets = processor_.presets();
  const int current = presets.current();
  juce::String name = "My preset";
  if (current >= 0) {
    const auto& entry = presets.list()[static_cast<std::size_t>(current)];
    name = juce::String::fromUTF8(entry.name.c_str()) + (entry.is_factory ? " 2" : "");
  }
  name_editor_.setText(name, false);
  name_editor_.setVisible(true);
  name_editor_.toFront(false);
  name_editor_.grabKeyboardFocus();
  name_editor_.selectAll();
}

void PresetBar::end_save(bool save) {
  if (!name_editor_.isVisible()) return;
  name_editor_.setVisible(false);
  if (save)
    try_or_show(messages_,
                [this] { processor_.presets().save(name_editor_.getText().trim().toStdString()); });
  refresh();
}

void PresetBar::ask_delete(const std::string& name) {
  messages_.ask("Delete the preset '" + juce::String::fromUTF8(name.c_str()) + "' and its file?", "Delete",
                [this, name] {
                  try_or_show(messages_, [this, name] { processor_.presets().remove(name); });
                  refresh();
                });
}

void PresetBar::resized() {
  auto area = getLocalBounds();
  const auto take = [&](juce::Component& c, int width, int gap) {
    c.setBounds(area.removeFromLeft(width));
    area.removeFromLeft(gap);
  };
  take(previous_, 28, 4);
  take(field_, 192, 4);
  take(next_, 28, grid_px);
  take(save_, 56, 2 * grid_px);
  take(slots_, 64, grid_px);
  take(copy_, 88, 2 * grid_px);
  take(undo_, 32, 4);
  take(redo_, 32, 0);
  name_editor_.setBounds(field_.getBounds());
}

} // namespace raphson::plugin
