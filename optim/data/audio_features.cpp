#include "optim/data/audio_features.h"

#include "dsp/error.h"
#include "optim/data/image_transforms.h"
#include "optim/data/labels.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

namespace raphson::optim::data {
namespace {

/// Classes of the rows, row i being of clip clip_of[i]; none where no clip has one.
void label_rows(Dataset& dataset, std::span<const Clip> clips, std::span<const std::size_t> clip_of) {
  if (std::all_of(clips.begin(), clips.end(), [](const Clip& clip) { return clip.label.empty(); })) return;
  std::vector<std::string> words;
  for (const std::size_t c : clip_of) {
    if (clips[c].label.empty()) throw InputError(clips[c].name + ": no class, but other clips have one");
    words.push_back(clips[c].label);
  }
  set_labels(dataset, words, dataset.name);
}

/// One sample rate for all, since a feature means another frequency at another rate.
void check_clips(std::span<const Clip> clips) {
  if (clips.empty()) throw InputError("no clips to take features of");
  for (const Clip& clip : clips) {
    if (clip.samples.empty()) throw InputError(clip.name + ": no samples");
    if (clip.sample_rate != clips.front().sample_rate)
      throw InputError(clip.name + ": " + std::to_string(std::lround(clip.sample_rate)) + " Hz, but "
                       + clips.front().name + " has " + std::to_string(std::lround(clips.front().sample_rate))
                       + " Hz; all must have one sample rate");
  }
}

/// A row a clip, by a function that gives one clip's features.
Dataset row_per_clip(std::span<const Clip> clips,
                     const std::function<Eigen::RowVectorXd(const Clip&)>& features_of) {
  check_clips(clips);
  Dataset dataset{.name = clips.front().name};
  std::vector<std::size_t> clip_of;
  for (std::size_t c = 0; c < clips.size(); ++c) {
    const Eigen::RowVectorXd row = features_of(clips[c]);
    if (c == 0) dataset.features.resize(static_cast<Eigen::Index>(clips.size()), row.size());
    dataset.features.row(static_cast<Eigen::Index>(c)) = row;
    clip_of.push_back(c);
  }
  label_rows(dataset, clips, clip_of);
  return dataset;
}

Eigen::RowVectorXd simple_row(const Clip& clip) {
  double square = 0, crossings = 0;
  for (std::size_t i = 0; i < clip.samples.size(); ++i) {
    square += static_cast<double>(clip.samples[i]) * static_cast<double>(clip.samples[i]);
    if (i > 0 && (clip.samples[i] < 0) != (clip.samples[i - 1] < 0)) ++crossings;
  }
  const double seconds = static_cast<double>(clip.samples.size()) / clip.sample_rate;
  const Frames frames = frames_of(clip.sample_rate, 32, 16);
  const Eigen::RowVectorXd power = power_spectra(clip.samples, frames).colwise().mean();
  const Eigen::RowVectorXd hz =
      Eigen::RowVectorXd::LinSpaced(power.size(), 0, static_cast<double>(power.size() - 1))
      * (clip.sample_rate / static_cast<double>(frames.fft_length));
  const double total = power.sum();
  const double centroid = total > 0 ? power.dot(hz) / total : 0;
  const double spread = total > 0 ? power.dot((hz.array() - centroid).square().matrix()) / total : 0;
  Eigen::RowVectorXd row(5);
  row << seconds, 10 * std::log10(std::max(square / static_cast<double>(clip.samples.size()), power_floor)),
      centroid, std::sqrt(spread), crossings / seconds;
  return row;
}

/// The middle `count` rows; fewer are repeated from the first on.
RowMatrix middle(const RowMatrix& frames, Eigen::Index count) {
  RowMatrix cut(count, frames.cols());
  const Eigen::Index begin = std::max<Eigen::Index>(0, (frames.rows() - count) / 2);
  for (Eigen::Index t = 0; t < count; ++t) cut.row(t) = frames.row((begin + t) % frames.rows());
  return cut;
}

/// The mean of each of `count` equal parts.
RowMatrix stretched(const RowMatrix& frames, Eigen::Index count) {
  Dataset image{.image_rows = static_cast<int>(frames.rows()),
                .image_columns = static_cast<int>(frames.cols())};
  image.features = Eigen::Map<const RowMatrix>(frames.data(), 1, frames.size());
  const Dataset resized = resize(image, static_cast<int>(count), image.image_columns);
  return Eigen::Map<const RowMatrix>(resized.features.data(), count, frames.cols());
}

void set_level(RowMatrix& patch, LogMelPatch::Level level) {
  if (level == LogMelPatch::Level::as_is) return;
  patch.array() -= patch.mean();
  if (level == LogMelPatch::Level::centred) return;
  const double deviation = std::sqrt(patch.array().square().mean());
  if (deviation > 1e-12) patch /= deviation;
}

std::vector<std::string> numbered(const std::string& name, std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(name + std::to_string(i));
  return names;
}

std::vector<std::string> bin_names(double sample_rate, std::size_t length) {
  std::vector<std::string> names;
  for (std::size_t k = 0; k <= length / 2; ++k)
    names.push_back(
        std::to_string(std::lround(static_cast<double>(k) * sample_rate / static_cast<double>(length)))
        + "_hz_" + std::to_string(k));
  return names;
}

RowMatrix log_spectra(const Clip& clip, std::size_t length) {
  RowMatrix spectra =
      power_spectra(clip.samples, {.length = length, .hop = std::max<std::size_t>(length / 2, 1)});
  to_log(spectra);
  return spectra;
}

} // namespace

Dataset simple_features(std::span<const Clip> clips) {
  Dataset dataset = row_per_clip(clips, simple_row);
  dataset.feature_names = {"duration_s", "level_db", "centroid_hz", "bandwidth_hz", "zero_crossings_hz"};
  return dataset;
}

Dataset log_mel_patches(std::span<const Clip> clips, const LogMelPatch& options) {
  if (options.frames == 0) throw InputError("log-mel patches of 0 frames, at least 1 is needed");
  Dataset dataset = row_per_clip(clips, [&options](const Clip& clip) -> Eigen::RowVectorXd {
    const RowMatrix frames =
        log_mel(clip.samples, clip.sample_rate, frames_of(clip.sample_rate, options.frame_ms, options.hop_ms),
                {options.bands});
    const auto count = static_cast<Eigen::Index>(options.frames);
    RowMatrix patch =
        options.time == LogMelPatch::Time::centre ? middle(frames, count) : stretched(frames, count);
    set_level(patch, options.level);
    return Eigen::Map<const Eigen::RowVectorXd>(patch.data(), patch.size());
  });
  dataset.image_rows = static_cast<int>(options.frames);
  dataset.image_columns = static_cast<int>(options.bands);
  return dataset;
}

Dataset mfcc_statistics(std::span<const Clip> clips, const CepstralStatistics& options) {
  Dataset dataset = row_per_clip(clips, [&options](const Clip& clip) -> Eigen::RowVectorXd {
    const Frames frames = frames_of(clip.sample_rate, options.frame_ms, options.hop_ms);
    const RowMatrix c =
        cepstra(log_mel(clip.samples, clip.sample_rate, frames, {options.bands}), options.coefficients);
    const Eigen::RowVectorXd mean = c.colwise().mean();
    Eigen::RowVectorXd row(2 * mean.size());
    row << mean, (c.rowwise() - mean).array().square().colwise().mean().sqrt().matrix();
    return row;
  });
  dataset.feature_names = numbered("mean_c", options.coefficients);
  for (std::string& name : numbered("deviation_c", options.coefficients))
    dataset.feature_names.push_back(std::move(name));
  return dataset;
}

Dataset log_spectrum_means(std::span<const Clip> clips, std::size_t length) {
  Dataset dataset = row_per_clip(clips, [length](const Clip& clip) -> Eigen::RowVectorXd {
    return log_spectra(clip, length).colwise().mean();
  });
  dataset.feature_names = bin_names(clips.front().sample_rate, length);
  return dataset;
}

Dataset log_spectrum_frames(std::span<const Clip> clips, std::size_t length) {
  check_clips(clips);
  Dataset dataset{.feature_names = bin_names(clips.front().sample_rate, length), .name = clips.front().name};
  std::vector<RowMatrix> spectra;
  std::vector<std::size_t> clip_of;
  for (std::size_t c = 0; c < clips.size(); ++c) {
    spectra.push_back(log_spectra(clips[c], length));
    clip_of.insert(clip_of.end(), static_cast<std::size_t>(spectra.back().rows()), c);
  }
  dataset.features.resize(static_cast<Eigen::Index>(clip_of.size()), spectra.front().cols());
  Eigen::Index row = 0;
  for (const RowMatrix& of_clip : spectra) {
    dataset.features.middleRows(row, of_clip.rows()) = of_clip;
    row += of_clip.rows();
  }
  label_rows(dataset, clips, clip_of);
  return dataset;
}

} // namespace raphson::optim::data
