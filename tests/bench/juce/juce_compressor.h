// juce::dsp::Compressor behind plain types, for the bench to compare with; built where the plugin is.
#pragma once

#include <memory>

namespace raphson::bench {

class JuceCompressor {
public:
  JuceCompressor(double sample_rate, int block, float threshold_db, float ratio, float attack_ms,
                 float release_ms);
  ~JuceCompressor();
  void process(float* left, float* right, int samples);

private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

} // namespace raphson::bench
