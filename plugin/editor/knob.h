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

  struct Text {
    juce::String label; ///< short, above the knob
    juce::String title; ///< in full, for hints and for screen readers
    juce::String help;
  };

  Knob(juce::RangedAudioParameter& parameter, Text text, Kind kind = Kind::small);
  ~Knob() override;

  /// Large knobs: numbers around it, evenly from one end to the other.
  void set_scale(double minimum, double maximum);

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
  std::vector<double> scale_;
  std::unique_ptr<Dial> slider_;
  std::unique_ptr<Value> value_;
  std::unique_ptr<juce::SliderParameterAttachment> attachment_;
};

/// The round numbers from one to the other, both included, at most eleven of them, evenly spaced; nothing
/// where there are none.
std::vector<double> scale_numbers(double minimum, double maximum);

} // namespace raphson::plugin
