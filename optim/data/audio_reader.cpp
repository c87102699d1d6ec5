#include "optim/data/audio_file.h"

#include "dsp/error.h"
#include "optim/data/read_file.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <sndfile.h>
#include <string>

namespace raphson::optim::data {
namespace {

constexpr std::size_t block_frames = 4096;

struct Close {
  void operator()(SNDFILE* handle) const { sf_close(handle); }
};
using Handle = std::unique_ptr<SNDFILE, Close>;

Handle open_audio(const std::filesystem::path& path, SF_INFO& info) {
  const int descriptor = open_for_reading(path);
  info = SF_INFO{};
  Handle handle(sf_open_fd(descriptor, SFM_READ, &info, SF_TRUE)); // closes the descriptor, on failure too
  if (handle == nullptr)
    throw InputError("cannot read " + path.string() + ": not audio in WAV, AIFF, FLAC or OGG ("
                     + sf_error_number(sf_error(nullptr)) + ")");
  return handle;
}

/// A FLAC that was piped out of its encoder does not say how long it is: decode it once to find out.
std::size_t count_frames(SNDFILE* handle, std::size_t channels) {
  std::vector<float> block(block_frames * channels);
  std::size_t total = 0;
  while (const sf_count_t count = sf_readf_float(handle, block.data(), block_frames))
    total += static_cast<std::size_t>(count);
  return total;
}

} // namespace

struct AudioReader::File {
  std::filesystem::path path;
  SF_INFO info;
  Handle handle;
  std::size_t frames;
  std::size_t position = 0;
  std::vector<float> interleaved; // scratch of read_planar

  explicit File(const std::filesystem::path& file_path)
      : path(file_path), handle(open_audio(path, info)), frames(static_cast<std::size_t>(info.frames)) {
    if (info.frames == SF_COUNT_MAX) {
      frames = count_frames(handle.get(), channels());
      handle = open_audio(path, info);
    }
    if (info.frames <= 0 || frames == 0)
      throw InputError("cannot read " + path.string() + ": it holds no samples");
  }

  std::size_t channels() const { return static_cast<std::size_t>(info.channels); }

  std::size_t read(std::span<float> block) {
    const std::size_t wanted = std::min(block.size() / channels(), frames - position);
    if (wanted == 0) return 0;
    const sf_count_t count = sf_readf_float(handle.get(), block.data(), static_cast<sf_count_t>(wanted));
    if (count != static_cast<sf_count_t>(wanted))
      throw InputError("cannot read " + path.string() + ": cut off or damaged after "
                       + std::to_string(position + static_cast<std::size_t>(std::max<sf_count_t>(count, 0)))
                       + " of " + std::to_string(frames) + " frames");
    check_finite(block.first(wanted * channels()));
    position += wanted;
    return wanted;
  }

  void check_finite(std::span<const float> block) const {
    const auto bad = std::find_if_not(block.begin(), block.end(), [](float x) { return std::isfinite(x); });
    if (bad == block.end()) return;
    const auto index = static_cast<std::size_t>(bad - block.begin());
    throw InputError("cannot use " + path.string() + ": frame "
                     + std::to_string(position + index / channels()) + " of channel "
                     + std::to_string(index % channels() + 1)
                     + (std::isnan(*bad) ? " is not a number (NaN)" : " is infinite"));
  }
};

AudioReader::AudioReader(const std::filesystem::path& path) : file_(std::make_unique<File>(path)) {}
AudioReader::~AudioReader() = default;
AudioReader::AudioReader(AudioReader&&) noexcept = default;
AudioReader& AudioReader::operator=(AudioReader&&) noexcept = default;

double AudioReader::sample_rate() const { return file_->info.samplerate; }
std::size_t AudioReader::channels() const { return file_->channels(); }
std::size_t AudioReader::frames() const { return file_->frames; }
const std::filesystem::path& AudioReader::path() const { return file_->path; }

std::size_t AudioReader::read_interleaved(std::span<float> block) { return file_->read(block); }

std::size_t AudioReader::read_planar(std::span<float* const> out, std::size_t frames) {
  const std::size_t count = channels();
  file_->interleaved.resize(block_frames * count);
  std::size_t done = 0;
  while (done < frames) {
    const std::size_t room = std::min(block_frames, frames - done);
    const std::size_t read = file_->read(std::span(file_->interleaved).first(room * count));
    for (std::size_t c = 0; c < count; ++c)
      for (std::size_t i = 0; i < read; ++i) out[c][done + i] = file_->interleaved[i * count + c];
    done += read;
    if (read < room) break;
  }
  return done;
}

Audio read_audio(const std::filesystem::path& path) try {
  AudioReader reader(path);
  Audio audio{reader.sample_rate(), std::vector<std::vector<float>>(reader.channels())};
  std::vector<float> block(block_frames * reader.channels());
  // Reserved, not filled: a damaged header that promises years of audio costs no memory.
  for (auto& channel : audio.channels) channel.reserve(reader.frames());
  while (const std::size_t frames = reader.read_interleaved(block))
    for (std::size_t c = 0; c < reader.channels(); ++c)
      for (std::size_t i = 0; i < frames; ++i) audio.channels[c].push_back(block[i * reader.channels() + c]);
  return audio;
} catch (const std::bad_alloc&) {
  throw InputError("cannot read " + path.string() + ": too long to hold in memory");
} catch (const std::length_error&) {
  throw InputError("cannot read " + path.string() + ": too long to hold in memory");
}

} // namespace raphson::optim::data
