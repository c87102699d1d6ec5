// Pictures of magnitudes in decibels below the largest.
#pragma once

#include "optim/data/dataset.h"
#include "optim/report/tool_report.h"

#include <complex>
#include <span>
#include <string>

namespace raphson::optim::tools {

/// Grey from white at the largest to black at `floor_db` below it.
report::NamedImage decibel_image(const std::string& name, const std::string& caption,
                                 const data::RowMatrix& magnitudes, double floor_db = -30);

/// The largest along each axis of a volume [y][x][z]: seen from the front (y, x), the side (y, z) and above
/// (x, z). The first axis of y runs upwards.
struct VolumeShape {
  std::size_t y, x, z;
};
void add_projections(report::ToolReport& report, std::span<const std::complex<double>> volume,
                     VolumeShape shape, const std::string& of, double floor_db = -30);

} // namespace raphson::optim::tools
