// What `raphson rational-transfer-function` does with recordings, impulse responses and coefficients, as
// reports.
#pragma once

#include "optim/engine/rational_fit.h"
#include "optim/engine/rational_kernel.h"
#include "optim/report/tool_report.h"

#include <filesystem>
#include <string>
#include <vector>

namespace raphson::optim::tools {

struct Recording {
  std::vector<double> samples;
  double sample_rate = 0;
  std::string name = {}; ///< the file
};

/// `channel` counts from 1; 0: the file has to have one channel. Throws InputError where it has not, or not
/// so many, and as read_audio does.
Recording read_recording(const std::filesystem::path& path, int channel);

struct CloneOptions {
  RationalFitOptions fit = {};
  bool any_order = false; ///< --order auto
};

/// Throws InputError where the rates differ, and as fit_rational does. Wet may be late or early by a
/// constant delay, which is measured and taken off.
report::ToolReport clone_report(const Recording& dry, const Recording& wet, const CloneOptions& options);
report::ToolReport impulse_report(const Recording& response, const CloneOptions& options);

/// Samples by which wet is late beyond what a causal filter explains (match/align.h); negative where it is
/// early.
std::ptrdiff_t constant_delay(const Recording& dry, const Recording& wet);

// --- coefficients.json -------------------------------------------------------------------------------------

struct CoefficientFile {
  RationalCoefficients coefficients;
  std::size_t length = 0;
  double sample_rate = 0;
};

std::string to_json(const CoefficientFile& file, const dsp::RationalSections<double>& sections);
/// Of a network: h0, a and b of each filter, for kernels of this length.
std::string to_json(const std::vector<RationalCoefficients>& filters, std::size_t length);
/// Throws InputError, one line naming the file and the field.
CoefficientFile read_coefficients(const std::filesystem::path& path);

/// The kernel by Fourier transform and by recursion, and how far they differ.
report::ToolReport coefficients_report(const CoefficientFile& file);

} // namespace raphson::optim::tools
