#include "optim/tools/signals/signal_columns.h"

#include "dsp/error.h"
#include "optim/data/clips.h"
#include "optim/data/csv.h"
#include "optim/data/folder.h"
#include "optim/data/idx.h"
#include "optim/data/npy_matrix.h"
#include "optim/data/png_image.h"
#include "optim/data/read_dataset.h"
#include "optim/engine/random.h"
#include "optim/engine/statistics.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace raphson::optim::tools {
namespace {

using data::RowMatrix;
using data::Tiling;
using Eigen::Index;

using Kind = SignalKind;

bool holds_recordings(const std::filesystem::path& folder) {
  const std::set<std::string> kinds{".wav", ".flac", ".aiff", ".aif", ".ogg"};
  const std::filesystem::recursive_directory_iterator files(folder);
  return std::any_of(begin(files), end(files), [&](const auto& file) {
    return kinds.contains(data::lower_case_extension(file.path()));
  });
}

std::vector<RowMatrix> images_of(const data::Dataset& rows) {
  std::vector<RowMatrix> images;
  for (Index i = 0; i < rows.features.rows(); ++i)
    images.push_back(rows.features.row(i).reshaped<Eigen::RowMajor>(rows.image_rows, rows.image_columns));
  return images;
}

/// The array's columns as signals.
SignalColumns read_array(const std::string& file, const SignalOptions& options) {
  const RowMatrix y = data::read_npy_matrix(file, "a signal a column");
  const Index rows = y.rows(), columns = y.cols();
  std::vector<Index> order(static_cast<std::size_t>(columns));
  for (Index i = 0; i < columns; ++i) order[static_cast<std::size_t>(i)] = i;
  RandomStream(options.seed, "signals").shuffle(order);
  if (columns > options.limit) order.resize(static_cast<std::size_t>(options.limit));
  const auto training =
      std::ssize(order) - static_cast<Index>(options.held_out * static_cast<double>(order.size()));
  SignalColumns result{.training = y(Eigen::all, std::vector(order.begin(), order.begin() + training)),
                       .held_out = y(Eigen::all, std::vector(order.begin() + training, order.end())),
                       .tile_columns = rows};
  if (y.maxCoeff() == y.minCoeff())
    throw InputError(file + ": one value throughout; data with some variation expected");
  return result;
}

struct Place {
  std::size_t whole;
  Index tile;
  double energy;
};

Vector centred_tile(const RowMatrix& whole, const Tiling& tiling, Index i, bool centre) {
  Vector tile = data::tile(whole, tiling, i);
  if (centre) tile.array() -= tile.mean();
  return tile;
}

/// Places of all tiles with more energy than the median and than none, in random order.
std::vector<Place> louder_half(const std::vector<RowMatrix>& wholes, const std::vector<Tiling>& tilings,
                               bool centre, std::uint64_t seed) {
  std::vector<Place> places;
  for (std::size_t w = 0; w < wholes.size(); ++w)
    for (Index i = 0; i < tilings[w].count(); ++i) {
      // Below rounding: one grey, its mean taken off.
      const double energy = centred_tile(wholes[w], tilings[w], i, centre).squaredNorm();
      if (energy > 1e-20) places.push_back({w, i, energy});
    }
  if (places.empty()) return places;
  const auto middle = places.begin() + std::ssize(places) / 2;
  std::nth_element(places.begin(), middle, places.end(), [](const Place& a, const Place& b) {
    return std::tie(a.energy, a.whole, a.tile) > std::tie(b.energy, b.whole, b.tile);
  });
  places.erase(std::max(middle, places.begin() + 1), places.end());
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return std::tie(a.whole, a.tile) < std::tie(b.whole, b.tile);
  });
  RandomStream(seed, "signals").shuffle(places);
  return places;
}

} // namespace

SignalKind kind_of(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path)) return holds_recordings(path) ? Kind::sound : Kind::image;
  const std::string extension = data::lower_case_extension(path), name = path.filename().string();
  if (extension == ".npy") return Kind::array;
  const bool idx = name.find("idx") != std::string::npos || name.find("ubyte") != std::string::npos;
  return extension == ".png" || idx ? Kind::image : Kind::sound;
}

