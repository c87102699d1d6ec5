#include "optim/tools/signals/mimo_isar_scenes.h"

#include "optim/engine/random.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace raphson::optim::tools {

TurntableGeometry experiment_turntable(double radius) {
  constexpr double speed = 299792458, wavelength = speed / 81e9; // the shortest
  constexpr std::size_t count = 32, turns = 256;
  TurntableGeometry g{.k = Wavenumbers::of_frequencies(77e9, 4e9 / (count - 1), count, speed),
                      .tx = {4 * wavelength, 8 * wavelength},
                      .rx = {},
                      .tracks = {},
                      .angles = {},
                      .radius = radius};
  for (int i = 0; i < 8; ++i) g.rx.push_back(0.5 * wavelength * i);
  const double middle = wavelength * (2 + 5.75) / 2; // of the array's midpoints
  for (int i = 0; i < 8; ++i) g.tracks.push_back(4 * wavelength * (i - 3.5) - middle);
  for (std::size_t i = 0; i < turns; ++i)
    g.angles.push_back(2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(turns));
  return g;
}

TurntableGeometry monostatic(const TurntableGeometry& geometry) {
  TurntableGeometry single = geometry;
  const VirtualArray array = virtual_array(geometry);
  single.tx = single.rx = {0};
  single.tracks.clear();
  for (std::size_t i = 0; i < array.channel.size(); ++i)
    single.tracks.push_back(array.first + array.step * static_cast<double>(i));
  return single;
}

std::vector<Scatterer> random_points(std::size_t count, std::uint64_t seed) {
  RandomStream random(seed, "points on the turntable");
  std::vector<Scatterer> points;
  while (points.size() < count) {
    const Point3 at{random.uniform(-0.03, 0.03), random.uniform(-0.025, 0.025), random.uniform(-0.03, 0.03)};
    const bool apart = std::all_of(points.begin(), points.end(),
                                   [&](const Scatterer& other) { return distance(at, other.at) >= 0.015; });
    if (apart && std::hypot(at.x, at.z) <= 0.03) points.push_back({at, 1});
  }
  return points;
}

} // namespace raphson::optim::tools
