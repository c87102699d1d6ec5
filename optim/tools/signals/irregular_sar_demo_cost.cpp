#include "optim/tools/signals/irregular_sar_demo_parts.h"

#include "optim/engine/parallel.h"
#include "optim/tools/signals/imaging_growth.h"
#include "optim/tools/signals/irregular_sar_scenes.h"

#include <cmath>

namespace raphson::optim::tools {
namespace {

using Complex = std::complex<double>;
using report::at_least, report::at_most;

/// From 16 x 16 positions of one antenna and 4 wavenumbers on, by range migration.
Imaging raster_of(double scale) {
  const auto times = [scale](std::size_t count) {
    return static_cast<std::size_t>(std::lround(scale * static_cast<double>(count)));
  };
  Imaging imaging;
  const Scan scan = hand_scan({});
  imaging.k = scan.k;
  imaging.k.step *= static_cast<double>(scan.k.count - 1) / static_cast<double>(times(4) - 1);
  imaging.k.count = times(4);
  const double pitch = scan.wavelength / 4, middle = 0.5 * static_cast<double>(times(16) - 1);
  for (std::size_t i = 0; i < times(16); ++i)
    for (std::size_t j = 0; j < times(16); ++j) {
      const Point3 at{pitch * (static_cast<double>(i) - middle), pitch * (static_cast<double>(j) - middle),
                      0};
      imaging.pairs.push_back({at, at});
    }
  const double range = 0.025 * scale, first = range - 0.01 * scale, last = range + 0.01 * scale;
  imaging.echoes = simulate_echoes(imaging.pairs, std::vector<Scatterer>{{{0, 0, range}, 1}}, imaging.k, 1);
  const SarOptions o{.range = range, .plane = 0.0, .extent = pitch * middle};
  const SarSpectrum s(imaging.echoes, imaging.pairs, imaging.k, o);
  imaging.voxels = s.positions(s.migrate(first, last).z);
  imaging.by_fourier = [echoes = imaging.echoes, pairs = imaging.pairs, k = imaging.k, o, first, last] {
    SarSpectrum(echoes, pairs, k, o).migrate(first, last);
  };
  return imaging;
}

} // namespace

void sar_cost(report::ToolReport& report, std::uint64_t seed) {
  const Scan scan = hand_scan({.seed = seed});
  const auto pairs = scan.pairs();
  const std::vector<Complex> nothing(pairs.size() * scan.k.count, 1.0);
  // The field of the transforms, about twice the aperture.
  const SarSpectrum s(nothing, pairs, scan.k,
                      {.range = 0.2, .transform = 256, .extent = 0.115, .threads = default_threads()});
  const double pixels = static_cast<double>(s.x().size() * s.y().size());
  const double exact = back_projection_multiplications(pixels, static_cast<double>(pairs.size()),
                                                       static_cast<double>(scan.k.count));
  const double fast = s.spectrum_multiplications() + s.slice_multiplications();
  report.values.push_back({"multiplications of a slice of 249 x 249 cells", fast});
  report.values.push_back({"of the same by back-projection", exact});
  report.claims.push_back(
      at_least("multiplications of a slice, back-projection over Fourier", exact / fast, 500));
  report.claims.push_back(at_least("samples that went into the raster, of 16384",
                                   static_cast<double>(s.samples()), static_cast<double>(pairs.size())));
}

void sar_growth(report::ToolReport& report, const DemoOptions& options) {
  add_imaging_growth(report, options, raster_of);
}

} // namespace raphson::optim::tools
