// Meter readings on their way from the audio thread to the window: a lock-free ring for one thread that
// writes and one that reads. A full ring drops what comes; nobody ever waits.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>

namespace raphson::plugin {

/// About 5 ms of audio.
struct MeterFrame {
  static constexpr float silence_db = -160;

  float input_peak_db[2] = {silence_db, silence_db};  ///< first two channels, after the input gain
  float output_peak_db[2] = {silence_db, silence_db}; ///< first two channels, as they leave
  float gain_reduction_db = 0;                        ///< >= 0, the deepest in any channel, make-up apart
  float detector_db = silence_db;                     ///< the highest level the compressor saw
};

class MeterFifo {
public:
  /// Audio thread. False if it was full and the frame is lost.
  bool push(const MeterFrame& frame) noexcept {
    const std::size_t end = end_.load(std::memory_order_relaxed);
    if (end - begin_.load(std::memory_order_acquire) == frames_.size()) return false;
    frames_[end % frames_.size()] = frame;
    end_.store(end + 1, std::memory_order_release);
    return true;
  }

  /// The reader's thread. False if there was none.
  bool pop(MeterFrame& frame) noexcept {
    const std::size_t begin = begin_.load(std::memory_order_relaxed);
    if (begin == end_.load(std::memory_order_acquire)) return false;
    frame = frames_[begin % frames_.size()];
    begin_.store(begin + 1, std::memory_order_release);
    return true;
  }

private:
  std::array<MeterFrame, 256> frames_; ///< more than a second
  std::atomic<std::size_t> begin_{0}, end_{0};
};

} // namespace raphson::plugin
