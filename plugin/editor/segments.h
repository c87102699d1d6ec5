// One of a few, side by side: positions of a switch, oversampling, the window's views.
#pragma once

#include "plugin/editor/look.h"

#include <juce_audio_processors/juce_audio_processors.h>

#include <functional>

namespace raphson::plugin {

class Segments final : public juce::Component {
public:
  /// title: of the whole, for screen readers; stacked: one above the other.
  Segments(const juce::String& title, const juce::StringArray& names, bool stacked = false);

  std::function<void(int index)> on_choice;
  void choose(int index); ///< shows it, calls nothing
  int chosen() const { return chosen_; }
  void show_button(int index, bool shown);
  juce::Button& button(int index) { return *buttons_[index]; }
  int size() const { return buttons_.size(); }

  void resized() override;

private:
  void layout();

  bool stacked_;
  int chosen_ = -1;
  juce::OwnedArray<juce::TextButton> buttons_;
};

/// The same bound to a parameter that has as many steps as there are names, evenly over its range.
class ParameterSegments final : public juce::Component {
public:
  ParameterSegments(juce::RangedAudioParameter& parameter, const juce::String& title,
                    const juce::StringArray& names, bool stacked = false);
  void resized() override { segments_.setBounds(getLocalBounds()); }
  Segments& segments() { return segments_; }
  const juce::RangedAudioParameter& parameter() const { return parameter_; }

private:
  juce::RangedAudioParameter& parameter_;
  Segments segments_;
  juce::ParameterAttachment attachment_;
};

} // namespace raphson::plugin
