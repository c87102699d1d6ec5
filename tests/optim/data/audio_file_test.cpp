#include "catch.h"
#include "dsp/error.h"
#include "dsp/io/atomic_file.h"
#include "optim/data/audio_file.h"
#include "optim/data/read_file.h"
#include "scratch_folder.h"

#include <cmath>
#include <random>

using namespace raphson;
using namespace raphson::optim::data;
using Catch::Matchers::Contains;
using raphson::dsp::write_file;

namespace {

const std::filesystem::path recordings = std::filesystem::path(RAPHSON_SOURCE_DIR) / "assets/recordings";

Audio noise(std::size_t channels, std::size_t frames, double rate, float peak = 0.9f) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(-peak, peak);
  Audio audio{rate, std::vector<std::vector<float>>(channels, std::vector<float>(frames))};
  for (auto& channel : audio.channels)
    for (float& x : channel) x = uniform(random);
  return audio;
}

double largest_difference(const Audio& a, const Audio& b) {
  REQUIRE(a.channels.size() == b.channels.size());
  REQUIRE(a.frames() == b.frames());
  double largest = 0;
  for (std::size_t c = 0; c < a.channels.size(); ++c)
    for (std::size_t n = 0; n < a.frames(); ++n)
      largest = std::max(largest, static_cast<double>(std::abs(a.channels[c][n] - b.channels[c][n])));
  return largest;
}

std::size_t entries(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

} // namespace

TEST_CASE("What is written is read back, to the precision of its format") {
  const ScratchFolder scratch;
  struct Case {
    const char* name;
    SampleFormat format;
    double error;
  };
  for (const Case& c :
       {Case{"a.wav", SampleFormat::by_extension, 0}, Case{"b.aiff", SampleFormat::by_extension, 0x1p-23},
        Case{"c.flac", SampleFormat::by_extension, 0x1p-23}, Case{"d.WAV", SampleFormat::pcm16, 0x1p-15},
        Case{"e.aif", SampleFormat::float32, 0}, Case{"f.flac", SampleFormat::pcm16, 0x1p-15}})
    for (const std::size_t channels : {1u, 2u, 5u}) {
      const Audio audio = noise(channels, 5001, 44100);
      CHECK(write_audio(scratch / c.name, audio, c.format) == 0);
      const Audio back = read_audio(scratch / c.name);
      CHECK(back.sample_rate == 44100);
      CHECK(largest_difference(back, audio) <= c.error);
    }
  CHECK(entries(scratch.path()) == 6); // and no temporaries
}

TEST_CASE("OGG keeps length, rate and nearly the sound") {
  const ScratchFolder scratch;
  Audio audio{48000, {std::vector<float>(48000)}};
  for (std::size_t n = 0; n < 48000; ++n)
    audio.channels[0][n] = 0.5f * std::sin(0.05f * static_cast<float>(n));
  write_audio(scratch / "a.ogg", audio);
  const Audio back = read_audio(scratch / "a.ogg");
  CHECK(back.sample_rate == 48000);
  CHECK(largest_difference(back, audio) < 0.1);
}

TEST_CASE("A WAV is a plain WAV, and the same samples give the same bytes") {
  const ScratchFolder scratch;
  const Audio audio = noise(1, 1000, 48000);
  write_audio(scratch / "a.wav", audio);
  write_audio(scratch / "b.wav", audio);
  const std::string bytes = read_file(scratch / "a.wav");
  CHECK(bytes.substr(0, 4) == "RIFF");
  CHECK(bytes.substr(8, 4) == "WAVE");
  CHECK(bytes == read_file(scratch / "b.wav"));
  CHECK(bytes.find("PEAK") == std::string::npos);
}

TEST_CASE("A WAV expected to pass 4 GiB is RF64") {
  const ScratchFolder scratch;
  AudioWriter writer(scratch / "long.wav", 48000, 2, SampleFormat::by_extension, std::size_t{1} << 30);
  const std::vector<float> block(2000, 0.25f);
  writer.write_interleaved(block);
  writer.commit();
  CHECK(read_file(scratch / "long.wav").substr(0, 4) == "RF64");
  CHECK(read_audio(scratch / "long.wav").channels[1] == std::vector<float>(1000, 0.25f));
}

