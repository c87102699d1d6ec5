#include "tests/bench/juce/juce_compressor.h"

#include <juce_dsp/juce_dsp.h>

namespace raphson::bench {

struct JuceCompressor::Implementation {
  juce::dsp::Compressor<float> compressor;
};

JuceCompressor::JuceCompressor(double sample_rate, int block, float threshold_db, float ratio,
                               float attack_ms, float release_ms)
    : implementation_(std::make_unique<Implementation>()) {
  auto& c = implementation_->compressor;
  c.setThreshold(threshold_db);
  c.setRatio(ratio);
  c.setAttack(attack_ms);
  c.setRelease(release_ms);
  c.prepare({sample_rate, static_cast<juce::uint32>(block), 2});
}

JuceCompressor::~JuceCompressor() = default;

void JuceCompressor::process(float* left, float* right, int samples) {
  float* const channels[] = {left, right};
  juce::dsp::AudioBlock<float> block(channels, 2, static_cast<std::size_t>(samples));
  implementation_->compressor.process(juce::dsp::ProcessContextReplacing<float>(block));
}

} // namespace raphson::bench
