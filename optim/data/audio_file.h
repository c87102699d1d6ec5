// Audio files in and out: WAV, AIFF, FLAC, OGG (what libsndfile reads), any rate, any number of channels, any
// length. Samples are float, full scale at 1. Reading and writing go by blocks; read_audio and write_audio
// hold the whole of a file in memory.
//
// Every failure throws InputError, one line naming the file: missing, not permitted, a folder, not audio, no
// samples, cut off, a NaN or infinite sample; no such folder, a full disk, an extension that names no format.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

namespace raphson::optim::data {

struct Audio {
  double sample_rate = 0;                   // Hz
  std::vector<std::vector<float>> channels; // all of one length

  std::size_t frames() const { return channels.empty() ? 0 : channels.front().size(); }
};

/// How samples are stored. by_extension: .wav 32-bit float, .aiff and .flac 24-bit, .ogg Vorbis (which has no
/// other). Fixed point clips at full scale; float keeps what lies above it.
enum class SampleFormat { by_extension, pcm16, pcm24, float32 };

class AudioReader {
public:
  explicit AudioReader(const std::filesystem::path& path);
  ~AudioReader();
  AudioReader(AudioReader&&) noexcept;
  AudioReader& operator=(AudioReader&&) noexcept;

  double sample_rate() const;
  std::size_t channels() const;
  std::size_t frames() const;
  const std::filesystem::path& path() const;

  /// Reads the next frames, as many as fit, and returns how many: fewer at the end of the file only, then 0.
  /// block.size() is a multiple of channels().
  std::size_t read_interleaved(std::span<float> block);

  /// The same into one buffer a channel, each with room for `frames`.
  std::size_t read_planar(std::span<float* const> channels, std::size_t frames);

private:
  struct File;
  std::unique_ptr<File> file_;
};

/// Writes beside the target and renames in commit(); without commit() nothing is left behind.
class AudioWriter {
public:
  /// A WAV beyond 4 GiB is written as RF64, if it is known from the start by its expected frames (0: not
  /// known); otherwise, and for AIFF, such a length throws.
  AudioWriter(const std::filesystem::path& path, double sample_rate, std::size_t channels,
              SampleFormat format = SampleFormat::by_extension, std::size_t expected_frames = 0);
  ~AudioWriter();
  AudioWriter(AudioWriter&&) noexcept;
  AudioWriter& operator=(AudioWriter&&) noexcept;

  /// block.size() is a multiple of the number of channels.
  void write_interleaved(std::span<const float> block);
  void write_planar(std::span<const float* const> channels, std::size_t frames);

  /// Throws InputError where nothing was written, too.
  void commit();

  /// Samples above full scale that a fixed-point format has clipped so far (0 for float and Vorbis).
  std::size_t clipped_samples() const;

private:
  struct File;
  std::unique_ptr<File> file_;
};

Audio read_audio(const std::filesystem::path& path);

/// Returns the number of clipped samples.
std::size_t write_audio(const std::filesystem::path& path, const Audio& audio,
                        SampleFormat format = SampleFormat::by_extension);

} // namespace raphson::optim::data