TEST_CASE("Recordings read as they are; blocks of any size give the same samples") {
  const Audio whole = read_audio(recordings / "la2a-dry.flac");
  CHECK(whole.sample_rate == 48000);
  CHECK(whole.frames() == 192000);
  CHECK(read_audio(recordings / "digits-dry.flac").sample_rate == 8000);

  const ScratchFolder scratch;
  const Audio audio = noise(3, 10007, 96000);
  write_audio(scratch / "three.wav", audio);
  for (const std::size_t block : {1u, 77u, 4096u, 20000u}) {
    AudioReader reader(scratch / "three.wav");
    CHECK(reader.frames() == 10007);
    Audio back{96000, std::vector<std::vector<float>>(3, std::vector<float>(10007))};
    std::size_t done = 0;
    while (true) {
      float* const out[] = {&back.channels[0][done], &back.channels[1][done], &back.channels[2][done]};
      const std::size_t room = std::min(block, 10007 - done);
      const std::size_t count = reader.read_planar(out, room);
      done += count;
      if (done == 10007 || count == 0) break;
    }
    CHECK(largest_difference(back, audio) == 0);
    std::vector<float> rest(3);
    CHECK(reader.read_interleaved(rest) == 0);
  }
}

TEST_CASE("Writing in interleaved blocks equals writing at once") {
  const ScratchFolder scratch;
  const Audio audio = noise(2, 9000, 48000);
  write_audio(scratch / "once.flac", audio);
  AudioWriter writer(scratch / "blocks.flac", 48000, 2);
  std::vector<float> block;
  for (std::size_t n = 0; n < 9000; ++n) {
    block.insert(block.end(), {audio.channels[0][n], audio.channels[1][n]});
    if (n % 700 == 0 || n == 8999) {
      writer.write_interleaved(block);
      block.clear();
    }
  }
  CHECK_FALSE(std::filesystem::exists(scratch / "blocks.flac"));
  writer.commit();
  CHECK(largest_difference(read_audio(scratch / "blocks.flac"), audio) <= 0x1p-23);
}

TEST_CASE("Fixed point clips and counts, float keeps") {
  const ScratchFolder scratch;
  const Audio audio{48000, {{0.5f, 1.5f, -2.0f, 1.0f, -1.0f}}};
  CHECK(write_audio(scratch / "a.flac", audio) == 2);
  const Audio back = read_audio(scratch / "a.flac");
  CHECK(back.channels[0][1] == Approx(1).margin(1e-6));
  CHECK(back.channels[0][2] == Approx(-1).margin(1e-6));
  CHECK(write_audio(scratch / "a.wav", audio) == 0);
  CHECK(read_audio(scratch / "a.wav").channels[0] == audio.channels[0]);
}

TEST_CASE("A writer that is not committed leaves the folder as it was") {
  const ScratchFolder scratch;
  write_file(scratch / "kept.wav", "as it was");
  {
    AudioWriter writer(scratch / "kept.wav", 48000, 1);
    writer.write_interleaved(std::vector<float>(10000, 0.1f));
  }
  CHECK(read_file(scratch / "kept.wav") == "as it was");
  CHECK(entries(scratch.path()) == 1);
}

TEST_CASE("A FLAC that does not say its length is read whole") {
  const ScratchFolder scratch;
  const Audio audio = noise(2, 12345, 48000);
  write_audio(scratch / "a.flac", audio);
  std::string bytes = read_file(scratch / "a.flac");
  bytes[21] = static_cast<char>(bytes[21] & 0xF0); // STREAMINFO: 36 bits of total samples, 0 is unknown
  for (int i = 22; i < 26; ++i) bytes[i] = 0;
  write_file(scratch / "piped.flac", bytes);
  CHECK(AudioReader(scratch / "piped.flac").frames() == 12345);
  CHECK(largest_difference(read_audio(scratch / "piped.flac"), audio) <= 0x1p-23);
}

