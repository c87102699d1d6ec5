#include "catch.h"
#include "dsp/error.h"
#include "optim/data/asset.h"
#include "optim/data/audio_features.h"
#include "optim/data/audio_file.h"
#include "scratch_folder.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <numbers>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::data;
using Catch::Matchers::Contains;

namespace {

std::vector<float> sine(double hz, double rate, std::size_t samples, double amplitude = 0.5) {
  std::vector<float> x(samples);
  for (std::size_t i = 0; i < samples; ++i)
    x[i] = static_cast<float>(amplitude
                              * std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / rate + 0.1));
  return x;
}

Clip clip(std::vector<float> samples, const std::string& label = "") {
  return {.samples = std::move(samples), .sample_rate = 8000, .label = label, .name = "made"};
}

void write_wav(const std::filesystem::path& path, const std::vector<float>& samples, double rate = 8000) {
  std::filesystem::create_directories(path.parent_path());
  write_audio(path, {rate, {samples}});
}

} // namespace

TEST_CASE("The spoken digits: 45 takes of 10 digits by 6 speakers") {
  const std::vector<Clip> clips = spoken_digits();
  REQUIRE(clips.size() == 2700);
  std::map<std::string, int> by_speaker, by_digit;
  for (const Clip& c : clips) {
    ++by_speaker[c.group];
    ++by_digit[c.label];
    REQUIRE(c.sample_rate == 8000);
    REQUIRE(c.samples.size() > 1000);
  }
  CHECK(by_speaker.size() == spoken_digit_speakers().size());
  for (const auto& [speaker, count] : by_speaker) CHECK(count == 450);
  for (const auto& [digit, count] : by_digit) CHECK(count == 270);

  const std::vector<Clip> few =
      spoken_digits({.speakers = {"theo", "jackson"}, .digits = {3}, .first_take = 5, .last_take = 9});
  CHECK(few.size() == 10);
  CHECK(few.front().take == 5);
  CHECK(few.front().label == "3");
  // The first clip of the first speaker is where the index says.
  const Audio george = read_audio(asset("data/fsdd/george.flac"));
  CHECK(clips.front().samples
        == std::vector<float>(george.channels[0].begin(), george.channels[0].begin() + 2384));
  CHECK_THROWS_WITH(spoken_digits({.speakers = {"nobody"}}),
                    Contains("no speaker 'nobody'") && Contains("'yweweler'"));
  CHECK_THROWS_AS(spoken_digits({.digits = {10}}), InputError);
  CHECK_THROWS_AS(spoken_digits({.first_take = 40, .last_take = 45}), InputError);
}

TEST_CASE("Clips of a folder, of sub-folders, of an index, and alone") {
  const ScratchFolder folder;
  write_wav(folder / "classes/yes/b.wav", sine(500, 8000, 300));
  write_wav(folder / "classes/yes/a.wav", sine(500, 8000, 200));
  write_wav(folder / "classes/no/c.WAV", sine(500, 8000, 100));
  std::ofstream(folder / "classes/notes.txt") << "not audio";
  const std::vector<Clip> classes = read_clips(folder / "classes");
  REQUIRE(classes.size() == 3);
  CHECK(classes[0].label == "no");
  CHECK(classes[0].samples.size() == 100);
  CHECK(classes[1].samples.size() == 200);
  CHECK(classes[2].label == "yes");

  const std::vector<Clip> loose = read_clips(folder / "classes/yes");
  CHECK(loose.size() == 2);
  CHECK(loose[0].label.empty());
  CHECK(read_clips(folder / "classes/yes/b.wav").size() == 1);

  std::ofstream(folder / "index.csv")
      << "file,start_sample,num_samples,label,group,take\n"
         "classes/yes/b.wav,10,20,yes,me,4\nclasses/no/c.WAV,0,100,no,you,5\n";
  const std::vector<Clip> indexed = read_clips(folder / "index.csv");
  REQUIRE(indexed.size() == 2);
  CHECK(indexed[0].samples
        == std::vector<float>(loose[1].samples.begin() + 10, loose[1].samples.begin() + 30));
  CHECK(indexed[0].group == "me");
  CHECK(indexed[1].take == 5);
  CHECK(indexed[1].label == "no");

  std::ofstream(folder / "whole.csv") << "file\nclasses/yes/b.wav\n";
  CHECK(read_clips(folder / "whole.csv", "").front().samples.size() == 300);
}

TEST_CASE("Channels are averaged") {
  const ScratchFolder folder;
  write_audio(folder / "two.wav", {8000, {{0.5f, 0.25f}, {0.25f, -0.25f}}});
  CHECK(read_clips(folder / "two.wav").front().samples == std::vector<float>{0.375f, 0.0f});
}

