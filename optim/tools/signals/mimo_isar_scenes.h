// The turntable of the experiment and its scenes.
#pragma once

#include "optim/tools/signals/mimo_isar.h"

#include <cstdint>

namespace raphson::optim::tools {

/// 77 to 81 GHz in 32 steps; receivers at 0 ... 3.5 wavelengths (of 81 GHz), transmitters at 4 and 8; 8 track
/// heights that make 128 heights about 0; 256 angles.
TurntableGeometry experiment_turntable(double radius = 0.15);

/// One antenna that sends and receives at each of the heights half way between.
TurntableGeometry monostatic(const TurntableGeometry& geometry);

/// So many points of strength 1 in a cylinder of radius 3 cm and heights +-2.5 cm, at least 1.5 cm apart.
std::vector<Scatterer> random_points(std::size_t count, std::uint64_t seed);

} // namespace raphson::optim::tools
