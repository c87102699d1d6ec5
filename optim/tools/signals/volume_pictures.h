// Pictures of magnitudes in decibels below the largest, true to scale, with marks in millimetres.
#pragma once

#include "optim/data/dataset.h"
#include "optim/report/tool_report.h"

#include <complex>
#include <span>
#include <string>
#include <vector>

namespace raphson::optim::tools {

/// A picture of magnitudes [up][right]; `right` and `up` are where its columns and rows are, evenly, in m.
struct Section {
  std::string caption = {};
  data::RowMatrix magnitudes = {};
  std::vector<double> right = {}, up = {};
};

/// Side by side to one scale: grey from white at each one's largest to black at `floor_db` below it, with
/// marks along the edges, of which the long ones are at 0.
report::NamedImage decibel_sections(const std::string& name, const std::string& caption,
                                    const std::vector<Section>& sections, double floor_db = -30);

/// projections.svg: the largest along each axis of a volume [y][x][z], whose voxels are at these coordinates.
void add_projections(report::ToolReport& report, std::span<const std::complex<double>> volume,
                     const std::vector<double>& x, const std::vector<double>& y, const std::vector<double>& z,
                     const std::string& caption);

} // namespace raphson::optim::tools
