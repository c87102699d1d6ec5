// The outline of a recording, read on a thread of its own: lowest and highest sample of each of 512 columns,
// over all channels. No JUCE here.
#pragma once

#include <array>
#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>

namespace raphson::plugin {

class WaveOverview {
public:
  static constexpr std::size_t columns = 512;
  struct Outline {
    std::array<std::pair<float, float>, columns> column{};
    double seconds = 0;
    std::string error; ///< why it cannot be read, one line; empty where it can
  };

  WaveOverview() = default;
  ~WaveOverview();
  WaveOverview(const WaveOverview&) = delete;
  WaveOverview& operator=(const WaveOverview&) = delete;

  /// Ends the one before.
  void read(const std::filesystem::path& file);
  bool is_ready() const noexcept { return ready_.load(std::memory_order_acquire); }
  /// Once it is ready.
  const Outline& outline() const { return outline_; }

private:
  void stop();
  void run(const std::filesystem::path& file);

  std::thread thread_;
  std::atomic<bool> cancel_{false}, ready_{false};
  Outline outline_;
};

} // namespace raphson::plugin
