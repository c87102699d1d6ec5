#include "optim/tools/signals/ggamp_demo_parts.h"
#include "optim/tools/signals/ggamp_plots.h"
#include "optim/tools/signals/ggamp_problems.h"
#include "optim/tools/signals/sparse_baselines.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace raphson::optim::tools {
namespace {

/// Taps of the truth within half their height.
int found(const Vector& x, const SpeechProblem& p) {
  return static_cast<int>(std::count_if(p.support.begin(), p.support.end(), [&](Eigen::Index n) {
    return std::abs(x[n] - p.taps[n]) < 0.5 * std::abs(p.taps[n]);
  }));
}

report::NamedFigure figure_of(const GgampSblResult& result, const SpeechProblem& p) {
  const report::Axis lag{"Lag", "samples"};
  std::vector<Stem> truth;
  for (const Eigen::Index n : p.support) truth.push_back({static_cast<double>(n), p.taps[n], 0});
  return {
      "speech",
      {{stem_plot("Recovered by GGAMP-SBL", lag, stems_of(result, 0, 1, 20)), stem_plot("Truth", lag, truth)},
       {880, 460},
       "Taps in 500 samples of speech"}};
}

} // namespace

void ggamp_speech(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options) {
  report::Table table{{{"speaker"},
                       {"seed"},
                       {"GGAMP-SBL (dB)"},
                       {"taps found of 15"},
                       {"least squares, best ridge (dB)"},
                       {"OMP, told 15: found"},
                       {"noise / truth"},
                       {"theta"},
                       {"sweeps"}},
                      {}};
  int least_found = 15, most_by_omp = 0;
  double worst = -std::numeric_limits<double>::infinity(), least_squares = -worst;
  for (const char* speaker : {"jackson", "theo"})
    for (const std::uint64_t seed : seeds) {
      if (options.brief && speaker != std::string("jackson")) continue;
      options.say(std::string("speech of ") + speaker);
      const SpeechProblem p = speech_problem(speaker, seed);
      const GgampSblResult r = ggamp_sbl(p.operator_of(), p.y);
      const Matrix a = p.operator_of().dense();
      const double ridge = nmse_db(best_ridge(a, p.y, p.taps), p.taps);
      const int by_omp = found(matching_pursuit(a, p.y, std::ssize(p.support)), p);
      const double error = nmse_db(r.x, p.taps);
      table.rows.push_back({speaker, seed, report::Cell::fixed(error, 1), found(r.x, p),
                            report::Cell::fixed(ridge, 1), by_omp, report::Cell::fixed(r.noise / p.noise, 2),
                            report::Cell::fixed(r.damping.theta, 3), r.sweeps});
      least_found = std::min(least_found, found(r.x, p));
      worst = std::max(worst, error);
      least_squares = std::min(least_squares, ridge);
      most_by_omp = std::max(most_by_omp, by_omp);
      if (report.figures.empty()) report.figures.push_back(figure_of(r, p));
    }
  report.tables.push_back(
      {"speech", "15 taps among 800 lags from 500 samples of speech at 8 kHz, noise 40 dB down", table});
  report.claims.push_back(report::at_least("speech: taps within half their height, of 15", least_found, 15));
  report.claims.push_back(report::at_most("speech: GGAMP-SBL's NMSE, dB", worst, -17));
  report.claims.push_back(report::at_least("speech: least squares' NMSE, dB", least_squares, -11));
  report.claims.push_back(report::at_most("speech: taps that OMP told 15 finds", most_by_omp, 11));
}

} // namespace raphson::optim::tools