TEST_CASE("Clips: what is wrong is said") {
  const ScratchFolder folder;
  write_wav(folder / "a.wav", sine(500, 8000, 100));
  const auto index = [&](const std::string& text) {
    std::ofstream(folder / "i.csv") << text;
    return folder / "i.csv";
  };
  CHECK_THROWS_WITH(read_clips(index("file,start_sample,num_samples,label\na.wav,90,11,x\n")),
                    Contains("i.csv, line 2: 11 samples from 90 on, but ") && Contains("a.wav has 100"));
  CHECK_THROWS_WITH(read_clips(index("file,start_sample,num_samples,label\na.wav,0,0,x\n")),
                    Contains("0 samples"));
  CHECK_THROWS_WITH(read_clips(index("file,start_sample,num_samples,label\na.wav,-1,5,x\n")),
                    Contains("column 'start_sample': -1 is no whole number"));
  CHECK_THROWS_WITH(read_clips(index("file,start_sample,num_samples,label\na.wav,1e300,5,x\n")),
                    Contains("no whole number"));
  CHECK_THROWS_WITH(read_clips(index("file\na.wav\n")),
                    Contains("no column 'label' of classes; its columns are 'file'"));
  CHECK_THROWS_WITH(read_clips(index("name,label\na.wav,x\n")), Contains("no column 'file' nor 'speaker'"));
  CHECK_THROWS_WITH(read_clips(index("file,label\nnone.wav,x\n")),
                    Contains("cannot read") && Contains("none.wav"));
  CHECK_THROWS_WITH(read_clips(index("file,label\n")), Contains("no clips"));
  std::filesystem::create_directories(folder / "empty");
  CHECK_THROWS_WITH(read_clips(folder / "empty"), Contains("it holds no recordings"));
  write_wav(folder / "mixed/a.wav", sine(500, 8000, 100));
  write_wav(folder / "mixed/b/b.wav", sine(500, 8000, 100));
  CHECK_THROWS_WITH(read_clips(folder / "mixed"), Contains("lies in the folder itself"));
}

TEST_CASE("The simple features of a sine are its own") {
  const std::vector<Clip> clips = {clip(sine(1000, 8000, 8000)), clip(sine(250, 8000, 4000, 0.1)),
                                   clip(std::vector<float>(800))};
  const Dataset data = simple_features(clips);
  CHECK(data.feature_names
        == std::vector<std::string>{"duration_s", "level_db", "centroid_hz", "bandwidth_hz",
                                    "zero_crossings_hz"});
  CHECK(data.labels.empty());
  CHECK(data.features(0, 0) == 1);
  CHECK(data.features(0, 1) == Approx(10 * std::log10(0.125)).epsilon(1e-4));
  CHECK(data.features(0, 2) == Approx(1000).epsilon(1e-3));
  // The Hann window's own: bins 1000 and 31.25 Hz to either side, powers 1, 1/4, 1/4.
  CHECK(data.features(0, 3) == Approx(31.25 * std::sqrt(0.5 / 1.5)).epsilon(1e-2));
  CHECK(data.features(0, 4) == Approx(2000).epsilon(1e-3));
  CHECK(data.features(1, 0) == 0.5);
  CHECK(data.features(1, 1) == Approx(10 * std::log10(0.005)).epsilon(1e-3));
  CHECK(data.features(1, 4) == Approx(500).epsilon(5e-3));
  CHECK(data.features.row(2) == (Eigen::RowVectorXd(5) << 0.1, -100, 0, 0, 0).finished());
}

TEST_CASE("Log-mel patches: sizes, repetition, level") {
  std::vector<Clip> clips = {clip(sine(1000, 8000, 4000), "tone"), clip(sine(300, 8000, 500), "hum")};
  const LogMelPatch options{.bands = 24, .frames = 32, .time = LogMelPatch::Time::centre};
  const Dataset data = log_mel_patches(clips, options);
  CHECK(data.image_rows == 32);
  CHECK(data.image_columns == 24);
  CHECK(data.features.cols() == 32 * 24);
  CHECK(data.class_names == std::vector<std::string>{"hum", "tone"});
  CHECK(data.labels == std::vector<int>{1, 0});
  const Frames frames = frames_of(8000, 25, 10);
  const RowMatrix whole = log_mel(clips[0].samples, 8000, frames, {.bands = 24}); // 48 frames
  REQUIRE(whole.rows() == 48);
  const Eigen::Map<const RowMatrix> first(data.features.row(0).data(), 32, 24);
  CHECK(first == whole.middleRows(8, 32));
  const RowMatrix brief = log_mel(clips[1].samples, 8000, frames, {.bands = 24});
  REQUIRE(brief.rows() == 4);
  const Eigen::Map<const RowMatrix> second(data.features.row(1).data(), 32, 24);
  CHECK(second.topRows(4) == brief);
  CHECK(second.middleRows(28, 4) == brief);

  const Dataset parts = log_mel_patches(clips, {.bands = 24, .frames = 8});
  const Eigen::Map<const RowMatrix> eighths(parts.features.row(0).data(), 8, 24);
  CHECK(eighths.row(2).isApprox(whole.middleRows(12, 6).colwise().mean(), 1e-12));

  const Dataset standard =
      log_mel_patches(clips, {.bands = 24, .frames = 8, .level = LogMelPatch::Level::standardised});
  CHECK(standard.features.row(0).mean() == Approx(0).margin(1e-12));
  CHECK(standard.features.row(0).squaredNorm() == Approx(8 * 24));
  CHECK_THROWS_AS(log_mel_patches(clips, {.frames = 0}), InputError);
}

