// What `raphson ggamp-sbl` does with matrices and with recordings, as reports.
#pragma once

#include "optim/report/tool_report.h"
#include "optim/tools/signals/ggamp_sbl.h"

#include <filesystem>
#include <string>
#include <vector>

namespace raphson::optim::tools {

struct RecoveryOptions {
  GgampSblOptions sbl = {};
  bool find_beta = false; ///< --beta auto
};

/// A: M x N, Y: M or M x T. Complex ones (either) are stacked, [[Re, -Im], [Im, Re]], and x.npy is complex
/// again. Throws InputError, one line naming the file, for what ggamp_sbl cannot take; std::runtime_error
/// where the sweeps diverge, as taps_report does.
report::ToolReport matrix_report(const std::filesystem::path& a, const std::filesystem::path& y,
                                 RecoveryOptions options);

struct TapsInput {
  std::filesystem::path dry;
  std::vector<std::filesystem::path> wet; ///< all channels of each are microphones that share the taps' lags
  int channel = 0;                        ///< of dry; 0: it has one
  std::size_t length = 800;               ///< lags 0 ... length - 1
  std::ptrdiff_t from = -1;               ///< sample; below 0: where dry is loudest while all files last
  std::size_t samples = 0;                ///< 0: 4 x length, at least 8192, if there are as many
};

/// Throws InputError where rates differ, a recording is too short for the stretch or silent in it, and as
/// read_audio and ggamp_sbl do.
report::ToolReport taps_report(const TapsInput& input, RecoveryOptions options);

} // namespace raphson::optim::tools
