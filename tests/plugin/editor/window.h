// The plugin with its window open, without a display: audio goes through it, pictures are drawn into memory.
#pragma once

#include "optim/data/audio_file.h"
#include "plugin/editor/main_window.h"
#include "tests/plugin/plugin_fixture.h"

#include <functional>

namespace raphson::test {

struct Window : Plugin {
  static constexpr double sample_rate = 48000;
  static constexpr int block = 480;

  std::unique_ptr<plugin::MainWindow> editor;

  explicit Window(double scale = 1) {
    processor.setRateAndBufferSizeDetails(sample_rate, block);
    processor.prepareToPlay(sample_rate, block);
    processor.update();
    editor = std::make_unique<plugin::MainWindow>(processor);
    set_scale(scale);
  }

  void set_scale(double scale) {
    editor->setSize(juce::roundToInt(plugin::WindowContent::width * scale),
                    juce::roundToInt(plugin::WindowContent::height * scale));
  }

  plugin::WindowContent& content() { return editor->content(); }

  /// What a message loop would bring.
  void settle() {
    processor.update();
    processor.model_changed.dispatchPendingMessages();
    processor.history_changed().dispatchPendingMessages();
    content().advance(0.06);
  }

  /// The dry recording of the LA-2A, 4 s at a time, from its beginning.
  void play(double seconds) {
    static const auto music = optim::data::read_audio(std::filesystem::path(RAPHSON_SOURCE_DIR)
                                                      / "assets/recordings/la2a-dry.flac");
    juce::AudioBuffer<float> audio(processor.getTotalNumInputChannels(), block);
    juce::MidiBuffer midi;
    for (int from = 0; from < juce::roundToInt(seconds * sample_rate); from += block) {
      for (int c = 0; c < audio.getNumChannels(); ++c)
        for (int i = 0; i < block; ++i)
          audio.setSample(c, i, music.channels[0][static_cast<std::size_t>(from + i) % music.frames()]);
      processor.processBlock(audio, midi);
      content().advance(block / sample_rate);
    }
    settle();
  }

  juce::Image picture() { return editor->createComponentSnapshot(editor->getLocalBounds(), true, 1); }
};

/// Every component inside this one, itself included; visible ones alone.
inline void each_visible(juce::Component& c, const std::function<void(juce::Component&)>& visit) {
  if (!c.isVisible()) return;
  visit(c);
  for (auto* child : c.getChildren()) each_visible(*child, visit);
}

} // namespace raphson::test
