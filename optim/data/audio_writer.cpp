#include "optim/data/audio_file.h"

#include "dsp/error.h"
#include "dsp/io/atomic_file.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <sndfile.h>
#include <string>

namespace raphson::optim::data {
namespace {

using dsp::AtomicFile;

constexpr std::size_t block_frames = 4096;

// libsndfile writes through these, so that every error of the system is seen, those at close included.
AtomicFile& file_of(void* user) { return *static_cast<AtomicFile*>(user); }
sf_count_t on_length(void* user) { return file_of(user).size(); }
sf_count_t on_seek(sf_count_t offset, int whence, void* user) { return file_of(user).seek(offset, whence); }
sf_count_t on_tell(void* user) { return file_of(user).seek(0, SEEK_CUR); }
sf_count_t on_read(void*, sf_count_t, void*) { return 0; }
/// Tells libsndfile that all went well and leaves the error to AtomicFile::check(): libsndfile leaks its
/// Vorbis encoder where writing the header fails.
sf_count_t on_write(const void* data, sf_count_t size, void* user) {
  const auto* bytes = static_cast<const std::byte*>(data);
  file_of(user).try_write({bytes, static_cast<std::size_t>(size)});
  return size;
}

int subtype(SampleFormat format, int by_extension) {
  switch (format) {
  case SampleFormat::pcm16:
    return SF_FORMAT_PCM_16;
  case SampleFormat::pcm24:
    return SF_FORMAT_PCM_24;
  case SampleFormat::float32:
    return SF_FORMAT_FLOAT;
  case SampleFormat::by_extension:
    break;
  }
  return by_extension;
}

/// WAV and AIFF count bytes in 32 bits; some room is left for their headers.
constexpr std::uint64_t most_bytes = 0xFFFF0000;

int format_of(const std::filesystem::path& path, SampleFormat format, bool long_file) {
  std::string extension = path.extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (extension == ".wav")
    return (long_file ? SF_FORMAT_RF64 : SF_FORMAT_WAV) | subtype(format, SF_FORMAT_FLOAT);
  if (extension == ".aiff" || extension == ".aif") return SF_FORMAT_AIFF | subtype(format, SF_FORMAT_PCM_24);
  if (extension == ".flac") return SF_FORMAT_FLAC | subtype(format, SF_FORMAT_PCM_24);
  if (extension == ".ogg") return SF_FORMAT_OGG | subtype(format, SF_FORMAT_VORBIS);
  throw InputError("cannot write " + path.string()
                   + ": the extension names no audio format; .wav, .flac, .aiff or .ogg would");
}

bool is_fixed_point(int format) {
  const int kind = format & SF_FORMAT_SUBMASK;
  return kind == SF_FORMAT_PCM_16 || kind == SF_FORMAT_PCM_24;
}

SF_INFO info_of(const std::filesystem::path& path, double sample_rate, std::size_t channels,
                SampleFormat format, std::size_t expected_frames) {
  const std::string start = "cannot write " + path.string() + ": ";
  if (!(sample_rate >= 1 && sample_rate <= std::numeric_limits<int>::max())
      || std::round(sample_rate) != sample_rate)
    throw InputError(start + "a sample rate in whole Hz is needed, not " + std::to_string(sample_rate));
  SF_INFO info{};
  info.samplerate = static_cast<int>(sample_rate);
  info.channels = static_cast<int>(std::min<std::size_t>(channels, 1 << 20));
  info.format = format_of(path, format, expected_frames * channels > most_bytes / 4);
  if (!sf_format_check(&info))
    throw InputError(start + "the format " + path.extension().string() + " does not hold "
                     + std::to_string(channels) + " channels at " + std::to_string(info.samplerate)
                     + " Hz in these samples");
  return info;
}

} // namespace

struct AudioWriter::File {
  std::filesystem::path path;
  SF_INFO info;
  bool fixed_point;
  std::uint64_t written = 0; // samples
  std::size_t clipped = 0;
  AtomicFile file;
  SNDFILE* handle = nullptr;
  std::vector<float> interleaved; // scratch of write_planar

