#include "optim/engine/parallel.h"
#include "optim/report/text.h"
#include "optim/tools/signals/ggamp_demo_parts.h"
#include "optim/tools/signals/ggamp_problems.h"
#include "optim/tools/signals/ggamp_sbl.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace raphson::optim::tools {
namespace {

struct Trial {
  MatrixKind kind;
  std::uint64_t seed;
  double each_db = 0, joint_db = 0, following_db = 0, found_db = 0; // column by column, beta 0, 0.9, auto
  double beta = 0;                                                  // that auto found
  double noise_ratio = 0;
  int sweeps = 0;
};

void run(Trial& trial, bool with_auto) {
  const RecoveryProblem p = sparse_problem(
      trial.kind, {.rows = 120, .columns = 512, .nonzeros = 40, .vectors = 4, .beta = 0.9, .snr_db = 25},
      trial.seed);
  const DenseOperator a(p.a);
  Matrix each(p.x.rows(), p.x.cols());
  for (Eigen::Index t = 0; t < each.cols(); ++t) each.col(t) = ggamp_sbl(a, p.y.col(t)).x;
  const GgampSblResult following = ggamp_sbl(a, p.y, {.beta = 0.9});
  trial.each_db = nmse_db(each, p.x);
  trial.joint_db = nmse_db(ggamp_sbl(a, p.y).x, p.x);
  trial.following_db = nmse_db(following.x, p.x);
  trial.noise_ratio = following.noise / p.noise;
  trial.sweeps = following.sweeps;
  if (!with_auto) return;
  const GgampSblResult found = ggamp_sbl_auto(a, p.y);
  trial.found_db = nmse_db(found.x, p.x);
  trial.beta = found.beta;
}

} // namespace

void ggamp_vectors(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options) {
  std::vector<Trial> trials;
  for (const MatrixKind kind : {MatrixKind::independent, MatrixKind::correlated})
    for (const std::uint64_t seed : seeds)
      if (!options.brief || kind == MatrixKind::independent) trials.push_back({.kind = kind, .seed = seed});
  options.say("four vectors with one support");
  parallel_for(trials.size(), options.brief ? 1 : default_threads(),
               [&](std::size_t i, std::size_t) { run(trials[i], !options.brief); });

  report::Table table{{{"matrix"},
                       {"seed"},
                       {"column by column (dB)"},
                       {"TSBL, beta 0"},
                       {"TSBL, beta 0.9"},
                       {"TSBL, beta found"},
                       {"beta found"},
                       {"noise / truth"},
                       {"sweeps"}},
                      {}};
  double noise = 0;
  double better[2] = {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
  double following = std::numeric_limits<double>::infinity();
  double off = 0, behind = 0;                                        // of the beta that was found
  double correlated_least = following, correlated_most = -following; // beta 0.9 against beta 0
  for (const Trial& t : trials) {
    const auto found = [&](double value, int decimals) {
      return options.brief ? report::Cell("-") : report::Cell::fixed(value, decimals);
    };
    table.rows.push_back({name_of(t.kind), t.seed, report::Cell::fixed(t.each_db, 1),
                          report::Cell::fixed(t.joint_db, 1), report::Cell::fixed(t.following_db, 1),
                          found(t.found_db, 1), found(t.beta, 2), report::Cell::fixed(t.noise_ratio, 2),
                          t.sweeps});
    double& least = better[t.kind == MatrixKind::independent ? 0 : 1];
    least = std::min(least, t.each_db - t.following_db);
    if (t.kind == MatrixKind::independent) following = std::min(following, t.joint_db - t.following_db);
    noise = std::max(noise, std::max(t.noise_ratio, 1 / t.noise_ratio));
    off = std::max(off, std::abs(t.beta - 0.9));
    behind = std::max(behind, t.found_db - t.following_db);
    if (t.kind != MatrixKind::correlated) continue;
    correlated_least = std::min(correlated_least, t.joint_db - t.following_db);
    correlated_most = std::max(correlated_most, t.joint_db - t.following_db);
  }
  report.tables.push_back(
      {"vectors", "Four vectors with one support of 40 in 512, from 120 measurements each at 25 dB", table});
  report.claims.push_back(report::at_least("i.i.d.: TSBL against column by column, dB better", better[0], 3));
  if (!options.brief)
    report.claims.push_back(
        report::at_least("AR(1) rows: TSBL against column by column, dB better", better[1], 3));
  report.claims.push_back(report::at_least("i.i.d.: beta 0.9 against beta 0, dB better", following, 1));
  if (!options.brief) {
    report.claims.push_back(report::at_most("beta found, off by", off, 0.05));
    report.claims.push_back(report::at_most("the beta found against 0.9, dB worse", behind, 1));
    report.paragraphs.push_back(
        "To know how the vectors follow each other helps on i.i.d. matrices. On AR(1) rows, "
        "whose variances message passing gets wrong, beta 0.9 is between "
        + report::format_fixed(-correlated_least, 1) + " dB worse and "
        + report::format_fixed(correlated_most, 1) + " dB better than beta 0.");
  }
  report.claims.push_back(report::at_most("TSBL's noise variance against the truth, factor", noise, 2.5));
}

} // namespace raphson::optim::tools
