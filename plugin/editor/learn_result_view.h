// What a fit has found: its error, the parameters with how sure they are, and warnings.
#pragma once

#include "plugin/editor/look.h"
#include "plugin/learn/learn_job.h"

namespace raphson::plugin {

class LearnResultView final : public juce::Component {
public:
  LearnResultView() { setTitle("Result"); }
  void show(std::shared_ptr<const LearnResult> result);
  void paint(juce::Graphics&) override;

private:
  void paint_parameters(juce::Graphics&, juce::Rectangle<float> area) const;
  std::shared_ptr<const LearnResult> result_;
};

/// "-19.8 dB, give or take 0.2": what the table says of a parameter, in words for screen readers too.
juce::String estimate_text(const optim::match::ParameterEstimate& estimate);

} // namespace raphson::plugin
