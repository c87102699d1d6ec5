// A place for one recording: its wave and name, or an invitation to drop or choose one.
#pragma once

#include "plugin/editor/look.h"
#include "plugin/editor/recording_roles.h"
#include "plugin/editor/wave_overview.h"

#include <functional>

namespace raphson::plugin {

class RecordingWell final : public juce::Button {
public:
  explicit RecordingWell(Role role);

  void show(const juce::File& file);
  const juce::File& file() const { return file_; }
  /// While something is dragged over it.
  void set_inviting(bool inviting);
  /// Draws the wave once it has been read; the error of a file that cannot be, once.
  std::optional<juce::String> refresh();
  bool is_drawn() const { return drawn_; }

  void paintButton(juce::Graphics&, bool over, bool down) override;

private:
  void paint_wave(juce::Graphics&, juce::Rectangle<float> area) const;

  Role role_;
  juce::File file_;
  bool inviting_ = false, drawn_ = true; ///< drawn_: nothing is being read
  WaveOverview wave_;
};

} // namespace raphson::plugin
