#include "optim/data/clips.h"
#include "optim/data/digits.h"
#include "optim/data/spectrogram.h"
#include "optim/engine/random.h"
#include "optim/engine/statistics.h"
#include "optim/tools/signals/signal_columns.h"

#include <cmath>
#include <stdexcept>

namespace raphson::optim::tools {
namespace {

using data::RowMatrix;
using Eigen::Index;

Matrix random_patches(const data::Dataset& images, Index count, RandomStream& random) {
  constexpr Index size = 8;
  Matrix patches(size * size, count);
  for (Index filled = 0; filled < count;) {
    const auto row = static_cast<Index>(random.index(images.size()));
    const auto image =
        images.features.row(row).reshaped<Eigen::RowMajor>(images.image_rows, images.image_columns);
    const auto top = static_cast<Index>(random.index(static_cast<std::size_t>(images.image_rows - size + 1)));
    const auto left =
        static_cast<Index>(random.index(static_cast<std::size_t>(images.image_columns - size + 1)));
    Vector patch = image.block(top, left, size, size).reshaped<Eigen::RowMajor>();
    patch.array() -= patch.mean();
    if (patch.norm() / size > 0.15) patches.col(filled++) = patch;
  }
  return patches;
}

std::vector<data::Clip> jackson(int first_take, int last_take) {
  return data::spoken_digits({.speakers = {"jackson"}, .first_take = first_take, .last_take = last_take});
}

/// Those above the median energy, as many as asked for, at random.
Matrix loud_rows(const RowMatrix& rows, const Vector& energy, Index count, std::uint64_t seed) {
  const double middle = median(energy);
  std::vector<Index> loud;
  for (Index i = 0; i < rows.rows(); ++i)
    if (energy[i] > middle) loud.push_back(i);
  if (std::ssize(loud) < count) throw std::logic_error("too few frames for the experiment");
  RandomStream(seed, "frames").shuffle(loud);
  loud.resize(static_cast<std::size_t>(count));
  return rows(loud, Eigen::all).transpose();
}

RowMatrix joined(const std::vector<RowMatrix>& parts) {
  Index rows = 0;
  for (const RowMatrix& part : parts) rows += part.rows();
  RowMatrix all(rows, parts.front().cols());
  rows = 0;
  for (const RowMatrix& part : parts) {
    all.middleRows(rows, part.rows()) = part;
    rows += part.rows();
  }
  return all;
}

Matrix frames_of_clips(const std::vector<data::Clip>& clips, Index count, std::uint64_t seed) {
  std::vector<RowMatrix> parts;
  for (const data::Clip& clip : clips) {
    const RowMatrix samples =
        Eigen::Map<const Eigen::RowVectorXf>(clip.samples.data(), std::ssize(clip.samples)).cast<double>();
    parts.push_back(data::cut_tiles(samples, data::frames_every(samples.cols(), 64, 32)).transpose());
  }
  const RowMatrix all = joined(parts);
  return loud_rows(all, all.rowwise().squaredNorm(), count, seed);
}

Matrix spectra_of_clips(const std::vector<data::Clip>& clips, Index count, std::uint64_t seed) {
  std::vector<RowMatrix> parts;
  for (const data::Clip& clip : clips)
    parts.push_back(data::power_spectra(clip.samples, {.length = 128, .hop = 64}).rightCols(64));
  RowMatrix all = joined(parts);
  const Vector energy = all.rowwise().sum();
  data::to_log(all);
  all.colwise() -= all.rowwise().mean();
  return loud_rows(all, energy, count, seed);
}

// Of 45 takes the first 34 are for training.
constexpr int last_training_take = 33, last_take = 44;

} // namespace

SignalColumns digit_patches(Index training, Index held_out, std::uint64_t seed) {
  const auto images = data::digits_split(2000, 1000, seed);
  RandomStream random(seed, "patches");
  SignalColumns result{.training = random_patches(images.training, training, random)};
  result.held_out = random_patches(images.held_out, held_out, random);
  result.tile_rows = result.tile_columns = 8;
  result.tiles = true;
  return result;
}

SignalColumns speech_frames(Index training, Index held_out, std::uint64_t seed) {
  return {frames_of_clips(jackson(0, last_training_take), training, seed),
          frames_of_clips(jackson(last_training_take + 1, last_take), held_out, seed),
          1,
          64,
          true,
          8000};
}

SignalColumns speech_spectra(Index training, Index held_out, std::uint64_t seed) {
  return {spectra_of_clips(jackson(0, last_training_take), training, seed),
          spectra_of_clips(jackson(last_training_take + 1, last_take), held_out, seed), 1, 64};
}

} // namespace raphson::optim::tools
