#include "optim/tools/signals/irregular_sar.h"

#include "dsp/error.h"
#include "optim/engine/complex_fourier.h"
#include "optim/engine/fourier.h"
#include "optim/engine/parallel.h"
#include "optim/report/text.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <string>

namespace raphson::optim::tools {
namespace {

Point3 midpoint(const AntennaPair& pair) {
  const Point3 &t = pair.transmitter, &r = pair.receiver;
  return {0.5 * (t.x + r.x), 0.5 * (t.y + r.y), 0.5 * (t.z + r.z)};
}

std::string metres(double value) { return report::format_significant(value, 4) + " m"; }
std::string millimetres(double value) { return report::format_significant(1e3 * value, 4) + " mm"; }

constexpr double most_cells = 4096, longest_transform = 8192;

void check(std::span<const Complex> data, std::span<const AntennaPair> pairs, const Wavenumbers& k,
           const SarOptions& o) {
  if (pairs.empty() || data.size() != pairs.size() * k.count)
    throw InputError(std::to_string(data.size()) + " values of data, " + std::to_string(pairs.size())
                     + " samples of " + std::to_string(k.count) + " frequencies need "
                     + std::to_string(pairs.size() * k.count));
  if (!(k.first > 0) || !(k.step > 0) || k.count < 2)
    throw InputError("two frequencies at least, above 0 and rising, are needed");
  if (!(o.range > 0)) throw InputError("the range to the scene must be above 0");
  if (!std::all_of(data.begin(), data.end(), [](const Complex& v) { return std::isfinite(std::norm(v)); }))
    throw InputError("the data hold a value that is not finite");
}

/// Four terms, 92 dB. position -1 ... 1.
double blackman_harris(double position) {
  const double t = std::numbers::pi * (std::clamp(position, -1.0, 1.0) + 1);
  return 0.35875 - 0.48829 * std::cos(t) + 0.14128 * std::cos(2 * t) - 0.01168 * std::cos(3 * t);
}

/// Modified Bessel function of order 0 by its series.
double bessel_i0(double x) {
  double term = 1, sum = 1;
  for (int k = 1; term > 1e-17 * sum; ++k) {
    term *= x * x / (4.0 * k * k);
    sum += term;
  }
  return sum;
}

constexpr double kaiser_width = 2, kaiser_beta = 6; // half width in cells

double kaiser(double cells) {
  const double t = cells / kaiser_width;
  return std::abs(t) < 1 ? bessel_i0(kaiser_beta * std::sqrt(1 - t * t)) / bessel_i0(kaiser_beta) : 0;
}

} // namespace

double depth_resolution(const Wavenumbers& k) { return std::numbers::pi / (k.last() - k.first); }

double mean_plane(std::span<const AntennaPair> pairs) {
  double sum = 0;
  for (const AntennaPair& pair : pairs) sum += midpoint(pair).z;
  return sum / static_cast<double>(pairs.size());
}

void compensate(std::span<Complex> data, std::span<const AntennaPair> pairs, const Wavenumbers& k,
                const SarOptions& o, double plane) {
  for (std::size_t l = 0; l < pairs.size(); ++l) {
    const double dx = pairs[l].transmitter.x - pairs[l].receiver.x;
    const double dy = pairs[l].transmitter.y - pairs[l].receiver.y;
    double path = 0;
    if (o.compensate_planes) path += 2 * (plane - midpoint(pairs[l]).z);
    if (o.compensate_pairs) path += (dx * dx + dy * dy) / (4 * o.range);
    for (std::size_t i = 0; i < k.count; ++i) data[l * k.count + i] *= std::polar(1.0, -k[i] * path);
  }
}

SarSpectrum::SarSpectrum(std::span<const Complex> data, std::span<const AntennaPair> pairs,
                         const Wavenumbers& k, const SarOptions& options)
    : k_(k), options_(options) {
  check(data, pairs, k, options);
  plane_ = options.plane.value_or(mean_plane(pairs));
  step_ = options.raster > 0 ? options.raster : k.shortest_wavelength() / 4;
  measure(pairs);
  place();
  std::vector<Complex> moved(data.begin(), data.end());
  compensate(moved, pairs, k, options, plane_);
  grid(moved, pairs);
  describe(pairs);
  parallel_for(k.count, options.threads, [&](std::size_t i, std::size_t) {
    const auto image = std::span(spectrum_).subspan(i * n_ * n_, n_ * n_);
    transform_images(image, n_, n_, Direction::forward);
    if (!options_.window) return;
    for (std::size_t a = 0; a < n_ * n_; ++a)
      image[a] *=
          blackman_harris(k_x_[a / n_] / (2 * k_.last())) * blackman_harris(k_x_[a % n_] / (2 * k_.last()));
  });
}

void SarSpectrum::measure(std::span<const AntennaPair> pairs) {
  double x1 = -INFINITY, y1 = -INFINITY, z0 = INFINITY, z1 = -INFINITY;
  x0_ = y0_ = INFINITY;
  const double scene = plane_ + options_.range;
  for (std::size_t l = 0; l < pairs.size(); ++l) {
    const Point3 at = midpoint(pairs[l]);
    x0_ = std::min(x0_, at.x), x1 = std::max(x1, at.x);
    y0_ = std::min(y0_, at.y), y1 = std::max(y1, at.y);
    z0 = std::min(z0, at.z), z1 = std::max(z1, at.z);
    if (!(at.z < scene))
      throw InputError("sample " + std::to_string(l) + " (from 0) at z = " + metres(at.z)
                       + " lies beyond the scene at " + metres(scene) + ", the plane's z and the range");
  }
  aperture_x_ = x1 - x0_, aperture_y_ = y1 - y0_, z_span_ = z1 - z0;
}

// The raster's cells, the image's, and the length of transforms.
void SarSpectrum::place() {
  const double aperture = std::max(aperture_x_, aperture_y_), extent = options_.extent;
  const std::string given = "--extent " + metres(extent);
  if (!(aperture > 0)) throw InputError("all samples are at one place, an aperture is needed");
  if (!(step_ < aperture))
    throw InputError("--raster " + metres(step_) + ": cells smaller than the aperture, " + metres(aperture)
                     + ", expected");
  if (!(aperture / step_ < most_cells))
    throw InputError("an aperture of " + metres(aperture_x_) + " x " + metres(aperture_y_) + " in steps of "
                     + millimetres(step_)
                     + " exceeds 4096 cells: a larger --raster would do, or positions are not in m");
  if (!(extent >= step_)) throw InputError(given + ": at least a cell, " + millimetres(step_) + ", expected");
  if (!(2 * extent / step_ + 2 <= longest_transform))
    throw InputError(given + ": the most is " + metres(0.5 * step_ * (longest_transform - 2))
                     + " with cells of " + millimetres(step_));
  columns_ = static_cast<std::size_t>(std::lround(aperture_x_ / step_)) + 1;
  rows_ = static_cast<std::size_t>(std::lround(aperture_y_ / step_)) + 1;
  const auto across = static_cast<std::size_t>(std::ceil(2 * extent / step_)) + 2;
  n_ = options_.transform > 0 ? options_.transform
                              : fast_transform_length(std::max({2 * columns_, 2 * rows_, across}));
  if (n_ < std::max({columns_, rows_, across}))
    throw InputError("transforms of " + std::to_string(n_) + " cells are too short");
  const double bytes = sizeof(Complex) * static_cast<double>(k_.count) * static_cast<double>(n_ * n_);
  if (!(bytes <= sar_most_bytes))
    throw InputError(given + " and an aperture of " + metres(aperture) + " in cells of " + millimetres(step_)
                     + " take " + report::format_significant(1e-9 * bytes, 3)
                     + " GB, 8 at most: a larger --raster would do");
  k_x_ = angular_frequencies(n_, step_);
  const auto image_axis = [&](double first, double length, std::ptrdiff_t& cell) {
    const double middle = 0.5 * length;
    cell = static_cast<std::ptrdiff_t>(std::ceil((middle - options_.extent) / step_ - 1e-9));
    const auto last = static_cast<std::ptrdiff_t>(std::floor((middle + options_.extent) / step_ + 1e-9));
    std::vector<double> axis;
    for (std::ptrdiff_t i = cell; i <= last; ++i) axis.push_back(first + step_ * static_cast<double>(i));
    return axis;
  };
  x_ = image_axis(x0_, aperture_x_, first_x_);
  y_ = image_axis(y0_, aperture_y_, first_y_);
}

void SarSpectrum::grid(std::span<const Complex> data, std::span<const AntennaPair> pairs) {
  spectrum_.assign(k_.count * n_ * n_, 0);
  counts_.assign(rows_ * columns_, 0);
  std::vector<double> weights(rows_ * columns_, 0);
  const auto add = [&](std::size_t l, std::size_t row, std::size_t column, double weight) {
    weights[row * columns_ + column] += weight;
    for (std::size_t i = 0; i < k_.count; ++i)
      spectrum_[(i * n_ + row) * n_ + column] += weight * data[l * k_.count + i];
  };
  for (std::size_t l = 0; l < pairs.size(); ++l) {
    const Point3 at = midpoint(pairs[l]);
    const double x = (at.x - x0_) / step_, y = (at.y - y0_) / step_;
    const auto column = static_cast<std::size_t>(std::lround(x)),
               row = static_cast<std::size_t>(std::lround(y));
    counts_[row * columns_ + column] += 1;
    if (options_.gridding == Gridding::cell) {
      add(l, row, column, 1);
      continue;
    }
    const auto from = [](double cell) {
      return static_cast<std::size_t>(std::max(0.0, std::ceil(cell - kaiser_width)));
    };
    for (std::size_t r = from(y); r < std::min(rows_, static_cast<std::size_t>(y + kaiser_width) + 1); ++r)
      for (std::size_t c = from(x); c < std::min(columns_, static_cast<std::size_t>(x + kaiser_width) + 1);
           ++c)
        add(l, r, c, kaiser(static_cast<double>(c) - x) * kaiser(static_cast<double>(r) - y));
  }
  samples_ = static_cast<std::size_t>(std::accumulate(counts_.begin(), counts_.end(), 0.0));
  for (std::size_t i = 0; i < k_.count; ++i)
    for (std::size_t r = 0; r < rows_; ++r)
      for (std::size_t c = 0; c < columns_; ++c)
        if (weights[r * columns_ + c] > 0) spectrum_[(i * n_ + r) * n_ + c] /= weights[r * columns_ + c];
}

void SarSpectrum::describe(std::span<const AntennaPair> pairs) {
  const auto filled =
      static_cast<double>(std::count_if(counts_.begin(), counts_.end(), [](double c) { return c > 0; }));
  filled_ = filled / static_cast<double>(counts_.size());
  std::size_t longest = 0;
  const auto along = [&](std::size_t lines, std::size_t length, auto count_at) {
    for (std::size_t line = 0; line < lines; ++line)
      for (std::size_t i = 0, run = 0; i < length; ++i) {
        run = count_at(line, i) > 0 ? 0 : run + 1;
        longest = std::max(longest, run);
      }
  };
  along(rows_, columns_, [&](std::size_t r, std::size_t c) { return counts_[r * columns_ + c]; });
  along(columns_, rows_, [&](std::size_t c, std::size_t r) { return counts_[r * columns_ + c]; });
  largest_gap_ = step_ * static_cast<double>(longest + 1);
  double off = 0;
  for (const AntennaPair& pair : pairs) off = std::max(off, std::abs(plane_ - midpoint(pair).z));
  const double lateral = std::hypot(0.5 * aperture_x_ + options_.extent, 0.5 * aperture_y_ + options_.extent);
  residual_phase_ = 2 * k_.last() * off * (1 - options_.range / std::hypot(options_.range, lateral));
}

double SarSpectrum::k_z(std::size_t iy, std::size_t ix, double k) const {
  const double squared = 4 * k * k - k_x_[ix] * k_x_[ix] - k_x_[iy] * k_x_[iy];
  return squared > 0 ? std::sqrt(squared) : 0;
}

void SarSpectrum::crop(std::span<const Complex> image, std::span<Complex> cropped) const {
  const auto n = static_cast<std::ptrdiff_t>(n_);
  const auto wrapped = [n](std::ptrdiff_t i) { return static_cast<std::size_t>((i % n + n) % n); };
  for (std::size_t r = 0; r < y_.size(); ++r)
    for (std::size_t c = 0; c < x_.size(); ++c)
      cropped[r * x_.size() + c] = image[wrapped(first_y_ + static_cast<std::ptrdiff_t>(r)) * n_
                                         + wrapped(first_x_ + static_cast<std::ptrdiff_t>(c))];
}

std::vector<Complex> SarSpectrum::slices(const std::vector<double>& depths) const {
  const std::size_t pixels = x_.size() * y_.size();
  std::vector<Complex> images(depths.size() * pixels);
  parallel_for(depths.size(), options_.threads, [&](std::size_t d, std::size_t) {
    const double depth = depths[d] - plane_;
    std::vector<Complex> image(n_ * n_);
    for (std::size_t i = 0; i < k_.count; ++i)
      for (std::size_t iy = 0; iy < n_; ++iy)
        for (std::size_t ix = 0; ix < n_; ++ix) {
          const double kz = k_z(iy, ix, k_[i]);
          if (kz > 0)
            image[iy * n_ + ix] += spectrum_[(i * n_ + iy) * n_ + ix] * std::polar(1.0, -kz * depth);
        }
    transform_images(image, n_, n_, Direction::inverse);
    crop(image, std::span(images).subspan(d * pixels, pixels));
  });
  return images;
}

std::vector<Point3> SarSpectrum::positions(const std::vector<double>& depths) const {
  std::vector<Point3> all;
  all.reserve(depths.size() * y_.size() * x_.size());
  for (const double z : depths)
    for (const double y : y_)
      for (const double x : x_) all.push_back({x, y, z});
  return all;
}

double SarSpectrum::spectrum_multiplications() const {
  const auto n = static_cast<double>(n_), bins = static_cast<double>(k_.count);
  return bins * (4 * static_cast<double>(samples_) + 2 * n * transform_multiplications(n));
}

double SarSpectrum::slice_multiplications() const {
  const auto n = static_cast<double>(n_);
  return 4 * n * n * static_cast<double>(k_.count) + 2 * n * transform_multiplications(n);
}

} // namespace raphson::optim::tools