Wholes read_wholes(const std::filesystem::path& path) {
  if (kind_of(path) == Kind::image) {
    if (std::filesystem::is_directory(path)) return {images_of(data::read_png_folder(path))};
    if (data::lower_case_extension(path) == ".png")
      return {{data::grey_levels(data::read_png(path), path.string())}};
    return {images_of(data::read_idx_images(path))};
  }
  Wholes wholes;
  for (const data::Clip& clip : data::read_clips(path, "")) {
    if (wholes.sample_rate != 0 && clip.sample_rate != wholes.sample_rate)
      throw InputError(clip.name + ": " + std::to_string(std::lround(clip.sample_rate)) + " Hz, others have "
                       + std::to_string(std::lround(wholes.sample_rate)) + "; one sample rate expected");
    wholes.sample_rate = clip.sample_rate;
    wholes.all.push_back(
        Eigen::Map<const Eigen::RowVectorXf>(clip.samples.data(), std::ssize(clip.samples)).cast<double>());
  }
  return wholes;
}

SignalColumns read_signal_columns(const std::vector<std::string>& files, const SignalOptions& options) {
  if (files.empty()) throw InputError("no files: recordings, images or an NPY file expected");
  const Kind kind = kind_of(files.front());
  if (kind == Kind::array) {
    if (files.size() > 1) throw InputError(files[1] + ": beside an NPY file no other is read");
    return read_array(files.front(), options);
  }
  Wholes wholes;
  for (const std::string& file : files) {
    if (kind_of(file) != kind)
      throw InputError(file + ": recordings and images do not mix; one kind expected");
    Wholes more = read_wholes(file);
    if (wholes.sample_rate != 0 && more.sample_rate != wholes.sample_rate)
      throw InputError(file + ": " + std::to_string(std::lround(more.sample_rate)) + " Hz, " + files.front()
                       + " has " + std::to_string(std::lround(wholes.sample_rate))
                       + "; one sample rate expected");
    wholes.sample_rate = more.sample_rate;
    std::move(more.all.begin(), more.all.end(), std::back_inserter(wholes.all));
  }
  const Index rows = kind == Kind::image ? options.patch : 1;
  const Index columns = kind == Kind::image ? options.patch : options.frame;
  const std::string what = (kind == Kind::image ? "--patch " : "--frame ") + std::to_string(columns);
  if (columns < 2) throw InputError(what + ": at least 2 expected");
  std::erase_if(wholes.all, [&](const RowMatrix& m) { return m.rows() < rows || m.cols() < columns; });
  if (wholes.all.empty()) throw InputError(files.front() + ": nothing in it is as large as " + what);
  std::vector<Tiling> tilings;
  for (const RowMatrix& m : wholes.all)
    tilings.push_back({m.rows(), m.cols(), rows, columns, (rows + 1) / 2, columns / 2});
  const bool centre = kind == Kind::image && !options.keep_mean;
  std::vector<Place> places = louder_half(wholes.all, tilings, centre, options.seed);
  if (places.empty())
    throw InputError(files.front()
                     + (kind == Kind::image ? ": one grey throughout; images expected that vary"
                                            : ": silence throughout; a sound expected"));
  if (std::ssize(places) > options.limit) places.resize(static_cast<std::size_t>(options.limit));
  Matrix all(rows * columns, std::ssize(places));
  for (Index i = 0; i < all.cols(); ++i) {
    const Place& place = places[static_cast<std::size_t>(i)];
    all.col(i) = centred_tile(wholes.all[place.whole], tilings[place.whole], place.tile, centre);
  }
  const auto held_out = static_cast<Index>(options.held_out * static_cast<double>(all.cols()));
  return {
      all.leftCols(all.cols() - held_out), all.rightCols(held_out), rows, columns, true, wholes.sample_rate};
}

} // namespace raphson::optim::tools