TEST_CASE("Bad audio in: one line that names the file") {
  const ScratchFolder scratch;
  const auto message = [](const std::filesystem::path& path) {
    try {
      read_audio(path);
    } catch (const InputError& error) {
      const std::string text = error.what();
      CHECK_THAT(text, Contains(path.string()));
      CHECK(text.find('\n') == std::string::npos);
      return text;
    }
    return std::string("read");
  };
  CHECK_THAT(message(scratch / "missing.wav"), Contains("No such file"));
  CHECK_THAT(message(scratch.path()), Contains("folder"));
  CHECK_THAT(message("/dev/null"), Contains("not a regular file"));
  write_file(scratch / "empty.wav", "");
  CHECK_THAT(message(scratch / "empty.wav"), Contains("empty"));
  write_file(scratch / "text.wav", "this is no audio at all, though it has some length to it");
  CHECK_THAT(message(scratch / "text.wav"), Contains("not audio"));
  write_file(scratch / "none.wav", float_wav({}, 1, 48000));
  CHECK_THAT(message(scratch / "none.wav"), Contains("no samples"));

  Audio bad = noise(2, 6000, 48000);
  write_audio(scratch / "whole.flac", bad);
  const std::string bytes = read_file(scratch / "whole.flac");
  write_file(scratch / "cut.flac", std::string_view(bytes).substr(0, bytes.size() / 2));
  CHECK_THAT(message(scratch / "cut.flac"), Contains("cut off"));

  for (const float value : {std::nanf(""), INFINITY}) {
    std::vector<float> samples(2 * 6000, 0.5f);
    samples[2 * 5000 + 1] = value;
    write_file(scratch / "bad.wav", float_wav(samples, 2, 48000));
    CHECK_THAT(message(scratch / "bad.wav"), Contains("frame 5000 of channel 2"));
  }
}

TEST_CASE("Bad places to write audio to: one line, nothing left") {
  const ScratchFolder scratch;
  const Audio audio = noise(1, 200000, 48000);
  const auto message = [&](const std::filesystem::path& path, const Audio& what) {
    try {
      write_audio(path, what);
    } catch (const InputError& error) {
      const std::string text = error.what();
      CHECK_THAT(text, Contains(path.string()));
      CHECK(text.find('\n') == std::string::npos);
      return text;
    }
    return std::string("written");
  };
  write_file(scratch / "file", "x");
  CHECK_THAT(message(scratch / "file" / "out.wav", audio), Contains("Not a directory"));
  CHECK_THAT(message(scratch / "nowhere" / "out.wav", audio), Contains("no folder"));
  CHECK_THAT(message("/proc/out.wav", audio), Contains("cannot write"));
  CHECK_THAT(message(scratch / "out.mp4", audio), Contains("extension"));
  CHECK_THAT(message(scratch / "out", audio), Contains("extension"));
  std::filesystem::create_directory(scratch / "folder.wav");
  CHECK_THAT(message(scratch / "folder.wav", audio), Contains("folder"));
  CHECK_THAT(message(scratch / "many.flac", noise(9, 10, 48000)), Contains("9 channels"));
  CHECK_THAT(message(scratch / "rate.wav", noise(1, 10, 44100.5)), Contains("sample rate"));
  CHECK_THAT(message(scratch / "nan.wav", Audio{48000, {{0.0f, std::nanf("")}}}), Contains("not finite"));
  for (const char* name : {"none.wav", "none.flac", "none.aiff", "none.ogg"})
    CHECK_THAT(message(scratch / name, Audio{48000, {{}}}), Contains("no samples"));
  CHECK(entries(scratch.path()) == 2);

  // A link to a device is followed: a disk that is always full, for a long file and for one whose first byte
  // reaches the disk when it is closed.
  for (const char* name : {"full.wav", "full.flac", "full.aiff", "full.ogg"}) {
    std::filesystem::create_symlink("/dev/full", scratch / name);
    CHECK_THAT(message(scratch / name, audio), Contains("No space left on device"));
    CHECK_THAT(message(scratch / name, noise(1, 3, 48000)), Contains("No space left on device"));
  }
  CHECK(std::filesystem::is_character_file("/dev/full"));
}
