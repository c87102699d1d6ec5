#include "plugin/editor/look.h"

#include "plugin/editor/palette.h"

namespace raphson::plugin {
namespace {

constexpr float corner = 4;

bool is_primary(const juce::Button& button) {
  return button.isEnabled() && button.getProperties().contains(primary_property);
}

juce::Colour button_colour(const juce::Button& button, bool over, bool down) {
  if (is_primary(button)) return over ? palette::accent.brighter(0.15f) : palette::accent;
  return over || down || button.getToggleState() ? palette::raised_hover : palette::raised;
}

} // namespace

Look::Look() {
  using juce::Label, juce::TextEditor, juce::PopupMenu, juce::CaretComponent;
  setColour(Label::textColourId, palette::text);
  setColour(Label::textWhenEditingColourId, palette::text);
  setColour(Label::backgroundWhenEditingColourId, palette::well);
  setColour(Label::outlineWhenEditingColourId, palette::accent);
  setColour(TextEditor::textColourId, palette::text);
  setColour(TextEditor::backgroundColourId, palette::well);
  setColour(TextEditor::highlightColourId, palette::accent);
  setColour(TextEditor::highlightedTextColourId, palette::on_accent);
  setColour(TextEditor::outlineColourId, palette::line);
  setColour(TextEditor::focusedOutlineColourId, palette::accent);
  setColour(CaretComponent::caretColourId, palette::accent);
  setColour(PopupMenu::backgroundColourId, palette::raised);
  setColour(PopupMenu::textColourId, palette::text);
}

juce::Typeface::Ptr Look::getTypefaceForFont(const juce::Font& f) {
  if (f.getTypefaceName() != juce::Font::getDefaultSansSerifFontName())
    return LookAndFeel_V4::getTypefaceForFont(f);
  return type::font(type::Size::body, f.isBold() ? type::Weight::strong : type::Weight::medium)
      .getTypefacePtr();
}

void draw_panel(juce::Graphics& g, juce::Rectangle<float> area) {
  g.setGradientFill(juce::ColourGradient::vertical(palette::panel.brighter(0.05f), area.getY(),
                                                   palette::panel, area.getBottom()));
  g.fillRoundedRectangle(area, corner + 2);
  g.setColour(palette::text.withAlpha(0.05f));
  g.drawRoundedRectangle(area.reduced(0.5f), corner + 2, 1);
}

void draw_well(juce::Graphics& g, juce::Rectangle<float> area) {
  g.setColour(palette::well);
  g.fillRoundedRectangle(area, corner);
  g.setColour(palette::line);
  g.drawRoundedRectangle(area.reduced(0.5f), corner, 1);
}

void Look::drawButtonBackground(juce::Graphics& g, juce::Button& button, const juce::Colour&, bool over,
                                bool down) {
  const auto area = button.getLocalBounds().toFloat();
  juce::Path shape;
  const bool left = !button.isConnectedOnLeft(), right = !button.isConnectedOnRight();
  shape.addRoundedRectangle(area.getX(), area.getY(), area.getWidth(), area.getHeight(), corner, corner, left,
                            right, left, right);
  auto colour = button_colour(button, over, down);
  if (!button.isEnabled()) colour = palette::raised.withAlpha(0.5f);
  g.setColour(down ? colour.darker(0.15f) : colour);
  g.fillPath(shape);
  if (button.getToggleState() && !is_primary(button)) { // lit from below
    juce::Graphics::ScopedSaveState state(g);
    g.reduceClipRegion(shape);
    g.setColour(palette::accent);
    g.fillRect(area.withTop(area.getBottom() - 2.5f));
  }
  if (!left) { // a seam between neighbours
    g.setColour(palette::window);
    g.fillRect(area.withWidth(1));
  }
}

void Look::drawButtonText(juce::Graphics& g, juce::TextButton& button, bool, bool) {
  g.setFont(type::font(type::Size::body));
  g.setColour(!button.isEnabled()       ? palette::text_off
              : is_primary(button)      ? palette::on_accent
              : button.getToggleState() ? palette::accent
                                        : palette::text);
  type::draw(g, button.getButtonText(), button.getLocalBounds().toFloat().reduced(4, 0),
             juce::Justification::centred);
}

void Look::drawToggleButton(juce::Graphics& g, juce::ToggleButton& button, bool over, bool) {
  const auto area = button.getLocalBounds().toFloat();
  g.setColour(over ? palette::raised_hover : palette::raised);
  g.fillRoundedRectangle(area, corner);
  const bool on = button.getToggleState();
  const auto lamp = juce::Rectangle<float>(8, 8).withCentre({area.getX() + 14, area.getCentreY()});
  if (on) {
    g.setGradientFill({palette::accent.withAlpha(0.45f), lamp.getCentre(), palette::accent.withAlpha(0.0f),
                       lamp.getCentre().translated(11, 0), true});
    g.fillEllipse(lamp.expanded(7));
  }
  g.setColour(on ? palette::accent : palette::window);
  g.fillEllipse(lamp);
  g.setColour(on ? palette::accent.brighter(0.3f) : palette::text_off);
  g.drawEllipse(lamp, 1);
  g.setFont(type::font(type::Size::small));
  g.setColour(button.isEnabled() ? palette::text : palette::text_off);
  type::draw(g, button.getButtonText(), area.withTrimmedLeft(26).withTrimmedRight(4),
             juce::Justification::centredLeft);
}

void Look::drawCornerResizer(juce::Graphics& g, int width, int height, bool over, bool dragging) {
  g.setColour(over || dragging ? palette::text : palette::text_off);
  for (const auto& [right, bottom] : {std::pair{4, 4}, {8, 4}, {4, 8}})
    g.fillEllipse(static_cast<float>(width - right) - 1, static_cast<float>(height - bottom) - 1, 2, 2);
}

void Look::drawLabel(juce::Graphics& g, juce::Label& label) {
  if (label.isBeingEdited()) return;
  g.setFont(label.getFont());
  g.setColour(label.findColour(juce::Label::textColourId));
  const bool shorten = label.getProperties().contains("shorten");
  type::draw(g, label.getText(), label.getBorderSize().subtractedFrom(label.getLocalBounds()).toFloat(),
             label.getJustificationType(), shorten ? type::Overflow::shorten : type::Overflow::never);
}

void Look::fillTextEditorBackground(juce::Graphics& g, int width, int height, juce::TextEditor&) {
  g.setColour(palette::well);
  g.fillRoundedRectangle(juce::Rectangle<int>(width, height).toFloat(), corner);
}

void Look::drawTextEditorOutline(juce::Graphics& g, int width, int height, juce::TextEditor& editor) {
  g.setColour(editor.hasKeyboardFocus(true) ? palette::accent : palette::line);
  g.drawRoundedRectangle(juce::Rectangle<int>(width, height).toFloat().reduced(0.5f), corner, 1);
}

juce::Font Look::getPopupMenuFont() { return type::font(type::Size::body); }

void Look::drawPopupMenuBackgroundWithOptions(juce::Graphics& g, int width, int height,
                                              const juce::PopupMenu::Options&) {
  g.fillAll(palette::raised);
  g.setColour(palette::line.brighter(0.2f));
  g.drawRect(0, 0, width, height);
}

void Look::getIdealPopupMenuItemSizeWithOptions(const juce::String& text, bool separator, int, int& width,
                                                int& height, const juce::PopupMenu::Options&) {
  height = separator ? grid_px : 28;
  width = separator ? 6 * grid_px : juce::roundToInt(type::width(text, getPopupMenuFont())) + 8 * grid_px;
}

void Look::drawPopupMenuItemWithOptions(juce::Graphics& g, const juce::Rectangle<int>& area, bool highlighted,
                                        const juce::PopupMenu::Item& item, const juce::PopupMenu::Options&) {
  if (item.isSeparator) {
    g.setColour(palette::line.brighter(0.2f));
    g.fillRect(area.reduced(grid_px, 0).withSizeKeepingCentre(area.getWidth() - 2 * grid_px, 1));
    return;
  }
  const bool lit = highlighted && item.isEnabled;
  if (lit) {
    g.setColour(palette::accent);
    g.fillRoundedRectangle(area.toFloat().reduced(4, 1), corner);
  }
  const auto colour = lit ? palette::on_accent : item.isEnabled ? palette::text : palette::text_off;
  g.setColour(colour);
  if (item.isTicked) {
    const auto dot = juce::Rectangle<float>(6, 6).withCentre(
        {static_cast<float>(area.getX() + 16), static_cast<float>(area.getCentreY())});
    g.setColour(lit ? colour : palette::accent);
    g.fillEllipse(dot);
    g.setColour(colour);
  }
  g.setFont(getPopupMenuFont());
  type::draw(g, item.text, area.toFloat().withTrimmedLeft(28).withTrimmedRight(8),
             juce::Justification::centredLeft, type::Overflow::shorten);
}

void Look::drawPopupMenuSectionHeaderWithOptions(juce::Graphics& g, const juce::Rectangle<int>& area,
                                                 const juce::String& name, const juce::PopupMenu::Options&) {
  g.setFont(type::font(type::Size::small, type::Weight::strong));
  g.setColour(palette::text_dim);
  type::draw(g, name, area.toFloat().withTrimmedLeft(12), juce::Justification::centredLeft);
}

} // namespace raphson::plugin
