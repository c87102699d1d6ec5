// A value of the chain as the host sees it. It follows the model's knobs until it is moved by hand, in the
// window or by automation: from then on it overrides them, until it is reset.
//
// The processor's own following updates go to the host too, and hosts send back what they were told, late
// and rounded. So a value that the host has lately been told is no move, unless the window has the
// parameter in hand (between beginChangeGesture and endChangeGesture).
#pragma once

#include "plugin/state/value_range.h"

#include <array>
#include <atomic>

namespace raphson::plugin {

class ExpertParameter final : public juce::RangedAudioParameter {
public:
  /// id with the version of the plugin's parameters in which it came.
  ExpertParameter(const juce::ParameterID& id, const juce::String& title, const dsp::Parameter& parameter);

  /// In the parameter's unit. Any thread.
  double value() const noexcept { return value_.load(std::memory_order_relaxed); }
  bool is_overridden() const noexcept { return overridden_.load(std::memory_order_acquire); }

  /// Where the knobs are now; does nothing while overridden. Tells the host. Message thread.
  void follow(double value);
  /// Keeps this value from now on. Tells the host. Message thread.
  void override_with(double value);
  /// Follows the knobs again, with the next follow(). Message thread.
  void reset() noexcept;

  /// Whether the model has this value at all; if not, moving it overrides nothing.
  void set_in_use(bool in_use) noexcept { in_use_.store(in_use, std::memory_order_relaxed); }
  bool is_in_use() const noexcept { return in_use_.load(std::memory_order_relaxed); }

  /// Message thread: between these any move is by hand.
  void set_in_hand(bool in_hand) noexcept { in_hand_.store(in_hand, std::memory_order_relaxed); }

  const dsp::Parameter& parameter() const noexcept { return parameter_; }

  const juce::NormalisableRange<float>& getNormalisableRange() const override { return range_; }
  float getValue() const override;
  void setValue(float normalised) override;
  float getDefaultValue() const override;
  int getNumSteps() const override { return juce::AudioProcessor::getDefaultNumParameterSteps(); }
  juce::String getText(float normalised, int maximum_length) const override;
  float getValueForText(const juce::String& text) const override;

private:
  void remember() noexcept;
  bool is_echo(float normalised) const noexcept;

  const dsp::Parameter& parameter_;
  const ValueRange range_;
  std::atomic<float> value_;
  std::atomic<bool> overridden_{false}, in_use_{false}, in_hand_{false};

  std::array<std::atomic<float>, 64> told_; ///< what the host was told last, normalised; a ring
  unsigned next_ = 0;                       ///< message thread's
};

} // namespace raphson::plugin
