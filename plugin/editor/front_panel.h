// The unit's own front: the model's knobs and switches, and a gain as the hardware has one.
#pragma once

#include "plugin/editor/knob.h"
#include "plugin/editor/segments.h"
#include "plugin/processor.h"

namespace raphson::plugin {

class FrontPanel final : public juce::Component {
public:
  explicit FrontPanel(Processor& processor);

  /// The model has been replaced.
  void show_model();
  void paint(juce::Graphics&) override;
  void resized() override;

private:
  Processor& processor_;
  juce::OwnedArray<Knob> knobs_; ///< the model's, then the gain
  juce::OwnedArray<ParameterSegments> switches_;
  juce::OwnedArray<juce::Label> switch_names_;
};

} // namespace raphson::plugin