  File(const std::filesystem::path& file_path, const SF_INFO& format)
      : path(file_path), info(format), fixed_point(is_fixed_point(format.format)), file(file_path) {
    SF_VIRTUAL_IO io{on_length, on_seek, on_read, on_write, on_tell};
    handle = sf_open_virtual(&io, SFM_WRITE, &info, &file);
    if (handle == nullptr) {
      file.check(); // throws where the system is to blame
      throw InputError("cannot write " + path.string() + ": " + sf_error_number(sf_error(nullptr)));
    }
    sf_command(handle, SFC_SET_CLIPPING, nullptr, SF_TRUE);
    // The peak chunk holds the time of day: without it, the same samples give the same bytes.
    sf_command(handle, SFC_SET_ADD_PEAK_CHUNK, nullptr, SF_FALSE);
  }
  ~File() {
    if (handle != nullptr) sf_close(handle);
  }

  std::size_t channels() const { return static_cast<std::size_t>(info.channels); }

  void check_length(std::size_t samples) {
    written += samples;
    const int container = info.format & SF_FORMAT_TYPEMASK;
    if ((container == SF_FORMAT_WAV || container == SF_FORMAT_AIFF) && written > most_bytes / 4)
      throw InputError("cannot write " + path.string()
                       + ": longer than the 4 GiB of its format, .flac would hold it");
  }

  void write(std::span<const float> block) {
    check_length(block.size());
    if (!std::all_of(block.begin(), block.end(), [](float x) { return std::isfinite(x); }))
      throw InputError("cannot write " + path.string() + ": a sample is not finite (NaN or infinite)");
    if (fixed_point)
      clipped += static_cast<std::size_t>(
          std::count_if(block.begin(), block.end(), [](float x) { return std::abs(x) > 1.0f; }));
    const auto frames = static_cast<sf_count_t>(block.size() / channels());
    const bool whole = sf_writef_float(handle, block.data(), frames) == frames;
    file.check(); // throws where the system failed: a full disk
    if (!whole) throw InputError("cannot write " + path.string() + ": " + sf_strerror(handle));
  }

  void commit() {
    if (written == 0) throw InputError("cannot write " + path.string() + ": there are no samples to write");
    const int error = sf_close(handle);
    handle = nullptr;
    file.check();
    if (error != 0) throw InputError("cannot write " + path.string() + ": " + sf_error_number(error));
    file.commit();
  }
};

AudioWriter::AudioWriter(const std::filesystem::path& path, double sample_rate, std::size_t channels,
                         SampleFormat format, std::size_t expected_frames)
    : file_(std::make_unique<File>(path, info_of(path, sample_rate, channels, format, expected_frames))) {}
AudioWriter::~AudioWriter() = default;
AudioWriter::AudioWriter(AudioWriter&&) noexcept = default;
AudioWriter& AudioWriter::operator=(AudioWriter&&) noexcept = default;

std::size_t AudioWriter::clipped_samples() const { return file_->clipped; }

void AudioWriter::write_interleaved(std::span<const float> block) {
  // libvorbis copies each call onto the stack: long blocks go in pieces.
  const std::size_t piece = block_frames * file_->channels();
  for (std::size_t done = 0; done < block.size(); done += piece)
    file_->write(block.subspan(done, std::min(piece, block.size() - done)));
}

void AudioWriter::write_planar(std::span<const float* const> channels, std::size_t frames) {
  const std::size_t count = file_->channels();
  file_->interleaved.resize(std::min(frames, block_frames) * count);
  for (std::size_t done = 0; done < frames; done += block_frames) {
    const std::size_t piece = std::min(block_frames, frames - done);
    for (std::size_t c = 0; c < count; ++c)
      for (std::size_t i = 0; i < piece; ++i) file_->interleaved[i * count + c] = channels[c][done + i];
    file_->write(std::span(file_->interleaved).first(piece * count));
  }
}

void AudioWriter::commit() { file_->commit(); }

std::size_t write_audio(const std::filesystem::path& path, const Audio& audio, SampleFormat format) {
  AudioWriter writer(path, audio.sample_rate, audio.channels.size(), format, audio.frames());
  std::vector<const float*> channels;
  for (const auto& channel : audio.channels) channels.push_back(channel.data());
  writer.write_planar(channels, audio.frames());
  writer.commit();
  return writer.clipped_samples();
}

} // namespace raphson::optim::data
