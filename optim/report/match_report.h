// The report of one match: plain data in, report.json, report.html and three plots out. docs/report.md
// describes the JSON, a contract that scripts rely on (schema raphson.match.report/1).
#pragma once

#include "optim/report/html_page.h"
#include "optim/report/svg_plot.h"
#include "optim/report/table.h"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace raphson::optim::report {

/// What a bootstrap of the recording's stretches says of a parameter, in its unit.
struct BootstrapInterval {
  double standard_error = 0, low = 0, high = 0;
};

struct MatchParameter {
  std::string name = {};  // "attack_ms": the key in report.json, unique
  std::string label = {}; // "Attack"; the name where empty
  double value = 0;
  std::string unit = {}; // "dB", "ms", ":1", or empty
  double standard_error = std::numeric_limits<double>::infinity();
  bool determined = true;
  std::string note = {};
  std::optional<BootstrapInterval> bootstrap = {};
};

/// How the bootstrap was made (docs/matching.md).
struct MatchBootstrapRun {
  int draws = 0;
  double level = 0.95; ///< of the intervals
  int stretches = 0;   ///< that the recording was cut into
  double stretch_seconds = 0;
  double relative_noise = 0; ///< of the standard errors, from the number of draws
};

// One level in each signal, and the clone's difference from what it copies.
struct Levels {
  double dry = 0, wet = 0, clone = 0;
  double difference() const { return clone - wet; }
};

// ESR where the first half was fitted, and of that fit where the second half was scored.
/// Half of the recording fitted, the other half scored, in both directions.
struct HeldOut {
  double fitted_esr = 0;                               ///< of the first half, by the fit of the first
  double scored_esr = 0;                               ///< of the second half, by the fit of the first
  double second_fitted_esr = 0, second_scored_esr = 0; ///< likewise by the fit of the second
};

/// The part of a long recording that was fitted: stretches that stand for all of it (docs/matching.md).
struct Coreset {
  int chosen = 0, stretches = 0;
  double stretch_seconds = 0;
};

/// A stretch of the recording and what the fit would be without it (docs/matching.md).
struct AttributedStretch {
  double begin_s = 0, end_s = 0;
  double loss_share = 0;          ///< of the pre-emphasised error
  std::vector<double> shift = {}; ///< of each parameter without it, in the order of `parameters`
  double pull = 0;                ///< the shifts' size in standard errors
};

// A recurrent network that corrects the compressor's gain, trained after the fit.
struct NetworkTraining {
  int units = 0;
  std::size_t weights = 0;        // their number
  bool kept = false;              // else the clone is without it
  std::string reason = {};        // why not
  double esr_before = 0, esr = 0; // of the whole clip, without and with it
  std::optional<HeldOut> held_out_before = {}, held_out = {};
  int iterations = 0;
  double seconds = 0;
};

/// A chain that the search of "auto" tried: errors of the pre-emphasised excerpt.
struct Candidate {
  std::string stage = {}, model = {};
  std::size_t parameters = 0;
  double fitted_error = 0, held_out_error = 0;
  double seconds = 0;
  std::string verdict = {};
};

struct ConvergenceStep {
  int iteration = 0;
  double loss = 0;
  double gradient_norm = 0;
  double step_length = 0;
};

// Gain in dB over time, make-up left out: -6 where the unit reduces by 6 dB. NaN where undefined (silence).
struct GainReduction {
  std::vector<double> time_s = {};
  std::vector<double> target_db = {};
  std::vector<double> fit_db = {};
};

// The static curve, and optionally input and output levels measured in the recording.
struct TransferCurve {
  std::vector<double> input_db = {};
  std::vector<double> output_db = {};
  std::vector<double> measured_input_db = {};
  std::vector<double> measured_output_db = {};
};

struct MatchReportData {
  std::string title = "Match report";
  std::string model = {}; // "compressor"
  std::string dry_file = {}, wet_file = {};
  double sample_rate = 0;
  double audio_seconds = 0;

  std::vector<MatchParameter> parameters = {};
  double esr_before = 0; // dry against wet, level equalised as the caller says
  double esr = 0;        // clone against wet
  std::optional<HeldOut> held_out = {};
  std::optional<NetworkTraining> network = {};
  std::optional<MatchBootstrapRun> bootstrap = {};
  std::optional<Coreset> coreset = {};
  std::vector<AttributedStretch> attribution = {}; ///< of all of the recording in order, or none
  Levels loudness_lufs = {};
  Levels dynamic_range_lu = {}; // loudness dynamic range (LDR)
  double stft_distance = 0;
  double delay_samples = 0; // of wet behind dry
  bool polarity_inverted = false;

  bool converged = false;
  std::string stop_reason = {};
  double seconds = 0; // that the match took
  int iterations = 0;
  std::vector<ConvergenceStep> convergence = {};
  std::vector<Candidate> candidates = {}; // of the search of "auto"

  GainReduction gain_reduction = {};
  TransferCurve transfer = {};
  std::vector<std::string> warnings = {};
  std::vector<AudioClip> clips = {}; // dry, wet, clone, difference
};

// The contents of report.json; what is not finite becomes null. InputError where two parameters share a name.
nlohmann::json to_json(const MatchReportData& data);

/// The heading of the bootstrap's intervals: "95% interval".
std::string interval_heading(const MatchBootstrapRun& run);

// The candidates, the least unseen error first.
Table candidate_table(const MatchReportData& data);

/// The stretches that pull the fit most, `most` of them; of each the parameter that it moves furthest.
Table attribution_table(const MatchReportData& data, std::size_t most);
/// All of them in order, with every shift.
Table attribution_table(const MatchReportData& data);
Plot attribution_plot(const MatchReportData& data); // pull over time

Plot gain_reduction_plot(const MatchReportData& data);
Plot transfer_curve_plot(const MatchReportData& data);
std::vector<Plot> convergence_plots(const MatchReportData& data); // loss above gradient norm

std::string to_html(const MatchReportData& data);

// Creates the folder if need be and writes candidates.csv and attribution.csv (where there are any),
// gain-reduction.svg, transfer-curve.svg, convergence.svg, report.html and, last, report.json: where that is,
// all of it is. Throws InputError as the plots and the file writer do.
void write_match_report(const std::filesystem::path& directory, const MatchReportData& data);

} // namespace raphson::optim::report
