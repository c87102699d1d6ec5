// How the cost of imaging by Fourier transforms grows with the data, against back-projection of the same
// volume: aperture, wavenumbers and scene grow together, the samples over three decades.
#pragma once

#include "optim/engine/wave_field.h"
#include "optim/tools/demo.h"

#include <functional>
#include <vector>

namespace raphson::optim::tools {

struct Imaging {
  std::vector<AntennaPair> pairs;
  Wavenumbers k;
  std::vector<std::complex<double>> echoes; // [pair][wavenumber]
  std::vector<Point3> voxels;
  std::function<void()> by_fourier; // makes the volume of these voxels, on one thread
};

/// Table, picture and claims. at(scale): lengths and counts are scale times the smallest, scale 1 to 10.
void add_imaging_growth(report::ToolReport& report, const DemoOptions& options,
                        const std::function<Imaging(double scale)>& at);

} // namespace raphson::optim::tools
