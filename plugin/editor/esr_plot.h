// The error falling with each step of the fit, on a logarithmic scale.
#pragma once

#include "plugin/editor/look.h"

namespace raphson::plugin {

class EsrPlot final : public juce::Component {
public:
  EsrPlot() { setTitle("ESR by step of the fit"); }
  void show(const juce::String& title, const std::vector<double>& trace);
  void paint(juce::Graphics&) override;

private:
  juce::Rectangle<float> plot() const;
  std::vector<double> trace_; ///< finite and positive
};

} // namespace raphson::plugin
