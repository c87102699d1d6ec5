// A knob with its name above and its value below, bound to a host parameter.
//
// Mouse: drag, wheel, Shift for small steps, double click resets. Keyboard: arrows and page keys move, Home
// and End go to the ends, Enter types a value with its unit, Delete or Backspace resets.
#pragma once

#include "plugin/editor/look.h"

#include <juce_audio_processors/juce_audio_processors.h>

#include <functional>

namespace raphson::plugin {

class Knob final : public juce::Component, public juce::SettableTooltipClient {
public:
  enum class Kind { small, large };

  /// A mark beside a large knob, with a number where there is one.
  struct Tick {
    double way; ///< 0 at one end, 1 at the other
    juce::String label = {};
  };

  struct Text {
    juce::String label; ///< short, above the knob
    juce::String title; ///< in full, for hints and for screen readers
    juce::String help;
  };

  Knob(juce::RangedAudioParameter& parameter, Text text, Kind kind = Kind::small);
  ~Knob() override;

  /// Large knobs: the ticks around it.
  void set_scale(std::vector<Tick> ticks);

  /// What reset does; from the start, the parameter's default.
  std::function<void()> on_reset;
  /// A dot beside the name.
  void mark(bool marked);
  bool is_marked() const { return marked_; }

  const juce::RangedAudioParameter& parameter() const { return parameter_; }
  juce::Slider& slider();
  juce::String value_text() const;
  void type_value();
  void reset();

  void paint(juce::Graphics&) override;
  void resized() override;

private:
  void paint_scale(juce::Graphics&);

  class Dial;
  class Value;

  juce::RangedAudioParameter& parameter_;
  Text text_;
  const Kind kind_;
  bool marked_ = false;
  std::vector<Tick> scale_;
  std::unique_ptr<Dial> slider_;
  std::unique_ptr<Value> value_;
  std::unique_ptr<juce::SliderParameterAttachment> attachment_;
};

/// The round numbers from one to the other, both included, at most eleven of them, evenly spaced; nothing
/// where there are none.
std::vector<double> scale_numbers(double minimum, double maximum);

/// A knob's scale: the round numbers from one end to the other, and a tick without a number at each position
/// that was measured beside them. Where there are no such round numbers the measured positions have theirs,
/// as far as they do not stand in each other's way.
std::vector<Knob::Tick> scale_ticks(double minimum, double maximum, std::vector<double> measured = {});

} // namespace raphson::plugin
