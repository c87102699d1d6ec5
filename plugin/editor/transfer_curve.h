// Output level over input level as the model stands, and the point where it works now; the point leaves the
// curve while attack and release are under way.
#pragma once

#include "plugin/editor/look.h"
#include "plugin/editor/meter_view.h"
#include "plugin/processor.h"

#include <optional>

namespace raphson::plugin {

class TransferCurve final : public juce::Component, public juce::SettableTooltipClient, public MeterView {
public:
  explicit TransferCurve(Processor& processor);

  void add(const MeterFrame& frame) override;
  void refresh(double elapsed_s) override;
  void paint(juce::Graphics&) override;

private:
  /// Of the model's block that compresses; nothing where it has none.
  std::optional<dsp::StaticCurve> curve_now() const;
  juce::Rectangle<float> plot() const;
  juce::Point<float> at(double input_db, double output_db) const;
  juce::Rectangle<int> around_point() const;
  void paint_grid(juce::Graphics&) const;
  void paint_curve(juce::Graphics&) const;

  Processor& processor_;
  std::optional<dsp::StaticCurve> curve_;
  MeterFrame loudest_;
  juce::Point<float> point_{-60, -60}; ///< dB
  float brightness_ = 0;
  double values_age_s_ = 0;
};

} // namespace raphson::plugin
