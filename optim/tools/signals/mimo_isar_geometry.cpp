#include "dsp/error.h"
#include "optim/tools/signals/mimo_isar.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace raphson::optim::tools {

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
                     + std::to_string(1e3 * least) + " to " + std::to_string(1e3 * most)
                     + " mm; --method bp takes any");
  for (const std::size_t channel : array.channel) array.spacing.push_back(spacing[channel]);
  return array;
}

void check(const TurntableGeometry& g) {
  if (g.tx.empty() || g.rx.empty() || g.tracks.empty())
    throw InputError("a transmitter, a receiver and a track height at least are needed");
  if (!(g.k.first > 0) || !(g.k.step > 0) || g.k.count < 2)
    throw InputError("two frequencies at least, above 0 and rising, are needed");
  if (!(g.radius > 0)) throw InputError("the radius must be above 0");
  if (g.angles.size() < 8) throw InputError("eight angles at least over the full turn are needed");
  const double step = 2 * std::numbers::pi / static_cast<double>(g.angles.size());
  for (std::size_t i = 0; i < g.angles.size(); ++i) {
    const double next = i + 1 < g.angles.size() ? g.angles[i + 1] : g.angles.front() + 2 * std::numbers::pi;
    if (std::abs(next - g.angles[i] - step) > 0.01 * step)
      throw InputError("angles must be uniform over the full turn: from angle " + std::to_string(i) + " ("
                       + std::to_string(g.angles[i] * 180 / std::numbers::pi) + " degrees) to the next are "
                       + std::to_string((next - g.angles[i]) * 180 / std::numbers::pi) + " degrees, "
                       + std::to_string(step * 180 / std::numbers::pi) + " expected; --method bp takes any");
  }
}

double unambiguous_range(const Wavenumbers& k) { return std::numbers::pi / k.step; }

namespace {

/// Voxels at multiples of the step, as far as the extent reaches.
std::vector<double> axis(double extent, double step) {
  const auto half = static_cast<long>(std::floor(extent / step + 1e-9));
  std::vector<double> values;
  for (long i = -half; i <= half; ++i) values.push_back(step * static_cast<double>(i));
  return values;
}

} // namespace

IsarVolume isar_grid(const TurntableGeometry& g, const IsarOptions& o) {
  if (!(o.extent > 0) || !(o.extent < g.radius))
    throw InputError("--extent " + std::to_string(o.extent) + " m: above 0 and below the radius, "
                     + std::to_string(g.radius) + " m, expected");
  if (!(2 * o.extent <= unambiguous_range(g.k)))
    throw InputError("--extent " + std::to_string(o.extent)
                     + " m: the frequencies' step tells ranges apart up to "
                     + std::to_string(unambiguous_range(g.k)) + " m, half of which is the most");
  IsarVolume volume;
  volume.x = axis(o.extent, std::numbers::pi / (2 * g.k.last()));
  volume.z = volume.x;
  volume.y = o.heights;
  if (volume.y.empty()) {
    const VirtualArray array = virtual_array(g);
    for (std::size_t i = 0; i < 2 * array.spacing.size() - 1; ++i)
      volume.y.push_back(array.first + 0.5 * array.step * static_cast<double>(i));
  }
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
