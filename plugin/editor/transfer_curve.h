// Output level over input level as the model stands, and the point where it works now; the point leaves the
// curve while attack and release are under way.
#pragma once

#include "plugin/editor/look.h"
#include "plugin/editor/meter_view.h"
#include "plugin/processor.h"

namespace raphson::plugin {

class TransferCurve final : public juce::Component, public juce::SettableTooltipClient, public MeterView {
public:
  explicit TransferCurve(Processor& processor);

  void add(const MeterFrame& frame) override;
  void refresh(double elapsed_s) override;
  void paint(juce::Graphics&) override;

  /// In dB, of a level that stays, make-up included. values: of the compressor.
  static double output_db(double input_db, std::span<const double> values);

private:
  /// Of the model's compressor; empty where it has none.
  std::vector<double> values_now() const;
  juce::Rectangle<float> plot() const;
  juce::Point<float> at(double input_db, double output_db) const;
  juce::Rectangle<int> around_point() const;
  void paint_grid(juce::Graphics&) const;
  void paint_curve(juce::Graphics&) const;

  Processor& processor_;
  std::vector<double> values_;
  MeterFrame loudest_;
  juce::Point<float> point_{-60, -60}; ///< dB
  float brightness_ = 0;
  double values_age_s_ = 0;
};

} // namespace raphson::plugin
