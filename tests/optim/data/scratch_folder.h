// A folder of a test's own, removed with all it holds.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <unistd.h>
#include <vector>

class ScratchFolder {
public:
  ScratchFolder() {
    static std::atomic<int> counter{0};
    path_ = std::filesystem::temp_directory_path()
            / ("raphson-test-" + std::to_string(getpid()) + "-" + std::to_string(counter++));
    std::filesystem::create_directories(path_);
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }

private:
  std::filesystem::path path_;
};

/// A WAV of interleaved 32-bit float, put together by hand: the writer refuses samples that are not finite.
inline std::string float_wav(const std::vector<float>& samples, std::uint16_t channels, std::uint32_t rate) {
  std::string bytes;
  const auto put = [&](const auto& value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  const auto size = static_cast<std::uint32_t>(samples.size() * 4);
  bytes += "RIFF";
  put(static_cast<std::uint32_t>(36 + size));
  bytes += "WAVEfmt ";
  put(std::uint32_t{16});
  put(std::uint16_t{3}); // IEEE float
  put(channels);
  put(rate);
  put(static_cast<std::uint32_t>(rate * channels * 4u));
  put(static_cast<std::uint16_t>(channels * 4));
  put(std::uint16_t{32});
  bytes += "data";
  put(size);
  bytes.append(reinterpret_cast<const char*>(samples.data()), size);
  return bytes;
}