TEST_CASE("Cepstral statistics and log spectra are those of the frames") {
  const std::vector<Clip> clips = {clip(sine(1000, 8000, 4000)), clip(sine(311, 8000, 2000))};
  const Dataset data = mfcc_statistics(clips, {.bands = 26, .coefficients = 13});
  CHECK(data.features.cols() == 26);
  CHECK(data.feature_names[14] == "deviation_c1");
  const RowMatrix c = cepstra(log_mel(clips[1].samples, 8000, frames_of(8000, 25, 10), {.bands = 26}), 13);
  double square = 0;
  for (Eigen::Index t = 0; t < c.rows(); ++t) square += std::pow(c(t, 3) - c.col(3).mean(), 2);
  CHECK(data.features(1, 3) == Approx(c.col(3).mean()));
  CHECK(data.features(1, 16) == Approx(std::sqrt(square / static_cast<double>(c.rows()))));

  const Dataset frames = log_spectrum_frames(clips, 512);
  CHECK(frames.features.cols() == 257);
  CHECK(frames.features.rows() == 14 + 6);
  Eigen::Index loudest = 0;
  frames.features.row(2).maxCoeff(&loudest);
  CHECK(loudest == 64); // 1000 Hz
  CHECK(frames.feature_names[64] == "1000_hz_64");
  CHECK(log_spectrum_means(clips, 512)
            .features.row(1)
            .isApprox(frames.features.bottomRows(6).colwise().mean()));
}

TEST_CASE("Clips that do not go together are refused") {
  std::vector<Clip> clips = {clip(sine(1000, 8000, 4000), "a"), clip(sine(1000, 8000, 4000))};
  CHECK_THROWS_WITH(simple_features(clips), Contains("no class, but other clips have one"));
  clips[1].label = "b";
  clips[1].sample_rate = 16000;
  CHECK_THROWS_WITH(simple_features(clips), Contains("16000 Hz, but made has 8000 Hz"));
  clips[1].samples.clear();
  CHECK_THROWS_WITH(log_spectrum_frames(clips), Contains("no samples"));
  CHECK_THROWS_AS(simple_features({}), InputError);
  CHECK_THROWS_AS(log_spectrum_means({}), InputError);
}

TEST_CASE("Two speakers are told apart by simple features better than by chance") {
  // Nearest class mean of standardised features, odd takes by even ones: a check that the features carry
  // something.
  const Dataset data = simple_features(spoken_digits({.speakers = {"jackson", "theo"}, .last_take = 9}));
  std::vector<Clip> clips = spoken_digits({.speakers = {"jackson", "theo"}, .last_take = 9});
  RowMatrix x = data.features;
  x.rowwise() -= x.colwise().mean().eval();
  const Eigen::RowVectorXd deviation = x.array().square().colwise().mean().sqrt().matrix();
  x.array().rowwise() /= deviation.array();
  std::map<std::string, Eigen::RowVectorXd> mean;
  for (std::size_t i = 0; i < clips.size(); ++i)
    if (clips[i].take % 2 == 0) {
      auto& sum = mean.try_emplace(clips[i].group, Eigen::RowVectorXd::Zero(5)).first->second;
      sum += x.row(static_cast<Eigen::Index>(i)) / 50;
    }
  int right = 0;
  for (std::size_t i = 0; i < clips.size(); ++i) {
    const auto row = x.row(static_cast<Eigen::Index>(i));
    const bool jackson = (row - mean["jackson"]).norm() < (row - mean["theo"]).norm();
    if (clips[i].take % 2 == 1 && jackson == (clips[i].group == "jackson")) ++right;
  }
  CHECK(right > 80); // of 100
}
