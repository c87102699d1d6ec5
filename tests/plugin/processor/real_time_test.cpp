// processBlock neither allocates nor locks, whatever the other threads do meanwhile.
#include "catch.h"
#include "plugin/editor/editor.h"
#include "plugin/plugin_fixture.h"
#include "plugin/processor/real_time_trap.h"

#include <atomic>
#include <thread>

using raphson::test::Plugin;
using raphson::test::RealTimeTrap;
using raphson::test::violations;

#if defined(__GLIBC__) && !defined(RAPHSON_SANITIZE)

TEST_CASE("The trap sees memory taken and given back, and locks", "[plugin]") {
  const auto before = violations();
  std::mutex mutex;
  {
    const RealTimeTrap trap;
    const std::unique_ptr<volatile int> memory(new int(1));
    const std::lock_guard lock(mutex);
  }
  const auto after = violations();
  CHECK(after.allocations == before.allocations + 2);
  CHECK(after.locks == before.locks + 1);
  const std::unique_ptr<volatile int> memory(new int(1));
  CHECK(violations().allocations == after.allocations);
}

#endif

namespace {

/// Plays blocks of all sizes on a thread of its own until told to stop.
class AudioThread {
public:
  explicit AudioThread(raphson::plugin::Processor& processor) : thread_([&] { run(processor); }) {}
  ~AudioThread() { stop(); }
  void stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }
  void wait_for_blocks(long count) const {
    for (const long until = blocks_ + count; blocks_ < until;) std::this_thread::yield();
  }
  long blocks() const { return blocks_; }

private:
  void run(raphson::plugin::Processor& processor) {
    juce::AudioBuffer<float> audio(processor.getTotalNumInputChannels(), 512), part;
    juce::MidiBuffer midi;
    for (int n = 0; n < 512; ++n)
      for (int c = 0; c < audio.getNumChannels(); ++c)
        audio.setSample(c, n, 0.5f * std::sin(0.05f * float(n)));
    while (!stop_) {
      const int samples = 1 + static_cast<int>(blocks_ * 37 % 512);
      part.setDataToReferTo(audio.getArrayOfWritePointers(), audio.getNumChannels(), samples);
      {
        const RealTimeTrap trap;
        processor.processBlock(part, midi);
      }
      ++blocks_;
    }
  }

  std::atomic<bool> stop_{false};
  std::atomic<long> blocks_{0};
  std::thread thread_;
};

} // namespace

TEST_CASE("Parameters, models, presets, sessions and auditions change under the audio without a lock",
          "[plugin]") {
  Plugin plugin;
  auto& processor = plugin.processor;
  REQUIRE(processor.enableAllBuses());
  processor.prepareToPlay(48000, 512);
  const std::string state = plugin.state();
  const auto before = violations();
  AudioThread audio(processor);
  raphson::plugin::Excerpt excerpt;
  excerpt.sample_rate = 44100;
  excerpt.dry = excerpt.wet = excerpt.clone = excerpt.difference = {std::vector<float>(5000, 0.1f)};
  for (int round = 0; round < 40; ++round) {
    for (auto* parameter : processor.getParameters())
      parameter->setValueNotifyingHost(
          static_cast<float>((round * 7 + parameter->getParameterIndex() * 3) % 11) / 10);
    processor.update();
    audio.wait_for_blocks(3);
    processor.presets().load(static_cast<std::size_t>(round % 7));
    audio.wait_for_blocks(round % 5);
    processor.adopt_model(
        {"Other", raphson::dsp::parse_chain(round % 2 ? "eq+compressor" : "eq"), {}, {}, {}, {}});
    processor.select_slot(round % 2);
    processor.undo();
    audio.wait_for_blocks(2);
    plugin.set_state(state);
    processor.audition().load(excerpt);
    processor.audition().play(static_cast<raphson::plugin::Audition::Source>(round % 5));
    processor.update();
    audio.wait_for_blocks(3);
  }
  audio.stop();
  CHECK(audio.blocks() > 200);
  CHECK(violations().allocations == before.allocations);
  CHECK(violations().locks == before.locks);
}

TEST_CASE("The window opens, is painted and closes under the audio, while another thread automates",
          "[plugin]") {
  Plugin plugin;
  auto& processor = plugin.processor;
  processor.prepareToPlay(48000, 512);
  const auto before = violations();
  AudioThread audio(processor);
  std::atomic<bool> stop{false};
  std::thread automation([&] {
    const auto& parameters = processor.getParameters();
    for (int step = 0; !stop; ++step) {
      parameters[step % parameters.size()]->setValueNotifyingHost(static_cast<float>(step % 17) / 16);
      std::this_thread::yield();
    }
  });
  for (int round = 0; round < 10; ++round) {
    const std::unique_ptr<juce::AudioProcessorEditor> window(processor.createEditorIfNeeded());
    REQUIRE(window != nullptr);
    audio.wait_for_blocks(20);
    processor.update();
    const juce::Image picture = window->createComponentSnapshot(window->getLocalBounds());
    CHECK(picture.getWidth() == window->getWidth());
    audio.wait_for_blocks(20);
  }
  stop = true;
  automation.join();
  audio.stop();
  CHECK(processor.getActiveEditor() == nullptr);
  CHECK(violations().allocations == before.allocations);
  CHECK(violations().locks == before.locks);
}
