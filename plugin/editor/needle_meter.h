// Gain reduction on a lit scale, as on an optical compressor: the needle rests at 0 on the right and falls to
// the left. The scale is a VU meter's, linear in gain. Below it the number, and the deepest so far.
#pragma once

#include "plugin/editor/look.h"
#include "plugin/editor/meter_view.h"

namespace raphson::plugin {

class NeedleMeter final : public juce::Component, public juce::SettableTooltipClient, public MeterView {
public:
  NeedleMeter();

  void add(const MeterFrame& frame) override;
  void refresh(double elapsed_s) override;

  void paint(juce::Graphics&) override;
  void paintOverChildren(juce::Graphics&) override;
  void resized() override;
  void mouseUp(const juce::MouseEvent&) override; ///< forgets the deepest
  std::unique_ptr<juce::AccessibilityHandler> createAccessibilityHandler() override;

  float shown_db() const { return shown_db_; }

private:
  /// The scale, drawn once.
  struct Face final : juce::Component {
    Face();
    void paint(juce::Graphics&) override;
  };

  void paint_needle(juce::Graphics&) const;
  juce::Rectangle<int> readout_area() const;

  Face face_;
  float incoming_db_ = 0, target_db_ = 0, shown_db_ = 0, deepest_db_ = 0, number_db_ = 0;
  double number_age_s_ = 0, silent_s_ = 1; ///< the latter since the last frame
};

} // namespace raphson::plugin
