// The line on top of a panel: the model's name and what it is, with its file's buttons.
#pragma once

#include "plugin/editor/look.h"
#include "plugin/processor.h"

namespace raphson::plugin {

class PanelHeader final : public juce::Component {
public:
  explicit PanelHeader(Processor& processor);

  /// The model has been replaced.
  void show_model();
  /// With a count above 0 a button offers to reset that many values.
  void show_overrides(int count);

  std::function<void()> on_load, on_save, on_reset;

  void paint(juce::Graphics&) override;
  void resized() override;

private:
  Processor& processor_;
  juce::Label name_, about_;
  juce::TextButton load_{"Load model..."}, save_{"Save model..."}, reset_{"Reset"};
};

} // namespace raphson::plugin
