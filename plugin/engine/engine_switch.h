// Replaces the engine that plays by another without a lock and without a click: the message thread submits
// the next one, the audio thread lets it run unheard until its delays are full and its gain has settled (50
// ms on top of its latency), crossfades to it in 10 ms and hands the old one back, which the message thread
// deletes.
#pragma once

#include "plugin/engine/engine.h"

#include <atomic>
#include <memory>
#include <vector>

namespace raphson::plugin {

/// An engine with whatever computes its values on the audio thread: derive, and call engine.set() in
/// update().
struct SwitchedEngine {
  explicit SwitchedEngine(const dsp::ChainSettings& chain) : engine(chain) {}
  virtual ~SwitchedEngine() = default;

  /// Audio thread, before each block: real-time safe.
  virtual void update() noexcept {}

  Engine engine;
};

class EngineSwitch {
public:
  EngineSwitch() = default;
  EngineSwitch(const EngineSwitch&) = delete;
  EngineSwitch& operator=(const EngineSwitch&) = delete;
  ~EngineSwitch(); ///< once the audio has stopped

  /// Message thread, the audio stopped: prepares the engine that plays, or that waits to, and all that
  /// follow.
  void prepare(double sample_rate, int channels);

  /// Message thread, the audio stopped: back to silence.
  void reset() noexcept;

  /// Message thread: prepares this one and plays it as soon as may be; of several that wait the last is
  /// played. Deletes those that came back.
  void submit(std::unique_ptr<SwitchedEngine> next);

  /// Message thread, now and then: deletes those that came back.
  void collect();

  /// Audio thread. As Engine::process; without an engine the audio is left as it is.
  template <class Sample>
  void process(Sample* const* audio, int channels, int samples, const Sample* const* sidechain = nullptr,
               int sidechain_channels = 0) noexcept;

  /// Of whichever engine is heard; one reader.
  MeterFifo& meters() noexcept { return meters_; }

private:
  template <class Sample>
  void crossfade(Sample* const* audio, int channels, int samples, const Sample* const* sidechain,
                 int sidechain_channels) noexcept;
  template <class Sample> std::vector<Sample>& scratch() noexcept;
  void take_next() noexcept;
  void hand_back() noexcept;
  void finish_fade() noexcept;
  void forward_meters() noexcept;
  template <class Action> void each(Action action);

  double sample_rate_ = 0; ///< 0 until prepared
  int channels_ = 0;

  std::atomic<SwitchedEngine*> waiting_{nullptr};  ///< message thread to audio thread
  std::atomic<SwitchedEngine*> returned_{nullptr}; ///< audio thread to message thread

  // The audio thread's:
  SwitchedEngine *playing_ = nullptr, *entering_ = nullptr, *leaving_ = nullptr;
  int elapsed_ = 0, unheard_ = 0, fade_ = 1; ///< samples since it entered, before the fade, of the fade
  std::vector<float> float_scratch_;
  std::vector<double> double_scratch_;
  MeterFifo meters_;
};

} // namespace raphson::plugin
