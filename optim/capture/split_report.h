// The report of a split: report.json, a table for terminals, and report.html with the same and two plots, the
// noise of each take by octave and how evenly the clocks ran.
#pragma once

#include "optim/capture/split.h"
#include "optim/report/table.h"

#include <filesystem>
#include <string>
#include <vector>

namespace raphson::optim::capture {

struct TakeReport {
  std::size_t take = 0; ///< from 0
  double seconds = 0;
  std::string dry_file, wet_file; ///< beside the report
  std::vector<TakeChannel> channels;
  std::vector<std::string> warnings;
};

struct SplitReport {
  std::string plan_file, returned_file;
  double sample_rate = 0;
  double drift_ppm = 0;
  std::vector<TakeReport> takes;
  std::vector<std::string> warnings;
  struct MarkTime {
    std::size_t take, channel; ///< from 0
    double seconds;            ///< in the played file
    double residual_samples, snr_db;
  };
  std::vector<MarkTime> marks;
};

/// All but the takes.
SplitReport report_of(const Splitter& splitter, std::string plan_file, std::string returned_file);
TakeReport report_of(const TakePair& pair, std::string dry_file, std::string wet_file);

/// The warnings of the takes with their numbers, after those of the whole.
std::vector<std::string> all_warnings(const SplitReport& report);

report::Table take_table(const SplitReport& report);
std::string to_json(const SplitReport& report);

/// report.json and report.html. Throws InputError where they cannot be written.
void write_split_report(const std::filesystem::path& folder, const SplitReport& report);

} // namespace raphson::optim::capture
