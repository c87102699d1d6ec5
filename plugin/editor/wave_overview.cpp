#include "plugin/editor/wave_overview.h"

#include "dsp/error.h"
#include "optim/data/audio_file.h"

#include <algorithm>
#include <vector>

namespace raphson::plugin {

WaveOverview::~WaveOverview() { stop(); }

void WaveOverview::stop() {
  cancel_ = true;
  if (thread_.joinable()) thread_.join();
  cancel_ = false;
}

void WaveOverview::read(const std::filesystem::path& file) {
  stop();
  ready_.store(false, std::memory_order_release);
  outline_ = {};
  thread_ = std::thread([this, file] {
    try {
      run(file);
    } catch (const std::exception& error) {
      outline_ = {};
      outline_.error = error.what();
    }
    ready_.store(true, std::memory_order_release);
  });
}

void WaveOverview::run(const std::filesystem::path& file) {
  optim::data::AudioReader reader(file);
  const std::size_t frames = reader.frames(), channels = reader.channels();
  std::vector<float> block(channels * 16384);
  std::size_t done = 0;
  while (const std::size_t count = reader.read_interleaved(block)) {
    if (cancel_) return;
    for (std::size_t i = 0; i < count * channels; ++i) {
      const std::size_t at = (done + i / channels) * columns / std::max<std::size_t>(frames, 1);
      auto& [low, high] = outline_.column[std::min(at, columns - 1)];
      low = std::min(low, block[i]);
      high = std::max(high, block[i]);
    }
    done += count;
  }
  outline_.seconds = static_cast<double>(done) / reader.sample_rate();
}

} // namespace raphson::plugin
