#include "dsp/error.h"
#include "optim/report/text.h"
#include "optim/tools/signals/mimo_isar.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace raphson::optim::tools {
namespace {

std::string in_words(double value) { return report::format_significant(value, 4); }

} // namespace

std::vector<AntennaPair> TurntableGeometry::pairs() const {
  std::vector<AntennaPair> all;
  all.reserve(channels() * angles.size());
  for (const double track : tracks)
    for (const double t : tx)
      for (const double r : rx)
        for (const double angle : angles) {
          const double x = radius * std::cos(angle), z = radius * std::sin(angle);
          all.push_back({{x, track + t, z}, {x, track + r, z}});
        }
  return all;
}

VirtualArray virtual_array(const TurntableGeometry& g) {
  std::vector<double> heights, spacing;
  for (const double track : g.tracks)
    for (const double t : g.tx)
      for (const double r : g.rx) {
        heights.push_back(track + 0.5 * (t + r));
        spacing.push_back(t - r);
      }
  if (heights.size() < 2) throw InputError("one pair of antennas at one height: an image needs several");
  VirtualArray array;
  array.channel.resize(heights.size());
  std::iota(array.channel.begin(), array.channel.end(), std::size_t{0});
  std::stable_sort(array.channel.begin(), array.channel.end(),
                   [&](std::size_t a, std::size_t b) { return heights[a] < heights[b]; });
  array.first = heights[array.channel.front()];
  array.step = (heights[array.channel.back()] - array.first) / static_cast<double>(heights.size() - 1);
  double least = INFINITY, most = 0;
  for (std::size_t i = 0; i + 1 < heights.size(); ++i) {
    const double step = heights[array.channel[i + 1]] - heights[array.channel[i]];
    least = std::min(least, step);
    most = std::max(most, step);
  }
  bool uniform = array.step > 0;
  for (std::size_t i = 0; i < heights.size(); ++i)
    uniform = uniform
              && std::abs(heights[array.channel[i]] - array.first - array.step * static_cast<double>(i))
                     <= 0.01 * array.step;
  if (!uniform)
    throw InputError("the heights half way between transmitters and receivers, over all track heights, are "
                     "no uniform grid: steps from "
                     + in_words(1e3 * least) + " to " + in_words(1e3 * most) + " mm; --method bp takes any");
  for (const std::size_t channel : array.channel) array.spacing.push_back(spacing[channel]);
  return array;
}

void check(const TurntableGeometry& g) {
  if (g.tx.empty() || g.rx.empty() || g.tracks.empty())
    throw InputError("a transmitter, a receiver and a track height at least are needed");
  if (!(g.k.first > 0) || !(g.k.step > 0) || g.k.count < 2)
    throw InputError("two frequencies at least, above 0 and rising, are needed");
  if (!(g.radius > 0)) throw InputError("the radius must be above 0");
  if (g.angles.empty()) throw InputError("an angle at least is needed");
}

void check_circle(const TurntableGeometry& g) {
  constexpr double turn = 2 * std::numbers::pi, degree = turn / 360, most_wavelengths = 1e5;
  if (const double wavelength = g.k.shortest_wavelength(); !(g.radius / wavelength <= most_wavelengths))
    throw InputError(
        "a radius of " + in_words(g.radius) + " m at a wavelength of " + in_words(1e3 * wavelength)
        + " mm: 100000 wavelengths at most; are the radius in m, frequencies in Hz and --speed right?");
  if (g.angles.size() < 8)
    throw InputError("eight angles at least over the full turn are needed; --method bp takes any");
  const double expected = turn / static_cast<double>(g.angles.size());
  double least = INFINITY, most = -INFINITY;
  std::size_t widest = 0;
  for (std::size_t i = 0; i < g.angles.size(); ++i) {
    const double next = i + 1 < g.angles.size() ? g.angles[i + 1] : g.angles.front() + turn;
    const double step = next - g.angles[i];
    least = std::min(least, step);
    if (step > most) most = step, widest = i;
  }
  if (!(std::max(most - expected, expected - least) <= 0.01 * expected))
    throw InputError("angles must rise uniformly over the full turn: steps are " + in_words(least / degree)
                     + " to " + in_words(most / degree) + " degrees, the largest from angle "
                     + std::to_string(widest) + " (" + in_words(g.angles[widest] / degree) + " degrees) on, "
                     + in_words(expected / degree) + " expected; --method bp takes any");
}

double unambiguous_range(const Wavenumbers& k) { return std::numbers::pi / k.step; }

namespace {

/// Of the midpoints, lowest to highest, at half their mean step.
std::vector<double> heights_of_midpoints(const TurntableGeometry& g) {
  const auto [t0, t1] = std::minmax_element(g.tx.begin(), g.tx.end());
  const auto [r0, r1] = std::minmax_element(g.rx.begin(), g.rx.end());
  const auto [v0, v1] = std::minmax_element(g.tracks.begin(), g.tracks.end());
  const double low = *v0 + 0.5 * (*t0 + *r0), span = *v1 + 0.5 * (*t1 + *r1) - low;
  const std::size_t count = span > 0 ? 2 * g.channels() - 1 : 1;
  std::vector<double> heights{low};
  for (std::size_t i = 1; i < count; ++i)
    heights.push_back(low + span * static_cast<double>(i) / static_cast<double>(count - 1));
  return heights;
}

/// Voxels at multiples of the step, as far as the extent reaches.
std::vector<double> axis(double extent, double step) {
  const auto half = static_cast<long>(std::floor(extent / step + 1e-9));
  std::vector<double> values;
  for (long i = -half; i <= half; ++i) values.push_back(step * static_cast<double>(i));
  return values;
}

} // namespace

IsarVolume isar_grid(const TurntableGeometry& g, const IsarOptions& o) {
  const double step = std::numbers::pi / (2 * g.k.last());
  constexpr double most_across = 4096;
  const std::string extent = "--extent " + in_words(o.extent) + " m";
  const std::string waves =
      "wavelengths are from " + in_words(1e3 * g.k.shortest_wavelength()) + " mm: is --speed right?";
  if (!(o.extent < g.radius))
    throw InputError(extent + ": below the radius, " + in_words(g.radius) + " m, expected");
  if (!(o.extent >= step))
    throw InputError(extent + ": at least a voxel, " + in_words(step) + " m, expected");
  if (!(2 * o.extent <= unambiguous_range(g.k)))
    throw InputError(extent + ": the frequencies' step tells ranges apart up to "
                     + in_words(unambiguous_range(g.k)) + " m, half of which is the most; " + waves);
  if (!(2 * o.extent / step < most_across))
    throw InputError(extent + ": 4096 voxels across of " + in_words(step) + " m at most; " + waves);
  IsarVolume volume{.x = axis(o.extent, step), .y = o.heights, .z = {}, .step = step};
  volume.z = volume.x;
  if (volume.y.empty()) volume.y = heights_of_midpoints(g);
  return volume;
}

std::vector<Point3> IsarVolume::positions() const {
  std::vector<Point3> all;
  all.reserve(x.size() * y.size() * z.size());
  for (const double height : y)
    for (const double across : x)
      for (const double depth : z) all.push_back({across, height, depth});
  return all;
}

} // namespace raphson::optim::tools
