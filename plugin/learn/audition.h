// Plays an excerpt of what was learnt in place of the plugin's output, over and over: dry, wet, clone or the
// difference of the two, all from the same position, so that switching compares.
#pragma once

#include "plugin/learn/learn_job.h"

#include <array>
#include <atomic>
#include <memory>

namespace raphson::plugin {

class Audition {
public:
  enum class Source { live, dry, wet, clone, difference };

  /// Message thread. Takes the excerpt over, at the rate of prepare(); without one, or with an empty one,
  /// live is heard.
  void load(const Excerpt& excerpt);
  void play(Source source) noexcept { source_.store(source, std::memory_order_relaxed); }
  Source source() const noexcept { return source_.load(std::memory_order_relaxed); }
  bool is_loaded() const noexcept { return !excerpt_.dry.empty(); }

  /// Message thread, the audio stopped.
  void prepare(double sample_rate);

  /// Audio thread, in place: no allocation, no lock. A mono excerpt plays on all channels.
  template <class Sample> void process(Sample* const* audio, int channels, int samples) noexcept;

private:
  /// At the host's rate; by source, without `live`.
  struct Clip {
    std::array<std::vector<std::vector<float>>, 4> channels;
    std::size_t frames = 0;
  };

  void hand_over(std::unique_ptr<Clip> next);

  Excerpt excerpt_;
  double sample_rate_ = 0;
  std::atomic<Source> source_{Source::live};

  std::vector<std::unique_ptr<Clip>> clips_;  ///< the last is current; others wait until unused
  std::atomic<const Clip*> current_{nullptr}; ///< set by the message thread
  std::atomic<const Clip*> in_use_{nullptr};  ///< set by the audio thread while it reads one

  // The audio thread's.
  const Clip* last_ = nullptr;
  std::size_t position_ = 0;
  std::array<double, 5> weight_{1, 0, 0, 0, 0}; ///< of each source, on its way to 0 or 1
  double step_ = 1;
};

} // namespace raphson::plugin
