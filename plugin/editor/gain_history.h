// The last seconds, moving to the left: gain reduction from the top down, and behind it the input's peaks.
#pragma once

#include "plugin/editor/look.h"
#include "plugin/editor/meter_view.h"

#include <array>

namespace raphson::plugin {

class GainHistory final : public juce::Component, public juce::SettableTooltipClient, public MeterView {
public:
  GainHistory();

  void add(const MeterFrame& frame) override;
  void refresh(double elapsed_s) override;
  void paint(juce::Graphics&) override;

  static constexpr std::size_t columns = 240;
  static constexpr double column_s = 0.025; ///< of 6 s in all

private:
  struct Column {
    float reduction_db, input_db;
  };

  juce::Rectangle<float> plot() const;
  float y_of_reduction(float db) const;
  float y_of_level(float db) const;
  void paint_grid(juce::Graphics&) const;
  template <class Y> juce::Path curve(Y y) const;

  std::array<Column, columns> ring_;
  std::size_t next_ = 0;
  Column gathering_;
  double gathered_s_ = 0, silent_s_ = 1; ///< of the next column; since the last frame
};

} // namespace raphson::plugin
