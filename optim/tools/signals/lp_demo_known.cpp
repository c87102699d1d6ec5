#include "optim/engine/k_svd.h"
#include "optim/engine/random.h"
#include "optim/engine/stopwatch.h"
#include "optim/tools/signals/lp_demo_parts.h"

#include <Eigen/QR>

#include <algorithm>
#include <map>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;

/// How far f fell at worst, over its value.
double largest_fall(const std::vector<double>& objective) {
  double fall = 0;
  for (std::size_t i = 1; i < objective.size(); ++i)
    fall = std::max(fall, (objective[i - 1] - objective[i]) / objective[i]);
  return fall;
}

double off_orthogonal(const Matrix& a) {
  return (a * a.transpose() - Matrix::Identity(a.rows(), a.rows())).cwiseAbs().maxCoeff();
}

struct Outcome {
  double error = 0, seconds = 0;
  int iterations = 0;
};

struct Worst {
  double fall = 0, off = 0;
};

Outcome climb(const KnownDictionary& known, double p, std::uint64_t seed, Worst& worst) {
  const Stopwatch stopwatch;
  const LpDictionary learnt =
      learn_lp_dictionary(columns_of(known.y), {.p = p, .orthogonal = true, .restarts = 1, .seed = seed});
  const double seconds = stopwatch.seconds();
  worst.fall = std::max(worst.fall, largest_fall(learnt.objective));
  worst.off = std::max(worst.off, off_orthogonal(learnt.rotation));
  return {recovery_error(learnt.rotation, known.d), seconds, learnt.iterations};
}

Outcome by_k_svd(const KnownDictionary& known, double theta, std::uint64_t seed) {
  const Stopwatch stopwatch;
  const auto n = known.d.cols();
  const KSvdOptions with{
      .atoms = n, .nonzeros = static_cast<Index>(theta * static_cast<double>(n) + 0.5), .seed = seed};
  const KSvd learnt = k_svd(known.y, with);
  const double seconds = stopwatch.seconds();
  return {recovery_error(learnt.dictionary.transpose(), known.d), seconds, with.iterations};
}

struct Setting {
  const char* name;
  Index r;
  double theta, noise;
};
constexpr Setting settings[] = {{"5,000 columns", 5000, 0.1, 0},
                                {"5,000 columns, noise 0.3", 5000, 0.1, 0.3},
                                {"1,000 columns, theta 0.2", 1000, 0.2, 0}};

void add_claims(report::ToolReport& report, std::size_t setting, const std::string& seed,
                std::map<double, Outcome>& by_p) {
  const auto claim = [&](const std::string& what) { return what + ", " + settings[setting].name + seed; };
  constexpr double limits[] = {0.004, 0.02, 0.025}, ratios[] = {2, 1.3, 2};
  report.claims.push_back(report::at_most(claim("error, p = 3"), by_p[3].error, limits[setting]));
  report.claims.push_back(
      report::at_least(claim("p = 4 over p = 3"), by_p[4].error / by_p[3].error, ratios[setting]));
  if (setting > 0) return;
  report.claims.push_back(report::at_most(claim("iterations, p = 3"), by_p[3].iterations, 60));
  report.claims.push_back(report::at_least(claim("p = 5 over p = 4"), by_p[5].error / by_p[4].error, 1));
  report.claims.push_back(report::at_least(claim("p = 6 over p = 5"), by_p[6].error / by_p[5].error, 1));
}

} // namespace

KnownDictionary known_dictionary(Index n, Index r, double theta, double noise, std::uint64_t seed) {
  RandomStream random(seed, "known dictionary");
  Matrix gaussian(n, n), x(n, r);
  for (double& entry : gaussian.reshaped()) entry = random.normal();
  for (double& entry : x.reshaped()) entry = random.uniform() < theta ? random.normal() : 0;
  const Matrix d = Eigen::HouseholderQR<Matrix>(gaussian).householderQ();
  Matrix y = d * x;
  if (noise > 0)
    for (double& entry : y.reshaped()) entry += noise * random.normal();
  return {d, y};
}

void lp_known_dictionaries(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options) {
  report::Table table{{{"data"}, {"seed"}, {"method"}, {"error"}, {"iterations"}, {"seconds"}}, {}};
  Worst worst;
  for (std::size_t s = 0; s < std::size(settings); ++s) {
    for (const std::uint64_t seed : seeds) {
      options.say(std::string("known dictionary, ") + settings[s].name + ", seed " + std::to_string(seed));
      const KnownDictionary known =
          known_dictionary(30, settings[s].r, settings[s].theta, settings[s].noise, seed);
      const auto row = [&](const std::string& method, const Outcome& o) {
        table.rows.push_back(
            {settings[s].name, seed, method, o.error, o.iterations, report::Cell::fixed(o.seconds, 2)});
      };
      std::map<double, Outcome> by_p;
      for (const double p : {3.0, 4.0, 5.0, 6.0}) {
        if (s > 0 && p > 4) continue;
        by_p[p] = climb(known, p, seed, worst);
        row("p = " + std::to_string(static_cast<int>(p)), by_p[p]);
      }
      row("K-SVD, told the sparsity", by_k_svd(known, settings[s].theta, seed));
      add_claims(report, s, ", seed " + std::to_string(seed), by_p);
    }
  }
  report.claims.push_back(
      report::at_most("f falls from one iteration to the next, at most", worst.fall, 1e-12));
  report.claims.push_back(report::at_most("A A^T off the identity, at most", worst.off, 1e-12));
  report.tables.push_back({"known", "Orthogonal dictionaries of 30 atoms, found again", table});
}

} // namespace raphson::optim::tools
