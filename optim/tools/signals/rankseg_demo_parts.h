// The parts of rankseg_rma_demo(), each of which adds its tables and claims to the report.
#pragma once

#include "optim/tools/demo.h"

namespace raphson::optim::tools {

/// Claims that are made of every seed, as one each: the worst seed's figure.
class SeedClaims {
public:
  explicit SeedClaims(report::ToolReport& report) : report_(report) {}
  void add(const report::Claim& claim);

private:
  report::ToolReport& report_;
};

/// Independent pixels with known probabilities: expected overlap of the threshold, RMA and the exact rule.
void rankseg_simulator(report::ToolReport& report, const DemoOptions& options);

/// Noisy handwritten digits: masks of one, and a bright and a dark one on grey.
void rankseg_digits(report::ToolReport& report, const DemoOptions& options);
void rankseg_two_digits(report::ToolReport& report, const DemoOptions& options);

/// Spoken digits in noise: which bins of the spectrogram are speech.
void rankseg_speech(report::ToolReport& report, const DemoOptions& options);

/// Passes and time by the number of pixels, against sorting and the exact rule.
void rankseg_growth(report::ToolReport& report, const DemoOptions& options);

/// 0 to 4 unless others are asked for; brief: the first.
Seeds rankseg_seeds(const DemoOptions& options);

} // namespace raphson::optim::tools
