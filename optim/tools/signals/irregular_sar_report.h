// What `raphson irregular-mimo-sar-imaging` does, as reports.
#pragma once

#include "optim/report/tool_report.h"
#include "optim/tools/signals/irregular_sar.h"

#include <filesystem>
#include <functional>
#include <string>

namespace raphson::optim::tools {

enum class SarMethod { automatic, slices, migration, back_projection }; ///< slices up to 64, migration beyond

struct SarInput {
  std::filesystem::path data, positions, array;
  double speed = 299792458;        // m/s
  bool auto_range = false;         // Z_0 from the data
  std::vector<double> depths = {}; // from the plane on; none: the range alone
  SarMethod method = SarMethod::automatic;
  std::size_t peaks = 10;
  SarOptions options = {};
  std::function<void(const std::string&)> say = {};
};

/// DATA.npy: [position][tx][rx][frequency], complex, as exp(+j k path). POSITIONS.csv: x, y, z in m.
/// ARRAY.json: frequencies (imaging_json.h), "tx" and "rx" offsets [[x, y], ...] in m.
report::ToolReport sar_report(const SarInput& input);

/// A scene as data.npy: points (CSV: x, y, z in m, strength if it is there), or the pixels of a PNG above
/// 0.3, `pitch` apart at the range.
struct SceneInput {
  std::filesystem::path scene, positions, array;
  double speed = 299792458;
  double pitch = 0.002, range = 0;
  double snr_db = 60;
  std::uint64_t seed = 1;
  std::size_t threads = 1;
};
report::ToolReport simulate_scan(const SceneInput& input);

} // namespace raphson::optim::tools
