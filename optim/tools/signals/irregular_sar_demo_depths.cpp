#include "optim/tools/signals/irregular_sar_demo_parts.h"

#include "optim/engine/parallel.h"
#include "optim/tools/signals/irregular_sar_scenes.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace raphson::optim::tools {
namespace {

using report::at_least, report::at_most;

constexpr double infinite = std::numeric_limits<double>::infinity();

/// Largest distance of the two highest peaks from the points: depth in m, across in cells.
struct DepthErrors {
  double depth = 0, across = 0;

  void include(const DepthErrors& other) {
    depth = std::max(depth, other.depth);
    across = std::max(across, other.across);
  }
};

DepthErrors depth_errors(std::span<const std::complex<double>> values, const std::vector<double>& z,
                         const SarSpectrum& s, const std::vector<Scatterer>& scene) {
  const auto positions = s.positions(z);
  const auto peaks = find_peaks(values, positions, scene.size(), 0.03);
  DepthErrors errors;
  for (const Scatterer& point : scene) {
    double nearest = infinite;
    Point3 at;
    for (const Peak& peak : peaks)
      if (distance(positions[peak.index], point.at) < nearest) {
        nearest = distance(positions[peak.index], point.at);
        at = positions[peak.index];
      }
    errors.include({std::abs(at.z - point.at.z),
                    std::max(std::abs(at.x - point.at.x), std::abs(at.y - point.at.y)) / s.step()});
  }
  return errors;
}

struct DepthTrial {
  DepthErrors sliced, migrated;
  double correlation = 1; // of the two volumes
};

DepthTrial two_depths(std::uint64_t seed) {
  const Scan scan = hand_scan({.seed = seed});
  const auto pairs = scan.pairs();
  const std::vector<Scatterer> scene{{{-0.010, 0.005, 0.22}, 1}, {{0.015, -0.010, 0.30}, 1}};
  const std::size_t threads = default_threads();
  const auto echoes = simulate_echoes(pairs, scene, scan.k, threads);
  const SarSpectrum s(echoes, pairs, scan.k,
                      {.range = 0.26, .plane = 0.0, .transform = 256, .extent = 0.03, .threads = threads});
  const SarSpectrum::Volume migrated = s.migrate(0.19, 0.33);
  const auto sliced = s.slices(migrated.z);
  return {depth_errors(sliced, migrated.z, s, scene), depth_errors(migrated.values, migrated.z, s, scene),
          magnitude_correlation(sliced, migrated.values)};
}

} // namespace

void sar_depths(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options) {
  DepthTrial worst;
  for (const std::uint64_t seed : seeds) {
    options.say("two depths, seed " + std::to_string(seed));
    const DepthTrial trial = two_depths(seed);
    worst.sliced.include(trial.sliced);
    worst.migrated.include(trial.migrated);
    worst.correlation = std::min(worst.correlation, trial.correlation);
  }
  const auto claim = [&](const std::string& by, const DepthErrors& off) {
    report.claims.push_back(at_most("two depths by " + by + ": off in depth, mm", 1e3 * off.depth, 5));
    report.claims.push_back(at_most("two depths by " + by + ": off across, cells", off.across, 1));
  };
  claim("slices", worst.sliced);
  claim("range migration", worst.migrated);
  report.claims.push_back(at_least("two depths: correlation of the two volumes", worst.correlation, 0.93));
}

} // namespace raphson::optim::tools
