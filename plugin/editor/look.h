// How the window's controls are drawn; knobs, buttons and lamps are built from shapes alone, so that they are
// sharp at any scale.
#pragma once

#include "plugin/editor/type.h"

namespace raphson::plugin {

/// The grid: all distances are multiples of it.
inline constexpr int grid_px = 8;

class Look final : public juce::LookAndFeel_V4 {
public:
  Look();

  juce::Typeface::Ptr getTypefaceForFont(const juce::Font&) override;

  void drawRotarySlider(juce::Graphics&, int x, int y, int width, int height, float position,
                        float start_angle, float end_angle, juce::Slider&) override;

  void drawButtonBackground(juce::Graphics&, juce::Button&, const juce::Colour&, bool over,
                            bool down) override;
  void drawButtonText(juce::Graphics&, juce::TextButton&, bool over, bool down) override;
  /// A lamp with its name.
  void drawToggleButton(juce::Graphics&, juce::ToggleButton&, bool over, bool down) override;

  void drawCornerResizer(juce::Graphics&, int width, int height, bool over, bool dragging) override;

  void drawLabel(juce::Graphics&, juce::Label&) override;
  void fillTextEditorBackground(juce::Graphics&, int width, int height, juce::TextEditor&) override;
  void drawTextEditorOutline(juce::Graphics&, int width, int height, juce::TextEditor&) override;

  juce::Font getPopupMenuFont() override;
  void drawPopupMenuBackgroundWithOptions(juce::Graphics&, int width, int height,
                                          const juce::PopupMenu::Options&) override;
  void drawPopupMenuItemWithOptions(juce::Graphics&, const juce::Rectangle<int>&, bool highlighted,
                                    const juce::PopupMenu::Item&, const juce::PopupMenu::Options&) override;
  void drawPopupMenuSectionHeaderWithOptions(juce::Graphics&, const juce::Rectangle<int>&,
                                             const juce::String&, const juce::PopupMenu::Options&) override;
  void getIdealPopupMenuItemSizeWithOptions(const juce::String&, bool separator, int standard_height,
                                            int& width, int& height,
                                            const juce::PopupMenu::Options&) override;
  int getPopupMenuBorderSizeWithOptions(const juce::PopupMenu::Options&) override { return grid_px / 2; }
};

/// A panel's surface, and the dark well behind curves.
void draw_panel(juce::Graphics& g, juce::Rectangle<float> area);
void draw_well(juce::Graphics& g, juce::Rectangle<float> area);

/// Set in the properties of the one button that goes on with what the window is about.
inline const juce::Identifier primary_property{"primary"};

/// Set in a slider's properties: a knob whose arc starts in its middle.
inline const juce::Identifier bipolar_property{"bipolar"};

} // namespace raphson::plugin
