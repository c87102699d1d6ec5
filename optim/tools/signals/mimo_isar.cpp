#include "optim/tools/signals/mimo_isar.h"

#include "dsp/error.h"
#include "optim/engine/complex_fourier.h"
#include "optim/engine/fourier.h"
#include "optim/engine/parallel.h"
#include "optim/report/text.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace raphson::optim::tools {
namespace {

/// What one image needs throughout.
struct Plan {
  const TurntableGeometry& g;
  const IsarOptions& o;
  VirtualArray array;
  std::size_t angles, bins;               // N_theta, N_k
  std::size_t heights = 0, grid = 0;      // N_y, n
  std::size_t kernel_angles = 0;          // u N_theta
  std::vector<double> k_y = {}, k_x = {}; // of their bins
  std::vector<double> polar = {};         // angle index, fractional, of each (k_x, k_z)
};

std::size_t kernel_angles(const TurntableGeometry& g) {
  const double needed = 4 * g.k.last() * g.radius + 40;
  const auto angles = static_cast<double>(g.angles.size());
  return g.angles.size() * static_cast<std::size_t>(std::ceil(needed / angles));
}

Plan make_plan(const TurntableGeometry& g, const IsarOptions& o) {
  Plan p{.g = g, .o = o, .array = virtual_array(g), .angles = g.angles.size(), .bins = g.k.count};
  p.heights = o.height_transform > 0 ? o.height_transform : fast_transform_length(2 * g.channels());
  const double step = std::numbers::pi / (2 * g.k.last());
  p.grid = o.grid > 0 ? o.grid
                      : fast_transform_length(static_cast<std::size_t>(std::ceil(4 * o.extent / step)) + 2);
  if (p.grid % 2 != 0)
    throw InputError("a grid of " + std::to_string(p.grid) + " voxels: an even number expected");
  if (p.heights < g.channels() || static_cast<double>(p.grid) * step < 2 * o.extent)
    throw InputError("transforms of " + std::to_string(p.heights) + " heights and " + std::to_string(p.grid)
                     + " voxels are too short");
  p.kernel_angles = o.kernel_angles > 0 ? o.kernel_angles : kernel_angles(g);
  p.k_y = angular_frequencies(p.heights, p.array.step);
  p.k_x = angular_frequencies(p.grid, step);
  const double turn = 2 * std::numbers::pi, per_angle = static_cast<double>(p.angles) / turn;
  p.polar.reserve(p.grid * p.grid);
  for (const double kx : p.k_x)
    for (const double kz : p.k_x) {
      const double angle = std::atan2(kz, kx) - g.angles.front();
      p.polar.push_back((angle - turn * std::floor(angle / turn)) * per_angle);
    }
  return p;
}

void check_memory(const Plan& p, const IsarVolume& volume) {
  constexpr double most = 8e9; // bytes
  const auto pixels = static_cast<double>(volume.x.size() * volume.z.size());
  const double bytes = sizeof(Complex) * pixels * static_cast<double>(p.heights + volume.y.size());
  if (!(bytes <= most))
    throw InputError("--extent " + report::format_significant(p.o.extent, 4) + " m: a volume of "
                     + std::to_string(volume.x.size()) + " x " + std::to_string(volume.y.size()) + " x "
                     + std::to_string(volume.z.size()) + " voxels takes "
                     + report::format_significant(1e-9 * bytes, 3) + " GB to make, 8 at most");
}

double hann(double position) { // -1 ... 1
  return 0.5 + 0.5 * std::cos(std::numbers::pi * std::clamp(position, -1.0, 1.0));
}

/// [N_y][angle][wavenumber]: pairs as single antennas by rising height, transformed over it.
std::vector<Complex> height_spectrum(std::span<const Complex> data, const Plan& p) {
  const std::size_t plane = p.angles * p.bins;
  std::vector<Complex> spectrum(p.heights * plane);
  const double reference = p.o.reference > 0 ? p.o.reference : p.g.radius;
  for (std::size_t v = 0; v < p.array.channel.size(); ++v) {
    const double path = p.o.compensate ? pair_excess(p.array.spacing[v], reference) : 0;
    for (std::size_t i = 0; i < p.bins; ++i) {
      Complex shift = std::polar(1.0, -p.g.k[i] * path);
      if (p.o.window) shift *= hann(2 * (static_cast<double>(i) + 0.5) / static_cast<double>(p.bins) - 1);
      for (std::size_t a = 0; a < p.angles; ++a)
        spectrum[v * plane + a * p.bins + i] = data[p.array.channel[v] * plane + a * p.bins + i] * shift;
    }
  }
  const std::size_t shape[] = {p.heights, plane};
  transform(spectrum, shape, 0, Direction::forward);
  for (std::size_t y = 0; y < p.heights; ++y) {
    Complex shift = std::polar(1.0, -p.k_y[y] * p.array.first);
    if (p.o.window) shift *= hann(p.k_y[y] * p.array.step / std::numbers::pi);
    for (Complex& value : std::span(spectrum).subspan(y * plane, plane)) value *= shift;
  }
  return spectrum;
}

/// The circle divided out of one height frequency's plane [angle][wavenumber], in place.
void correlate_with_circle(std::span<Complex> plane, double k_y, const Plan& p) {
  const std::size_t shape[] = {p.angles, p.bins};
  transform(plane, shape, 0, Direction::forward);
  for (std::size_t i = 0; i < p.bins; ++i) {
    const double squared = 4 * p.g.k[i] * p.g.k[i] - k_y * k_y;
    if (!(squared > 0)) { // evanescent
      for (std::size_t a = 0; a < p.angles; ++a) plane[a * p.bins + i] = 0;
      continue;
    }
    const auto kernel = circle_kernel(std::sqrt(squared) * p.g.radius, p.angles, p.kernel_angles);
    for (std::size_t a = 0; a < p.angles; ++a) plane[a * p.bins + i] *= std::conj(kernel[a]);
  }
  transform(plane, shape, 0, Direction::inverse);
}

/// From rays [angle][wavenumber] to (k_x, k_z), bilinear in angle, which is periodic, and wavenumber.
void regrid(std::span<const Complex> plane, double k_y, const Plan& p, std::span<Complex> image) {
  const double last = static_cast<double>(p.bins - 1);
  for (std::size_t ix = 0; ix < p.grid; ++ix)
    for (std::size_t iz = 0; iz < p.grid; ++iz) {
      const std::size_t at = ix * p.grid + iz;
      const double k = 0.5 * std::sqrt(p.k_x[ix] * p.k_x[ix] + k_y * k_y + p.k_x[iz] * p.k_x[iz]);
      const double bin = (k - p.g.k.first) / p.g.k.step;
      if (!(bin >= 0 && bin <= last)) {
        image[at] = 0;
        continue;
      }
      const std::size_t b = std::min(static_cast<std::size_t>(bin), p.bins - 2);
      const double u = bin - static_cast<double>(b), angle = p.polar[at], whole = std::floor(angle);
      const double v = angle - whole;
      const std::size_t a = static_cast<std::size_t>(whole) % p.angles, next = (a + 1) % p.angles;
      const Complex* const low = plane.data() + a * p.bins + b;
      const Complex* const high = plane.data() + next * p.bins + b;
      image[at] = (1 - v) * ((1 - u) * low[0] + u * low[1]) + v * ((1 - u) * high[0] + u * high[1]);
    }
}

/// The x and z that the volume shows of an image whose origin is its first value.
void crop(std::span<const Complex> image, const Plan& p, std::size_t width, std::span<Complex> cropped) {
  const std::size_t half = width / 2;
  for (std::size_t i = 0; i < width; ++i)
    for (std::size_t j = 0; j < width; ++j)
      cropped[i * width + j] = image[(i + p.grid - half) % p.grid * p.grid + (j + p.grid - half) % p.grid];
}

double multiplications(const Plan& p, const IsarVolume& volume) {
  const auto planes = static_cast<double>(p.heights), angles = static_cast<double>(p.angles);
  const auto bins = static_cast<double>(p.bins), grid = static_cast<double>(p.grid);
  const auto voxels = static_cast<double>(volume.values.size());
  return 4 * static_cast<double>(p.array.channel.size()) * angles * bins
         + angles * bins * transform_multiplications(planes)
         + planes * bins
               * (2 * transform_multiplications(angles) + 4 * angles
                  + transform_multiplications(static_cast<double>(p.kernel_angles)))
         + planes * (12 * grid * grid + 2 * grid * transform_multiplications(grid)) + 4 * planes * voxels;
}

} // namespace

