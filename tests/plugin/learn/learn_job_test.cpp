// Learning in the background against the match it stands for.
#include "catch.h"
#include "dsp/model/model_file.h"
#include "optim/data/audio_file.h"
#include "optim/data/resample.h"
#include "plugin/plugin_fixture.h"

#include <cmath>

using Catch::Contains;
using raphson::plugin::LearnJob;
using raphson::test::Plugin;
namespace data = raphson::optim::data;
namespace match = raphson::optim::match;

namespace {

const std::string recordings = RAPHSON_SOURCE_DIR "/assets/recordings/";

/// The first two seconds of a recording, to be quick.
data::Audio short_recording(const char* file) {
  data::Audio audio = data::read_audio(recordings + file);
  for (auto& channel : audio.channels) channel.resize(96000);
  return audio;
}

struct ShortPair {
  ScratchFolder scratch;
  std::filesystem::path dry = scratch / "unit-dry.wav", wet = scratch / "unit-wet.wav";
  match::MatchOptions options;

  ShortPair() {
    data::write_audio(dry, short_recording("la2a-dry.flac"));
    data::write_audio(wet, short_recording("la2a-wet.flac"));
    options.held_out = false;
    options.starts = 1;
    options.threads = 1;
  }
};

double rms(const std::vector<float>& x) {
  double sum = 0;
  for (const float v : x) sum += static_cast<double>(v) * static_cast<double>(v);
  return std::sqrt(sum / static_cast<double>(x.size()));
}

} // namespace

TEST_CASE("What is learnt is what the match finds", "[plugin][learn]") {
  ShortPair pair;
  LearnJob job;
  CHECK(job.state() == LearnJob::State::idle);
  job.start(pair.dry, pair.wet, pair.options);
  job.wait();
  REQUIRE(job.state() == LearnJob::State::done);
  const auto result = job.result();
  const auto expected = match::match(data::read_audio(pair.dry), data::read_audio(pair.wet), pair.options);
  CHECK(result->model.chain.values() == expected.chain.values());
  CHECK(result->match.esr == expected.esr);
  CHECK(result->model.name == "unit");
  CHECK(result->model.source.dry == "unit-dry.wav");

  const auto progress = job.progress();
  CHECK(progress.fraction == 1);
  CHECK_FALSE(progress.esr_trace.empty());
  CHECK(progress.esr_trace.back() <= progress.esr_trace.front());

  const auto& excerpt = result->excerpt;
  REQUIRE(excerpt.dry.size() == 1);
  CHECK(excerpt.sample_rate == 48000);
  CHECK(excerpt.clone[0].size() == excerpt.dry[0].size());
  // The error-to-signal ratio of the excerpt, which is all of so short a recording.
  CHECK(std::pow(rms(excerpt.difference[0]) / rms(excerpt.wet[0]), 2) == Approx(expected.esr).epsilon(0.01));
}

TEST_CASE("A learnt clone is kept, sounds, and is saved as a model file", "[plugin][learn]") {
  ShortPair pair;
  Plugin plugin;
  plugin.processor.learn().start(pair.dry, pair.wet, pair.options);
  plugin.processor.learn().wait();
  const auto result = plugin.processor.learn().result();
  REQUIRE(result);
  plugin.processor.adopt_model(result->model);
  CHECK(plugin.effective("threshold_db") == result->model.chain.values()[0]);
  plugin.processor.save_model(pair.scratch / "clone.raphson.json");
  CHECK(raphson::dsp::read_model(pair.scratch / "clone.raphson.json").chain.values()
        == result->model.chain.values());
}

TEST_CASE("Recordings at different rates are learnt from, with a warning", "[plugin][learn]") {
  ShortPair pair;
  data::write_audio(pair.wet, data::resample(data::read_audio(pair.wet), 44100));
  LearnJob job;
  job.start(pair.dry, pair.wet, pair.options);
  job.wait();
  REQUIRE(job.state() == LearnJob::State::done);
  REQUIRE_FALSE(job.result()->match.warnings.empty());
  CHECK_THAT(job.result()->match.warnings[0], Contains("resampled from 44100 Hz"));
}

TEST_CASE("What cannot be learnt from is told in one line with the files' names", "[plugin][learn]") {
  ShortPair pair;
  LearnJob job;
  const auto error = [&](const std::filesystem::path& dry, const std::filesystem::path& wet) {
    job.start(dry, wet, pair.options);
    job.wait();
    CHECK(job.state() == LearnJob::State::failed);
    CHECK_FALSE(job.result());
    CHECK(job.error().find('\n') == std::string::npos);
    return job.error();
  };
  CHECK_THAT(error(pair.scratch / "none.wav", pair.wet), Contains("none.wav"));
  raphson::test::write(pair.scratch / "text.wav", "no audio");
  CHECK_THAT(error(pair.dry, pair.scratch / "text.wav"), Contains("text.wav"));
  data::write_audio(pair.scratch / "silent.wav", {48000, {std::vector<float>(96000)}});
  CHECK_THAT(error(pair.dry, pair.scratch / "silent.wav"), Contains("silent.wav"));
  pair.options.model = "reverb";
  CHECK_THAT(error(pair.dry, pair.wet), Contains("reverb"));
}

TEST_CASE("A job ends when it is cancelled, started anew or destroyed", "[plugin][learn]") {
  ShortPair pair;
  LearnJob job;
  job.start(pair.dry, pair.wet, pair.options);
  job.cancel();
  job.wait();
  CHECK(job.state() == LearnJob::State::cancelled);
  CHECK_FALSE(job.result());
  job.start(pair.dry, pair.wet, pair.options);
  job.start(pair.scratch / "none.wav", pair.wet, pair.options);
  job.wait();
  CHECK(job.state() == LearnJob::State::failed);
  job.start(recordings + "la2a-dry.flac", recordings + "la2a-wet.flac");
} // here it is destroyed at work
