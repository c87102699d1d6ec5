// The parts of irregular_mimo_sar_imaging_demo(), each of which adds its tables, pictures and claims.
#pragma once

#include "optim/tools/demo.h"
#include "optim/tools/signals/irregular_sar.h"

#include <vector>

namespace raphson::optim::tools {

/// An image [y][x] at one depth.
struct SarSlice {
  std::vector<std::complex<double>> values;
  std::vector<Point3> positions;
  std::size_t width = 0;
};
SarSlice slice_at(const SarSpectrum& spectrum, double depth);

/// One point, against back-projection and one antenna on a plane.
void sar_points(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options);

/// Handwritten digits in noise, from positions off the raster.
void sar_digits(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options);

/// Two points at two depths, by slices and by range migration.
void sar_depths(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options);

/// Operations of a slice against back-projection's.
void sar_cost(report::ToolReport& report, std::uint64_t seed);

/// How time grows with the data.
void sar_growth(report::ToolReport& report, const DemoOptions& options);

} // namespace raphson::optim::tools