double pair_excess(double spacing, double reference) { return spacing * spacing / (4 * reference); }

std::vector<Complex> circle_kernel(double radius_wavenumber, std::size_t angles, std::size_t samples) {
  std::vector<Complex> wave(samples);
  for (std::size_t i = 0; i <= samples / 2; ++i) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(samples);
    wave[i] = std::polar(1.0, radius_wavenumber * std::cos(angle));
    if (i > 0) wave[samples - i] = wave[i];
  }
  transform(wave, Direction::forward);
  std::vector<Complex> kernel(angles);
  const double scale = static_cast<double>(angles) / static_cast<double>(samples);
  for (std::size_t n = 0; 2 * n < angles; ++n) { // even in n
    kernel[n] = scale * wave[n];
    if (n > 0) kernel[angles - n] = kernel[n];
  }
  return kernel;
}

IsarVolume isar_image(std::span<const Complex> data, const TurntableGeometry& g, const IsarOptions& o) {
  check(g);
  check_circle(g);
  IsarVolume volume = isar_grid(g, o);
  const Plan p = make_plan(g, o);
  check_memory(p, volume);
  if (data.size() != g.channels() * p.angles * p.bins)
    throw InputError(std::to_string(data.size()) + " values of data, the geometry has "
                     + std::to_string(g.channels() * p.angles * p.bins));
  if (!std::all_of(data.begin(), data.end(), [](const Complex& v) { return std::isfinite(std::norm(v)); }))
    throw InputError("the data hold a value that is not finite");
  std::vector<Complex> spectrum = height_spectrum(data, p);

  const std::size_t width = volume.x.size(), pixels = width * width;
  std::vector<Complex> slices(p.heights * pixels); // of each height frequency
  parallel_for(p.heights, o.threads, [&](std::size_t y, std::size_t) {
    const auto plane = std::span(spectrum).subspan(y * p.angles * p.bins, p.angles * p.bins);
    std::vector<Complex> image(p.grid * p.grid);
    correlate_with_circle(plane, p.k_y[y], p);
    regrid(plane, p.k_y[y], p, image);
    transform_images(image, p.grid, p.grid, Direction::inverse);
    crop(image, p, width, std::span(slices).subspan(y * pixels, pixels));
  });
  volume.values.resize(volume.y.size() * pixels);
  // A sum over the planes for each height: heights are any, and the voxels that are seen a part of the grid.
  parallel_for(volume.y.size(), o.threads, [&](std::size_t h, std::size_t) {
    const auto out = std::span(volume.values).subspan(h * pixels, pixels);
    for (std::size_t y = 0; y < p.heights; ++y) {
      const Complex wave = std::polar(1.0 / static_cast<double>(p.heights), p.k_y[y] * volume.y[h]);
      const Complex* const slice = slices.data() + y * pixels;
      for (std::size_t i = 0; i < pixels; ++i)
        out[i] += Complex(slice[i].real() * wave.real() - slice[i].imag() * wave.imag(),
                          slice[i].real() * wave.imag() + slice[i].imag() * wave.real());
    }
  });
  volume.multiplications = multiplications(p, volume);
  return volume;
}

} // namespace raphson::optim::tools
