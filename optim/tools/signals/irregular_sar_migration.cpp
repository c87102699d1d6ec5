#include "dsp/error.h"
#include "optim/engine/complex_fourier.h"
#include "optim/engine/fourier.h"
#include "optim/engine/parallel.h"
#include "optim/tools/signals/irregular_sar.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

namespace raphson::optim::tools {

// k_z from 0.6 x 2 k_max to 2 k_max, no coarser than the data's own step. The spectrum is first moved to the
// middle depth, without which it turns too fast for linear interpolation.
SarSpectrum::Volume SarSpectrum::migrate(double first, double last) const {
  const double middle = 0.5 * (first + last), top = 2 * k_.last(), bottom = 0.6 * top;
  const auto wanted = static_cast<std::size_t>(std::ceil((top - bottom) / (2 * k_.step)));
  const std::size_t points = fast_transform_length(std::max(2 * k_.count, wanted));
  const double step = (top - bottom) / static_cast<double>(points - 1);
  const double pitch = 2 * std::numbers::pi / (static_cast<double>(points) * step);
  const auto half = std::min(static_cast<std::ptrdiff_t>(std::floor(0.5 * (last - first) / pitch + 1e-9)),
                             static_cast<std::ptrdiff_t>(points / 2) - 1);
  Volume volume;
  for (std::ptrdiff_t d = -half; d <= half; ++d) volume.z.push_back(middle + pitch * static_cast<double>(d));
  const std::size_t cells = volume.z.size() * n_ * n_;
  if (!(sizeof(Complex) * static_cast<double>(cells) <= sar_most_bytes))
    throw InputError(std::to_string(volume.z.size()) + " depths of " + std::to_string(n_) + " x "
                     + std::to_string(n_)
                     + " cells take more than 8 GB: fewer --depths or a larger --raster would do");
  std::vector<Complex> images(cells); // [z][k_y][k_x]
  parallel_for(n_, options_.threads, [&](std::size_t iy, std::size_t) {
    std::vector<Complex> moved(k_.count), line(points);
    for (std::size_t ix = 0; ix < n_; ++ix) {
      for (std::size_t i = 0; i < k_.count; ++i) {
        const double kz = k_z(iy, ix, k_[i]);
        moved[i] = kz > 0 ? spectrum_[(i * n_ + iy) * n_ + ix] * std::polar(1.0, -kz * (middle - plane_)) : 0;
      }
      const double across = k_x_[ix] * k_x_[ix] + k_x_[iy] * k_x_[iy];
      for (std::size_t m = 0; m < points; ++m) {
        const double kz = bottom + step * static_cast<double>(m);
        const double bin = (0.5 * std::sqrt(across + kz * kz) - k_.first) / k_.step;
        if (!(bin >= 0 && bin <= static_cast<double>(k_.count - 1))) {
          line[m] = 0;
          continue;
        }
        const std::size_t b = std::min(static_cast<std::size_t>(bin), k_.count - 2);
        const double u = bin - static_cast<double>(b);
        line[m] = (1 - u) * moved[b] + u * moved[b + 1];
      }
      // Over exp(-j k_z (z - middle)), as a slice has it. (std::transform is found by its arguments, too.)
      optim::transform(line, Direction::forward);
      for (std::ptrdiff_t d = -half; d <= half; ++d) {
        const auto bin = static_cast<std::size_t>(d < 0 ? d + static_cast<std::ptrdiff_t>(points) : d);
        images[(static_cast<std::size_t>(d + half) * n_ + iy) * n_ + ix] =
            line[bin] * std::polar(1.0, -bottom * pitch * static_cast<double>(d));
      }
    }
  });
  const std::size_t pixels = x_.size() * y_.size();
  volume.values.resize(volume.z.size() * pixels);
  parallel_for(volume.z.size(), options_.threads, [&](std::size_t d, std::size_t) {
    const auto image = std::span(images).subspan(d * n_ * n_, n_ * n_);
    transform_images(image, n_, n_, Direction::inverse);
    crop(image, std::span(volume.values).subspan(d * pixels, pixels));
  });
  const auto n = static_cast<double>(n_), z = static_cast<double>(points);
  volume.multiplications =
      spectrum_multiplications()
      + n * n * (4 * static_cast<double>(k_.count) + 4 * z + transform_multiplications(z))
      + static_cast<double>(volume.z.size()) * 2 * n * transform_multiplications(n);
  return volume;
}

double find_range(std::span<const Complex> data, std::span<const AntennaPair> pairs, const Wavenumbers& k,
                  const SarOptions& options) {
  std::vector<Complex> moved(data.begin(), data.end());
  SarOptions planes = options;
  planes.compensate_planes = true;
  planes.compensate_pairs = false;
  planes.range = 1; // of the pairs' term, which is left out
  const double plane = options.plane.value_or(mean_plane(pairs));
  compensate(moved, pairs, k, planes, plane);
  // sum_k s(k) exp(-j k 2 r): r in steps of pi / (points step).
  const std::size_t points = fast_transform_length(4 * k.count);
  std::vector<double> profile(points);
  std::vector<Complex> line(points);
  for (std::size_t l = 0; l < pairs.size(); ++l) {
    std::fill(std::copy_n(moved.begin() + static_cast<std::ptrdiff_t>(l * k.count), k.count, line.begin()),
              line.end(), Complex(0));
    optim::transform(line, Direction::forward);
    for (std::size_t r = 0; r < points; ++r) profile[r] += std::abs(line[r]);
  }
  const double bin = std::numbers::pi / (static_cast<double>(points) * k.step);
  const auto strongest = std::max_element(profile.begin() + 1, profile.end()) - profile.begin();
  const double coarse = bin * static_cast<double>(strongest);

  SarOptions once = options;
  once.range = coarse;
  const SarSpectrum spectrum(data, pairs, k, once);
  std::vector<double> depths;
  const double resolution = depth_resolution(k);
  for (int i = -8; i <= 8; ++i) depths.push_back(spectrum.plane() + coarse + 0.25 * resolution * i);
  std::erase_if(depths, [&](double z) { return z <= spectrum.plane(); });
  const auto images = spectrum.slices(depths);
  const auto largest =
      std::max_element(images.begin(), images.end(),
                       [](const Complex& a, const Complex& b) { return std::norm(a) < std::norm(b); })
      - images.begin();
  const auto pixels = static_cast<std::ptrdiff_t>(spectrum.x().size() * spectrum.y().size());
  const std::ptrdiff_t slice = largest / pixels;
  double found = depths[static_cast<std::size_t>(slice)] - spectrum.plane();
  if (slice > 0 && slice + 1 < std::ssize(depths)) { // the summit of a parabola through it and its neighbours
    const auto magnitude = [&](std::ptrdiff_t to) {
      return std::abs(images[static_cast<std::size_t>(largest + to * pixels)]);
    };
    const double before = magnitude(-1), at = magnitude(0), after = magnitude(1);
    if (const double bend = before - 2 * at + after; bend < 0)
      found += 0.25 * resolution * 0.5 * (before - after) / bend;
  }
  return found;
}

} // namespace raphson::optim::tools
