// Peak levels of two channels, -60 to +6 dBFS; they fall 24 dB a second, the line above them stays for 1.5 s,
// the number keeps the highest until a click. Above 0 dBFS it is an alarm.
#pragma once

#include "plugin/editor/look.h"
#include "plugin/editor/meter_view.h"

#include <array>

namespace raphson::plugin {

class LevelMeter final : public juce::Component, public juce::SettableTooltipClient, public MeterView {
public:
  enum class Side { input, output };
  explicit LevelMeter(Side side);

  void add(const MeterFrame& frame) override;
  void refresh(double elapsed_s) override;
  void paint(juce::Graphics&) override;
  void mouseUp(const juce::MouseEvent&) override;

private:
  struct Channel {
    float incoming_db, shown_db, held_db;
    double held_s;
  };
  float y_of(float db) const;
  juce::Rectangle<float> bars() const;
  void paint_bar(juce::Graphics&, const Channel&, juce::Rectangle<float> area) const;

  Side side_;
  std::array<Channel, 2> channels_;
  float highest_db_;
};

} // namespace raphson::plugin
