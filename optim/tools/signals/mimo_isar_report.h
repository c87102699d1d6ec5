// What `raphson mimo-isar-imaging` does, as reports.
#pragma once

#include "optim/report/tool_report.h"
#include "optim/tools/signals/mimo_isar.h"

#include <filesystem>
#include <functional>

namespace raphson::optim::tools {

/// GEOMETRY.json: frequencies (imaging_json.h), "tx" and "rx" heights in the array, "tracks" heights and
/// "radius" in m, "angles" in degrees, or how many over the full turn.
TurntableGeometry read_turntable(const std::filesystem::path& path, double speed);

struct IsarInput {
  std::filesystem::path data, geometry;
  double speed = 299792458; // m/s
  bool back_project = false;
  IsarOptions options = {};
  std::size_t peaks = 10;
  std::function<void(const std::string&)> say = {};
};

/// DATA.npy: [track][tx][rx][angle][frequency], complex, as exp(+j k path).
report::ToolReport isar_report(const IsarInput& input);

/// POINTS.csv with x, y, z in m and strength, if it is there: data.npy of them, with noise this many dB
/// below.
report::ToolReport simulate_turntable(const std::filesystem::path& points,
                                      const std::filesystem::path& geometry, double speed, double snr_db,
                                      std::uint64_t seed, std::size_t threads);

} // namespace raphson::optim::tools
