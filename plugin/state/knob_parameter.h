// One of the eight knobs that a host sees: 0..1 of whichever knob of the loaded model has its number, with
// that knob's name and text; "-" where the model has none.
#pragma once

#include "dsp/model/model.h"

#include <juce_audio_processors/juce_audio_processors.h>

#include <atomic>
#include <mutex>

namespace raphson::plugin {

/// Where 0..1 stands on a knob, in the knob's unit; for a switch the index of its position.
double knob_position(const dsp::Knob& knob, double normalised) noexcept;
double normalised_position(const dsp::Knob& knob, double position) noexcept;

class KnobParameter final : public juce::RangedAudioParameter {
public:
  explicit KnobParameter(int number); ///< from 1

  /// The loaded model's knob, or none. Message thread; then tell the host by updateHostDisplay.
  void show(std::optional<dsp::Knob> knob);

  /// 0..1. Any thread.
  float value() const noexcept { return value_.load(std::memory_order_relaxed); }

  const juce::NormalisableRange<float>& getNormalisableRange() const override { return range_; }
  float getValue() const override { return value(); }
  void setValue(float normalised) override;
  float getDefaultValue() const override;
  juce::String getName(int maximum_length) const override;
  juce::String getText(float normalised, int maximum_length) const override;
  float getValueForText(const juce::String& text) const override;
  int getNumSteps() const override;
  bool isDiscrete() const override;

private:
  std::optional<dsp::Knob> knob() const;

  const juce::NormalisableRange<float> range_{0, 1};
  std::atomic<float> value_{0};
  mutable std::mutex mutex_; ///< of knob_, which texts are made from; never the audio thread's
  std::optional<dsp::Knob> knob_;
};

} // namespace raphson::plugin
